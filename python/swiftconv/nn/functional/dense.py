"""Fully connected layers, and vectors for classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..._core import apply, operators

if TYPE_CHECKING:
    from ...tensor import Tensor

__all__ = ["linear", "one_hot"]

_LINEAR = operators["linear"]
_EQ = operators["eq"]


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    r"""Return :math:`x W^\top + b`.

    Parameters
    ----------
    input : Tensor
        ``(..., in_features)``.
    weight : Tensor
        ``(out_features, in_features)``.
    bias : Tensor, optional
        ``(out_features,)``.

    Returns
    -------
    Tensor
        ``(..., out_features)``.

    Raises
    ------
    ValueError
        When the sizes do not fit.

    Example
    -------
    >>> F.linear(sc.tensor([[1.0, 2.0]]), sc.tensor([[3.0, 4.0]]), sc.tensor([0.5]))
    tensor([[11.5000]])
    """
    return apply(_LINEAR, input, weight, bias)


def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """Return vectors of zeros with a one at each position given; int64.

    Parameters
    ----------
    tensor : Tensor
        Positions, int64 of any shape.
    num_classes : int
        The length of the vectors; -1 for one more than the largest position.

    Returns
    -------
    Tensor
        int64, the shape of `tensor` and one more axis.

    Example
    -------
    >>> F.one_hot(sc.tensor([2, 0]))
    tensor([[0, 0, 1],
            [1, 0, 0]])
    """
    from ...creation import arange

    if tensor.dtype.is_floating_point:
        raise TypeError(f"one_hot: expected integers, got {tensor.dtype}; use tensor.long()")
    count = num_classes if num_classes >= 0 else int(tensor.max()) + 1
    if tensor.numel() and (int(tensor.min()) < 0 or int(tensor.max()) >= count):
        raise ValueError(f"one_hot: positions must be from 0 to {count - 1}")
    return apply(_EQ, tensor.unsqueeze(-1), arange(count)).long()
