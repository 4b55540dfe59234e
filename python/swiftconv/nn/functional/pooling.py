"""Pooling: the largest element or the mean of windows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..._arguments import repeated
from ..._core import apply, operators

if TYPE_CHECKING:
    from ...tensor import Tensor

    Sizes = int | tuple[int, ...]

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "adaptive_max_pool3d",
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
]

_MAX_POOL = operators["max_pool"]
_AVG_POOL = operators["avg_pool"]
_ADAPTIVE_MAX_POOL = operators["adaptive_max_pool"]
_ADAPTIVE_AVG_POOL = operators["adaptive_avg_pool"]


def _windows(rank: int, name: str, kernel_size: Any, stride: Any, padding: Any, dilation: Any) -> list[tuple[int, ...]]:
    """Kernel size, stride, padding and dilation for every axis; windows touch unless a stride is given."""
    named = (("kernel_size", kernel_size), ("stride", stride), ("padding", padding), ("dilation", dilation))
    return [
        repeated(kernel_size if value is None or value == () else value, rank, f"{name}: {what}")
        for what, value in named
    ]


def max_pool(
    rank: int,
    input: Tensor,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    ceil_mode: bool,
    return_indices: bool,
) -> Any:
    """Return the largest elements of windows over `rank` axes, with their positions if wanted."""
    windows = _windows(rank, f"max_pool{rank}d", kernel_size, stride, padding, dilation)
    result = apply(_MAX_POOL, input, *windows, bool(ceil_mode), bool(return_indices))
    return tuple(result) if return_indices else result


def avg_pool(
    rank: int,
    input: Tensor,
    kernel_size: Any,
    stride: Any,
    padding: Any,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: int | None,
) -> Tensor:
    """Return the means of windows over `rank` axes."""
    name = f"avg_pool{rank}d"
    if divisor_override == 0:
        raise ValueError(f"{name}: divisor_override must not be 0")
    windows = _windows(rank, name, kernel_size, stride, padding, 1)
    return apply(_AVG_POOL, input, *windows, bool(ceil_mode), bool(count_include_pad), divisor_override or 0)


def adaptive_pool(rank: int, operator: int, input: Tensor, output_size: Any, name: str) -> Any:
    """Return one value for each of so many parts of the last `rank` axes; None keeps an axis as it is."""
    if isinstance(output_size, (tuple, list)):
        output_size = tuple(-1 if size is None else size for size in output_size)
    elif output_size is None:
        output_size = -1
    return apply(operator, input, repeated(output_size, rank, f"{name}: output_size"))


def max_pool1d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """Return the largest element of every window of ``(N, C, W)``; arguments as for `max_pool2d`.

    Example
    -------
    >>> F.max_pool1d(sc.tensor([[[1.0, 3.0, 2.0, 0.0]]]), 2)
    tensor([[[3., 2.]]])
    """
    return max_pool(1, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def max_pool2d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """Return the largest element of every window of ``(N, C, H, W)``.

    Parameters
    ----------
    input : Tensor
        ``(N, C, H, W)``, or without N.
    kernel_size : int or tuple of int
        The size of a window.
    stride : int or tuple of int, optional
        Distance between two windows; the size of a window if left out.
    padding : int or tuple of int
        Places on each side that count as minus infinity, at most half a window.
    dilation : int or tuple of int
        Distance between the elements of a window.
    ceil_mode : bool
        Whether a window may stick out at the end.
    return_indices : bool
        Return the int64 positions within each plane, too.

    Source
    ------
    Dive into Deep Learning, section 7.5.

    Example
    -------
    >>> F.max_pool2d(sc.arange(16.0).reshape(1, 1, 4, 4), 2)
    tensor([[[[ 5.,  7.],
              [13., 15.]]]])
    """
    return max_pool(2, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def max_pool3d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """Return the largest element of every window of ``(N, C, D, H, W)``; arguments as for `max_pool2d`.

    Example
    -------
    >>> F.max_pool3d(sc.arange(8.0).reshape(1, 1, 2, 2, 2), 2)
    tensor([[[[[7.]]]]])
    """
    return max_pool(3, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def avg_pool1d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """Return the mean of every window of ``(N, C, W)``; arguments as for `avg_pool2d`.

    Example
    -------
    >>> F.avg_pool1d(sc.tensor([[[1.0, 3.0, 2.0, 0.0]]]), 2)
    tensor([[[2., 1.]]])
    """
    return avg_pool(1, input, kernel_size, stride, padding, ceil_mode, count_include_pad, None)


def avg_pool2d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """Return the mean of every window of ``(N, C, H, W)``.

    Parameters
    ----------
    input, kernel_size, stride, ceil_mode
        As for `max_pool2d`.
    padding : int or tuple of int
        Zeros on each side.
    count_include_pad : bool
        Whether those zeros count.
    divisor_override : int, optional
        What sums are divided by instead of the number of elements.

    Source
    ------
    Dive into Deep Learning, section 7.5.

    Example
    -------
    >>> F.avg_pool2d(sc.arange(16.0).reshape(1, 1, 4, 4), 2)
    tensor([[[[ 2.5000,  4.5000],
              [10.5000, 12.5000]]]])
    """
    return avg_pool(2, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)


def avg_pool3d(
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """Return the mean of every window of ``(N, C, D, H, W)``; arguments as for `avg_pool2d`.

    Example
    -------
    >>> F.avg_pool3d(sc.arange(8.0).reshape(1, 1, 2, 2, 2), 2)
    tensor([[[[[3.5000]]]]])
    """
    return avg_pool(3, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)


def adaptive_avg_pool1d(input: Tensor, output_size: Any) -> Tensor:
    """Return the means of ``(N, C, W)``, cut into so many parts along each spatial axis.

    Parameters
    ----------
    input : Tensor
        ``(N, C, W)``, or without N.
    output_size : int or tuple
        The number of parts; None keeps an axis as it is.

    Example
    -------
    >>> F.adaptive_avg_pool1d(sc.tensor([[[1.0, 3.0, 2.0, 0.0]]]), 1)
    tensor([[[1.5000]]])
    """
    return adaptive_pool(1, _ADAPTIVE_AVG_POOL, input, output_size, "adaptive_avg_pool1d")


def adaptive_max_pool1d(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """Return the largest elements of ``(N, C, W)``, cut into so many parts along each spatial axis.

    Parameters
    ----------
    input, output_size
        As for `adaptive_avg_pool1d`.
    return_indices : bool
        Return the int64 positions within each plane, too.

    Example
    -------
    >>> F.adaptive_max_pool1d(sc.tensor([[[1.0, 3.0, 2.0, 0.0]]]), 1)
    tensor([[[3.]]])
    """
    values, indices = adaptive_pool(1, _ADAPTIVE_MAX_POOL, input, output_size, "adaptive_max_pool1d")
    return (values, indices) if return_indices else values


def adaptive_avg_pool2d(input: Tensor, output_size: Any) -> Tensor:
    """Return the means of ``(N, C, H, W)``, cut into so many parts along each spatial axis.

    Parameters
    ----------
    input : Tensor
        ``(N, C, H, W)``, or without N.
    output_size : int or tuple
        The number of parts; None keeps an axis as it is.

    Example
    -------
    >>> F.adaptive_avg_pool2d(sc.arange(16.0).reshape(1, 1, 4, 4), 1)
    tensor([[[[7.5000]]]])
    """
    return adaptive_pool(2, _ADAPTIVE_AVG_POOL, input, output_size, "adaptive_avg_pool2d")


def adaptive_max_pool2d(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """Return the largest elements of ``(N, C, H, W)``, cut into so many parts along each spatial axis.

    Parameters
    ----------
    input, output_size
        As for `adaptive_avg_pool2d`.
    return_indices : bool
        Return the int64 positions within each plane, too.

    Example
    -------
    >>> F.adaptive_max_pool2d(sc.arange(16.0).reshape(1, 1, 4, 4), 1)
    tensor([[[[15.]]]])
    """
    values, indices = adaptive_pool(2, _ADAPTIVE_MAX_POOL, input, output_size, "adaptive_max_pool2d")
    return (values, indices) if return_indices else values


def adaptive_avg_pool3d(input: Tensor, output_size: Any) -> Tensor:
    """Return the means of ``(N, C, D, H, W)``, cut into so many parts along each spatial axis.

    Parameters
    ----------
    input : Tensor
        ``(N, C, D, H, W)``, or without N.
    output_size : int or tuple
        The number of parts; None keeps an axis as it is.

    Example
    -------
    >>> F.adaptive_avg_pool3d(sc.arange(8.0).reshape(1, 1, 2, 2, 2), 1)
    tensor([[[[[3.5000]]]]])
    """
    return adaptive_pool(3, _ADAPTIVE_AVG_POOL, input, output_size, "adaptive_avg_pool3d")


def adaptive_max_pool3d(input: Tensor, output_size: Any, return_indices: bool = False) -> Any:
    """Return the largest elements of ``(N, C, D, H, W)``, cut into so many parts along each spatial axis.

    Parameters
    ----------
    input, output_size
        As for `adaptive_avg_pool3d`.
    return_indices : bool
        Return the int64 positions within each plane, too.

    Example
    -------
    >>> F.adaptive_max_pool3d(sc.arange(8.0).reshape(1, 1, 2, 2, 2), 1)
    tensor([[[[[7.]]]]])
    """
    values, indices = adaptive_pool(3, _ADAPTIVE_MAX_POOL, input, output_size, "adaptive_max_pool3d")
    return (values, indices) if return_indices else values
