"""Kernels that blur and sharpen."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy

from .._arguments import repeated
from ._kernel import kernel as as_kernel
from .derivatives import laplacian

if TYPE_CHECKING:
    from .._dtype import dtype as DType
    from ..tensor import Tensor


def _odd_sizes(size: int | tuple[int, int], name: str) -> tuple[int, int]:
    sizes = repeated(size, 2, f"{name}: size")
    if any(each < 1 or each % 2 == 0 for each in sizes):
        raise ValueError(f"{name}: size must be odd and positive, so that the kernel has a middle; got {sizes}")
    return sizes[0], sizes[1]


def identity(size: int | tuple[int, int] = 1, *, dtype: DType | None = None) -> Tensor:
    """Return the kernel that changes nothing: 1 in the middle, 0 elsewhere.

    Parameters
    ----------
    size : int or (int, int)
        Odd numbers of rows and columns.
    dtype : dtype, optional
        float32 or float64.

    Example
    -------
    >>> sc.filters.identity((1, 3))
    tensor([[0., 1., 0.]])
    """
    rows, columns = _odd_sizes(size, "identity")
    kernel = numpy.zeros((rows, columns))
    kernel[rows // 2, columns // 2] = 1
    return as_kernel(kernel, dtype)


def box(size: int | tuple[int, int] = 3, *, dtype: DType | None = None) -> Tensor:
    r"""Return the kernel of the mean over a window, the simplest blur.

    Of independent noise with variance :math:`\sigma^2` a mean over :math:`n` pixels leaves :math:`\sigma^2 / n`, more
    than any other weights of that size with sum 1. Edges become ramps as wide as the window.

    Parameters
    ----------
    size : int or (int, int)
        Odd numbers of rows and columns.
    dtype : dtype, optional
        float32 or float64.

    Returns
    -------
    Tensor
        `size`, its sum is 1.

    Example
    -------
    >>> sc.filters.box((1, 5))
    tensor([[0.2000, 0.2000, 0.2000, 0.2000, 0.2000]])
    """
    rows, columns = _odd_sizes(size, "box")
    return as_kernel(numpy.full((rows, columns), 1 / (rows * columns)), dtype)


def gaussian(
    size: int | tuple[int, int] = 3, sigma: float | tuple[float, float] | None = None, *, dtype: DType | None = None
) -> Tensor:
    r"""Return the kernel of a Gaussian blur, which weighs near pixels more and smooths all directions alike.

    .. math:: K_{ij} \propto \exp\left(-\frac{i^2}{2 \sigma_1^2} - \frac{j^2}{2 \sigma_2^2}\right)

    Parameters
    ----------
    size : int or (int, int)
        Odd numbers of rows and columns.
    sigma : float or (float, float), optional
        The standard deviation in pixels; ``size / 6`` when left out, so that the window ends at three of them.
    dtype : dtype, optional
        float32 or float64.

    Returns
    -------
    Tensor
        `size`, its sum is 1.

    Source
    ------
    Lindeberg, "Scale-space for discrete signals", DOI 10.1109/34.49051.

    Example
    -------
    >>> sc.filters.gaussian(3, sigma=1.0)
    tensor([[0.0751, 0.1238, 0.0751],
            [0.1238, 0.2042, 0.1238],
            [0.0751, 0.1238, 0.0751]])
    """
    sizes = _odd_sizes(size, "gaussian")
    if sigma is None:
        spreads = [each / 6 for each in sizes]
    else:
        spreads = [float(each) for each in (sigma if isinstance(sigma, (tuple, list)) else (sigma, sigma))]
    if len(spreads) != 2 or not all(math.isfinite(each) and each > 0 for each in spreads):
        raise ValueError(f"gaussian: sigma must be one or two positive numbers, got {sigma!r}")
    lines = []
    for each, spread in zip(sizes, spreads, strict=True):
        # Divided before it is squared: a tiny sigma gives infinity, whose exponential is 0, and never 0 / 0.
        with numpy.errstate(over="ignore"):
            line = numpy.exp(-(((numpy.arange(each) - each // 2) / spread) ** 2) / 2)
        lines.append(line / line.sum())
    return as_kernel(numpy.outer(*lines), dtype)


def sharpen(amount: float = 1.0, neighbours: int = 4, *, dtype: DType | None = None) -> Tensor:
    r"""Return the kernel that makes edges steeper: the image minus a multiple of its Laplacian.

    Around an edge the Laplacian is positive on the dark side and negative on the bright one, so taking it away makes
    the dark side darker and the bright one brighter.

    Parameters
    ----------
    amount : float
        How much of the Laplacian to take away.
    neighbours : {4, 8}
        As for `laplacian`.
    dtype : dtype, optional
        float32 or float64.

    Returns
    -------
    Tensor
        3 x 3, its sum is 1.

    Example
    -------
    >>> sc.filters.sharpen()
    tensor([[ 0., -1.,  0.],
            [-1.,  5., -1.],
            [ 0., -1.,  0.]])
    """
    if not math.isfinite(amount):
        raise ValueError(f"sharpen: amount must be a finite number, got {amount!r}")
    edges = laplacian(neighbours, dtype="float64").numpy()
    kernel = -amount * edges
    kernel[1, 1] += 1
    # Adding 0 turns -0 into 0.
    return as_kernel(kernel + 0.0, dtype)
