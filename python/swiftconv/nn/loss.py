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
            raise ValueError(f"{type(self).__name__}: reduction must be 'mean', 'sum' or 'none', got {reduction!r}")
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


class NLLLoss(_Loss):
    """Minus the log probabilities of the right classes; arguments as for ``nn.functional.nll_loss``.

    Example
    -------
    >>> nn.NLLLoss()(sc.tensor([[-0.5, -1.0]]), sc.tensor([1]))
    tensor(1.)
    """

    def __init__(self, weight: Tensor | None = None, ignore_index: int = -100, reduction: str = "mean") -> None:
        super().__init__(reduction)
        self.register_buffer("weight", weight)
        self.ignore_index = ignore_index

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss of log probabilities ``(N, C)`` for classes ``(N,)``."""
        return F.nll_loss(input, target, self.weight, self.ignore_index, self.reduction)


class BCEWithLogitsLoss(_Loss):
    """The cross-entropy of the probabilities ``sigmoid(input)``, computed from the scores themselves.

    Parameters
    ----------
    weight, pos_weight : Tensor, optional
        As for ``nn.functional.binary_cross_entropy_with_logits``.

    Example
    -------
    >>> nn.BCEWithLogitsLoss()(sc.tensor([0.0]), sc.tensor([1.0]))
    tensor(0.6931)
    """

    def __init__(self, weight: Tensor | None = None, reduction: str = "mean", pos_weight: Tensor | None = None) -> None:
        super().__init__(reduction)
        self.register_buffer("weight", weight)
        self.register_buffer("pos_weight", pos_weight)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss of scores for targets between 0 and 1."""
        return F.binary_cross_entropy_with_logits(input, target, self.weight, self.reduction, self.pos_weight)


class SmoothL1Loss(_Loss):
    """Squared differences near 0 and absolute ones elsewhere; see ``nn.functional.smooth_l1_loss``.

    Example
    -------
    >>> nn.SmoothL1Loss()(sc.tensor([0.5]), sc.zeros(1))
    tensor(0.1250)
    """

    def __init__(self, reduction: str = "mean", beta: float = 1.0) -> None:
        super().__init__(reduction)
        self.beta = beta

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss of predictions."""
        return F.smooth_l1_loss(input, target, self.reduction, self.beta)


class HuberLoss(_Loss):
    """Squared differences near 0 and absolute ones elsewhere; see ``nn.functional.huber_loss``.

    Example
    -------
    >>> nn.HuberLoss()(sc.tensor([0.5]), sc.zeros(1))
    tensor(0.1250)
    """

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction)
        self.delta = delta

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        """Return the loss of predictions."""
        return F.huber_loss(input, target, self.reduction, self.delta)
