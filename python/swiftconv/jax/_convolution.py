"""Windows over arrays whose channels come last: borders, convolution and pooling."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

from ..creation import zeros
from ..nn import functional as F
from ..nn.functional.conv import _CONVOLUTION, apply
from ..nn.functional.pooling import avg_pool
from . import _shapes
from ._array import Array, wrapped
from ._elementwise import to_float

Borders = list[tuple[int, int]]


def steps(value: Any, rank: int) -> tuple[int, ...]:
    """Return one number for each axis, of one for all or of several."""
    if value is None:
        return (1,) * rank
    if isinstance(value, (tuple, list)):
        return tuple(operator.index(each) for each in value)
    return (operator.index(value),) * rank


def borders(padding: Any, sizes: Sequence[int], windows: Sequence[int], strides: Sequence[int]) -> Borders:
    """Return the border before and after each axis, of a name or of pairs; windows count their holes."""
    if not isinstance(padding, str):
        return [(operator.index(before), operator.index(after)) for before, after in padding]
    name = padding.upper()
    if name == "VALID":
        return [(0, 0)] * len(sizes)
    if name not in ("SAME", "SAME_LOWER"):
        raise RuntimeError(f"Unrecognized padding type: expected 'VALID' or 'SAME', got {padding}.")
    found = []
    for size, window, stride in zip(sizes, windows, strides, strict=True):
        whole = max((-(-size // stride) - 1) * stride + window - size, 0)
        small, large = whole // 2, whole - whole // 2
        found.append((small, large) if name == "SAME" else (large, small))
    return found


def channels_first(tensor: Any) -> Any:
    """Return ``(N, ..., C)`` as ``(N, C, ...)``."""
    rank = tensor.ndim
    return tensor.permute((0, rank - 1, *range(1, rank - 1)))


def channels_last(tensor: Any) -> Any:
    """Return ``(N, C, ...)`` as ``(N, ..., C)``."""
    rank = tensor.ndim
    return tensor.permute((0, *range(2, rank), 1))


def _places(sizes: Sequence[int], windows: Sequence[int], strides: Sequence[int], around: Borders) -> list[int]:
    """How many places each window has along its axis."""
    several = zip(sizes, windows, strides, around, strict=True)
    return [max((size + sum(border) - window) // stride + 1, 0) for size, window, stride, border in several]


def convolve(
    x: Array, kernel: Any, bias: Any, strides: Sequence[int], padding: Any, dilation: Sequence[int], groups: int
) -> Array:
    """Return the convolution of ``(N, ..., C)`` with tensors: a kernel ``(..., C / groups, C_out)`` and a bias."""
    rank = x.ndim - 2
    windows = [step * (size - 1) + 1 for step, size in zip(dilation, kernel.shape[:rank], strict=True)]
    around = borders(padding, x.shape[1:-1], windows, strides)
    places = _places(x.shape[1:-1], windows, strides, around)
    if 0 in places:
        return _shapes.zeros((x.shape[0], *places, kernel.shape[-1]))
    before, after = zip(*around, strict=True)
    weight = kernel.permute((rank + 1, rank, *range(rank)))
    return wrapped(
        channels_last(
            apply(_CONVOLUTION, channels_first(x._tensor), weight, bias, strides, before, after, dilation, groups)
        )
    )


def pooled(
    operation: Callable[..., Any], inputs: Any, window_shape: Any, strides: Any, padding: Any, border: float
) -> Array:
    """Return what a native pooling makes of every window of ``(N, ..., C)``, with a value in the border."""
    x = to_float(inputs)
    windows = tuple(operator.index(each) for each in window_shape)
    rank = len(windows)
    if rank not in (1, 2, 3):
        raise ValueError(f"pooling: window_shape has {rank} axes, expected 1, 2 or 3")
    # As in Flax, the windows move by one place unless told otherwise.
    moves = steps(strides or 1, rank)
    tensor = channels_first(x._tensor if x.ndim == rank + 2 else x._tensor.unsqueeze(0))
    around = borders(padding, tensor.shape[2:], windows, moves)
    places = _places(tensor.shape[2:], windows, moves, around)
    if 0 in places:
        return _shapes.zeros((*x.shape[: x.ndim - rank - 1], *places, x.shape[-1]))
    sides = 0
    if any(before or after for before, after in around):
        even = all(
            before == after and 2 * before <= window for (before, after), window in zip(around, windows, strict=True)
        )
        if even:
            sides = tuple(before for before, _ in around)
        else:
            tensor = F.pad(tensor, [each for pair in around[::-1] for each in pair], "constant", border)
    result = channels_last(operation(tensor, windows, moves, sides))
    return wrapped(result if x.ndim == rank + 2 else result[0])


_MAX = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}


def largest(inputs: Any, window_shape: Any, strides: Any, padding: Any) -> Array:
    """Return the largest element of every window."""
    return pooled(_MAX[len(window_shape)], inputs, window_shape, strides, padding, -math.inf)


def mean(inputs: Any, window_shape: Any, strides: Any, padding: Any) -> Array:
    """Return the mean of every window, in which the border counts as zeros."""
    return total(inputs, window_shape, strides, padding) / math.prod(window_shape)


def total(inputs: Any, window_shape: Any, strides: Any, padding: Any) -> Array:
    """Return the sum of every window."""

    def operation(tensor: Any, windows: Any, moves: Any, sides: Any) -> Any:
        return avg_pool(len(windows), tensor, windows, moves, sides, False, True, 1)

    return pooled(operation, inputs, window_shape, strides, padding, 0.0)


def conv_general_dilated(
    lhs: Any,
    rhs: Any,
    window_strides: Sequence[int],
    padding: Any,
    lhs_dilation: Any = None,
    rhs_dilation: Any = None,
    dimension_numbers: Any = None,
    feature_group_count: int = 1,
    batch_group_count: int = 1,
    precision: Any = None,
    preferred_element_type: Any = None,
) -> Array:
    """Return a convolution whose axes are in the order that letters tell: ``("NHWC", "HWIO", "NHWC")``.

    Parameters
    ----------
    lhs, rhs : Array
        The images and the kernel; ``NCHW`` and ``OIHW`` if no letters are given.
    window_strides, rhs_dilation : sequence of int
        How far windows move, and how far their elements are apart.
    lhs_dilation : sequence of int
        How far the elements of the images are moved apart, with zeros between them, before anything else.
    feature_group_count, batch_group_count : int
        Into how many groups the channels, or else the images, are cut; each has an equal part of the kernel's outputs.
    padding : str or sequence of (int, int)
        "SAME", "VALID", or the border of each axis.

    Example
    -------
    >>> import swiftconv.jax as jax
    >>> jax.lax.conv_general_dilated(jax.numpy.ones((1, 1, 3, 3)), jax.numpy.ones((2, 1, 2, 2)), (1, 1), "VALID").shape
    (1, 2, 2, 2)
    """
    x, kernel = to_float(lhs), to_float(rhs)
    rank = x.ndim - 2
    groups = operator.index(batch_group_count)
    if groups != 1 and feature_group_count != 1:
        raise ValueError("conv_general_dilated: one of batch_group_count and feature_group_count must be 1")
    space = "DHW"[3 - rank :]
    images, weights, results = dimension_numbers or (f"NC{space}", f"OI{space}", f"NC{space}")
    last, order = f"N{space}C", f"{space}IO"
    moved_apart = steps(lhs_dilation, rank)
    if isinstance(padding, str) and set(moved_apart) != {1}:
        raise ValueError("conv_general_dilated: with lhs_dilation, padding must be pairs of numbers")
    x = _spread(_shapes.transpose(x, [images.index(each) for each in last]), moved_apart)
    weight = _shapes.transpose(kernel, [weights.index(each) for each in order])._tensor
    if groups < 1 or x.shape[0] % groups or weight.shape[-1] % groups:
        raise ValueError(
            f"conv_general_dilated: batch_group_count is {groups}, which does not divide {x.shape[0]} images and "
            f"{weight.shape[-1]} outputs"
        )
    images_each, outputs_each = x.shape[0] // groups, weight.shape[-1] // groups
    parts = [
        convolve(
            wrapped(x._tensor.narrow(0, group * images_each, images_each)),
            weight.narrow(-1, group * outputs_each, outputs_each),
            None,
            steps(window_strides, rank),
            padding,
            steps(rhs_dilation, rank),
            feature_group_count,
        )
        for group in range(groups)
    ]
    result = parts[0] if groups == 1 else _shapes.concatenate(parts, -1)
    return _shapes.transpose(result, [last.index(each) for each in results])


def _spread(x: Array, distances: Sequence[int]) -> Array:
    """Return ``(N, ..., C)`` with zeros between its elements."""
    if set(distances) == {1}:
        return x
    if min(distances) < 1:
        raise ValueError(f"conv_general_dilated: lhs_dilation is {tuple(distances)}, expected positive numbers")
    sizes = [max((size - 1) * distance + 1, 0) for size, distance in zip(x.shape[1:-1], distances, strict=True)]
    result = zeros(x.shape[0], *sizes, x.shape[-1], dtype=x._tensor.dtype)
    result[(slice(None), *(slice(None, None, distance) for distance in distances))] = x._tensor
    return wrapped(result)
