"""Losses as modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import functional as F
from .module import Module

if TYPE_CHECKING:
    from ..tensor import Tensor


class _Loss(Module):
    def __init__(self, reduction: str = "mean") -> None:
        super().__init__()
        if reduction not in ("mean", "sum", "none"):
            raise ValueError(
                f"{type(self).__name__}: reduction must be 'mean', 'sum' or 'none', got {reduction!r}"
            )
        self.reduction = reduction


class MSELoss(_Loss):
    """Squared differences: their mean, their sum or all of them.

    Source
    ------
    Dive into Deep Learning, section 3.5.3.

    Example
    -------
    >>> nn.MSELoss()(sc.tensor([1.0, 2.0]), sc.tensor([1.0, 4.0]))
    tensor(2.)
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss of predictions."""
        return F.mse_loss(input, target, self.reduction)


class L1Loss(_Loss):
    """Absolute differences: their mean, their sum or all of them.

    Example
    -------
    >>> nn.L1Loss()(sc.tensor([1.0, 2.0]), sc.tensor([1.0, 4.0]))
    tensor(1.)
    """

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss of predictions."""
        return F.l1_loss(input, target, self.reduction)


class CrossEntropyLoss(_Loss):
    """The cross-entropy of classes that scores predict; arguments as for ``nn.functional.cross_entropy``.

    Source
    ------
    Dive into Deep Learning, section 4.1.2.

    Example
    -------
    >>> nn.CrossEntropyLoss()(sc.tensor([[0.0, 0.0]]), sc.tensor([1]))
    tensor(0.6931)
    """

    def __init__(
        self,
        weight: Tensor | None = None,
        ignore_index: int = -100,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(reduction)
        self.register_buffer("weight", weight)
        self.ignore_index, self.label_smoothing = ignore_index, label_smoothing

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss of scores ``(N, C)`` for classes ``(N,)``."""
        return F.cross_entropy(input, target, self.weight, self.ignore_index, self.reduction, self.label_smoothing)
