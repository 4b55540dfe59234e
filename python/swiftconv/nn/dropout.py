"""Dropout layers. They do something in training mode only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import functional as F
from .module import Module

if TYPE_CHECKING:
    from ..tensor import Tensor


class _Dropout(Module):
    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"{type(self).__name__}: p must be a probability from 0 to 1, got {p}")
        self.p, self.inplace = p, inplace

    def extra_repr(self) -> str:
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(_Dropout):
    """Sets elements to zero at random, and enlarges the others so that the mean stays.

    Parameters
    ----------
    p : float
        The probability of each element to become zero.
    inplace : bool
        Whether to store the result in the input.

    Source
    ------
    Dive into Deep Learning, section 5.6.

    Example
    -------
    >>> nn.Dropout(0.5).eval()(sc.ones(3))
    tensor([1., 1., 1.])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return the input with elements dropped."""
        return F.dropout(input, self.p, self.training, self.inplace)


class Dropout1d(_Dropout):
    """Sets whole channels of ``(N, C, W)`` to zero at random; arguments as for `Dropout`.

    Example
    -------
    >>> nn.Dropout1d(0.5).eval()(sc.ones(1, 2, 3))
    tensor([[[1., 1., 1.],
             [1., 1., 1.]]])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return the input with channels dropped."""
        return F.dropout1d(input, self.p, self.training, self.inplace)


class Dropout2d(_Dropout):
    """Sets whole channels of ``(N, C, H, W)`` to zero at random; arguments as for `Dropout`.

    Example
    -------
    >>> nn.Dropout2d(1.0)(sc.ones(1, 2, 3, 3)).sum()
    tensor(0.)
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return the input with channels dropped."""
        return F.dropout2d(input, self.p, self.training, self.inplace)


class Dropout3d(_Dropout):
    """Sets whole channels of ``(N, C, D, H, W)`` to zero at random; arguments as for `Dropout`.

    Example
    -------
    >>> nn.Dropout3d(0.5)(sc.ones(1, 2, 3, 3, 3)).shape
    swiftconv.Size([1, 2, 3, 3, 3])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return the input with channels dropped."""
        return F.dropout3d(input, self.p, self.training, self.inplace)
