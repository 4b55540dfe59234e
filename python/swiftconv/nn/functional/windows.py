"""Borders around tensors, and windows as columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..._arguments import repeated, sizes
from ..._core import apply, operators

if TYPE_CHECKING:
    from ...tensor import Tensor

    Pair = int | tuple[int, int]

__all__ = ["fold", "pad", "unfold"]

_PAD = operators["pad"]
_UNFOLD = operators["unfold"]
_FOLD = operators["fold"]

# Codes of the core.
_MODES = {"constant": 0, "reflect": 1, "replicate": 2, "circular": 3}


def pad(input: Tensor, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Tensor:
    """Return the tensor with a border.

    Parameters
    ----------
    input : Tensor
        Any shape.
    pad : sequence of int
        How many elements before and after the last axis, then before and after the one before it, and so on; negative
        numbers cut off.
    mode : {"constant", "reflect", "replicate", "circular"}
        What the border shows: a value, the mirrored tensor, its edge, or its other side.
    value : float, optional
        The value of "constant"; 0 if left out.

    Raises
    ------
    ValueError
        When there are too many numbers or an odd number of them, or when a border is larger than its mode allows.

    Source
    ------
    Dive into Deep Learning, section 7.3.1.

    Example
    -------
    >>> F.pad(sc.tensor([[1, 2]]), (1, 1, 0, 1))
    tensor([[0, 1, 2, 0],
            [0, 0, 0, 0]])
    """
    given = sizes((pad,), "pad")
    if len(given) % 2 or len(given) > 2 * input.ndim:
        raise ValueError(f"pad: expected two numbers per axis for at most {input.ndim} axes, got {given}")
    if mode not in _MODES:
        raise ValueError(f"pad: mode must be one of {', '.join(map(repr, _MODES))}, got {mode!r}")
    if mode != "constant" and value:
        raise ValueError(f"pad: a value is for mode 'constant', not {mode!r}")
    none = (0,) * (input.ndim - len(given) // 2)
    before, after = none + given[0::2][::-1], none + given[1::2][::-1]
    return apply(_PAD, input, before, after, _MODES[mode], float(value or 0))


def unfold(input: Tensor, kernel_size: Pair, dilation: Pair = 1, padding: Pair = 0, stride: Pair = 1) -> Tensor:
    """Return the windows of a batch of images as columns, so that a convolution is a matrix product.

    Parameters
    ----------
    input : Tensor
        ``(N, C, H, W)``.
    kernel_size, dilation, padding, stride : int or (int, int)
        As for `conv2d`.

    Returns
    -------
    Tensor
        ``(N, C * kh * kw, positions)``.

    Source
    ------
    Chellapilla, Puri, Simard, "High Performance Convolutional Neural Networks for Document Processing", 2006.

    Example
    -------
    >>> F.unfold(sc.arange(6.0).reshape(1, 1, 2, 3), 2)
    tensor([[[0., 1.],
             [1., 2.],
             [3., 4.],
             [4., 5.]]])
    """
    windows = ((kernel_size, "kernel_size"), (dilation, "dilation"), (padding, "padding"), (stride, "stride"))
    return apply(_UNFOLD, input, *[repeated(value, 2, f"unfold: {what}") for value, what in windows])


def fold(
    input: Tensor, output_size: Pair, kernel_size: Pair, dilation: Pair = 1, padding: Pair = 0, stride: Pair = 1
) -> Tensor:
    """Return images from columns, where windows overlap added up; the reverse direction of `unfold`.

    Parameters
    ----------
    input : Tensor
        ``(N, C * kh * kw, positions)``.
    output_size : int or (int, int)
        ``(H, W)``.
    kernel_size, dilation, padding, stride : int or (int, int)
        As for `unfold`.

    Returns
    -------
    Tensor
        ``(N, C, H, W)``.

    Example
    -------
    >>> F.fold(sc.ones(1, 4, 2), (2, 3), 2)
    tensor([[[[1., 2., 1.],
              [1., 2., 1.]]]])
    """
    windows = ((kernel_size, "kernel_size"), (dilation, "dilation"), (padding, "padding"), (stride, "stride"))
    lists = [repeated(value, 2, f"fold: {what}") for value, what in windows]
    return apply(_FOLD, input, repeated(output_size, 2, "fold: output_size"), *lists)
