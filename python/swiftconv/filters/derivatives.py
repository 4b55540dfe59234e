"""Kernels of derivatives, and the classical edge detectors made of them."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy

from .._arguments import repeated
from ._kernel import kernel as as_kernel

if TYPE_CHECKING:
    from .._dtype import dtype as DType
    from ..tensor import Tensor

# The largest kernel of finite differences: more weights say nothing more about images.
_LARGEST = 25

# Across the direction of the derivative: weights of a mean over three neighbours.
_SMOOTHING = {"prewitt": (1, 1, 1), "sobel": (1, 2, 1), "scharr": (3, 10, 3)}


def _direction(v: Any, name: str) -> tuple[float, float]:
    try:
        down, right = (float(each) for each in v)
    except (TypeError, ValueError):
        raise ValueError(f"{name}: v must be two numbers, down the rows and along the columns; got {v!r}") from None
    if not (math.isfinite(down) and math.isfinite(right)) or down == right == 0:
        raise ValueError(f"{name}: v must be finite and not zero, got {(down, right)}")
    return down, right


def _on_axis(axis: int, name: str) -> tuple[float, float]:
    if axis not in (0, 1):
        raise ValueError(f"{name}: axis must be 0 (down the rows) or 1 (along the columns), got {axis!r}")
    return (1.0, 0.0) if axis == 0 else (0.0, 1.0)


def _weights(order: int, size: int) -> numpy.ndarray:
    """The weights of samples that give the derivative at their middle of all polynomials of a degree below `size`.

    Each is the derivative of the polynomial that is 1 at its own place and 0 at the others, computed in fractions.
    """
    places = [Fraction(2 * k + 1 - size, 2) for k in range(size)]
    weights = []
    for here in places:
        coefficients = [Fraction(1)]
        for other in places:
            if other != here:
                shifted, kept = [Fraction(0), *coefficients], [*coefficients, Fraction(0)]
                coefficients = [(high - other * low) / (here - other) for high, low in zip(shifted, kept, strict=True)]
        weights.append(float(math.factorial(order) * coefficients[order]))
    return numpy.array(weights)


def _trimmed(kernel: numpy.ndarray) -> numpy.ndarray:
    """The kernel without the rows and columns that are zero on both of its sides."""
    while kernel.shape[0] > 2 and not kernel[0].any() and not kernel[-1].any():
        kernel = kernel[1:-1]
    while kernel.shape[1] > 2 and not kernel[:, 0].any() and not kernel[:, -1].any():
        kernel = kernel[:, 1:-1]
    return kernel


def finite_difference(order: int, size: int | None = None, *, axis: int = 1, dtype: DType | None = None) -> Tensor:
    r"""Return the kernel of a derivative of any order along one axis.

    A kernel of size :math:`n` has :math:`n` weights :math:`w_k` at places :math:`t_k` around its middle. By Taylor's
    theorem it gives the derivative of order :math:`d` when

    .. math:: \sum_k w_k \, t_k^m = d! \, [m = d] \qquad m = 0, \dots, n - 1,

    which has exactly one solution for :math:`n > d`. For :math:`n \le d` there is none: some polynomial of degree
    :math:`d` vanishes at all :math:`n` places although its derivative does not. So the smallest kernel has the size
    :math:`d + 1`, and its weights are :math:`(-1)^{d-k} \binom{d}{k}`.

    Parameters
    ----------
    order : int
        Which derivative; 0 is the value itself.
    size : int, optional
        The number of weights: the smallest, ``order + 1``, when left out. More weights are exact for more polynomials;
        at most 25.
    axis : int
        0 for down the rows, 1 for along the columns.
    dtype : dtype, optional
        float32 or float64.

    Returns
    -------
    Tensor
        ``(size, 1)`` for axis 0, ``(1, size)`` for axis 1. Gives the derivative at the kernel's middle, exactly for
        polynomials of degree below `size`; an even size has its middle between two pixels.

    Raises
    ------
    ValueError
        For a size that is too small for the order, or above 25.

    Source
    ------
    Dive into Deep Learning, section 7.2.8, exercise 2. Fornberg, "Generation of finite difference formulas on
    arbitrarily spaced grids", DOI 10.1090/S0025-5718-1988-0935077-0.

    Example
    -------
    >>> sc.filters.finite_difference(3)
    tensor([[-1.,  3., -3.,  1.]])
    >>> sc.filters.finite_difference(1, size=5) * 12
    tensor([[ 1., -8.,  0.,  8., -1.]])
    """
    down, _ = _on_axis(axis, "finite_difference")
    (order,) = repeated(order, 1, "finite_difference: order")
    (size,) = (order + 1,) if size is None else repeated(size, 1, "finite_difference: size")
    if order < 0:
        raise ValueError(f"finite_difference: order must not be negative, got {order}")
    if size <= order:
        raise ValueError(
            f"finite_difference: a derivative of order {order} needs at least {order + 1} weights, got {size}"
        )
    if size > _LARGEST:
        raise ValueError(f"finite_difference: a kernel has at most {_LARGEST} weights, not {size}")
    weights = _weights(order, size)
    return as_kernel(weights[:, None] if down else weights[None], dtype)


def derivative(v: tuple[float, float], scheme: str = "central", *, size: int = 3, dtype: DType | None = None) -> Tensor:
    r"""Return a kernel that finds edges across a direction: the first derivative along it.

    The derivative of an image :math:`f` along :math:`v` is :math:`v_1 \partial_1 f + v_2 \partial_2 f`. It is largest
    across edges in the direction :math:`(v_2, -v_1)`, which are orthogonal to `v`, and zero across those along `v`.
    Each partial derivative becomes a finite difference, and a sum of two kernels is a kernel.

    Parameters
    ----------
    v : (float, float)
        The direction, down the rows and along the columns. Its length counts; make it 1 for slopes per pixel.
    scheme : {"central", "forward", "backward", "prewitt", "sobel", "scharr"}
        "forward" compares with the next pixel (2 x 2) and "backward" with the last one; the result belongs to the pixel
        itself, and is exact for linear images. "central" compares the neighbours on both sides. The others do, too, and
        take a mean over three pixels across, which makes them less sensitive to noise: 3 x 3, exact for quadratic
        images.
    size : int
        Of central differences: 3, 5, 7, ... Exact for polynomials of degree below `size`.
    dtype : dtype, optional
        float32 or float64.

    Returns
    -------
    Tensor
        ``(h, w)``, without rows and columns that would be zero: along an axis, a row or a column.

    Raises
    ------
    ValueError
        When `v` is zero or not two numbers, or for another scheme or size.

    Source
    ------
    Dive into Deep Learning, section 7.2.8, exercise 2. Freeman, Adelson, "The design and use of steerable filters",
    DOI 10.1109/34.93808.

    Example
    -------
    The book's kernel is the forward difference along the columns, times -1:

    >>> -sc.filters.derivative((0, 1), "forward")
    tensor([[ 1., -1.]])
    >>> sc.filters.derivative((1, 1), "forward")
    tensor([[-2.,  1.],
            [ 1.,  0.]])
    """
    down, right = _direction(v, "derivative")
    if scheme in ("forward", "backward"):
        kernel = numpy.array([[-down - right, right], [down, 0]])
        if down == 0:
            kernel = kernel[:1]
        if right == 0:
            kernel = kernel[:, :1]
        # Looking back is looking ahead the other way round.
        return as_kernel(kernel if scheme == "forward" else -kernel[::-1, ::-1], dtype)
    if scheme == "central":
        (size,) = repeated(size, 1, "derivative: size")
        if size % 2 == 0 or not 3 <= size <= _LARGEST:
            raise ValueError(f"derivative: size must be odd, from 3 to {_LARGEST}, got {size}")
        line, middle = _weights(1, size), size // 2
        kernel = numpy.zeros((size, size))
        kernel[:, middle] += down * line
        kernel[middle] += right * line
        return as_kernel(
            kernel[:, middle : middle + 1] if right == 0 else kernel[middle : middle + 1] if down == 0 else kernel,
            dtype,
        )
    if scheme not in _SMOOTHING:
        names = ", ".join(map(repr, ("central", "forward", "backward", *_SMOOTHING)))
        raise ValueError(f"derivative: scheme must be one of {names}, got {scheme!r}")
    across = numpy.array(_SMOOTHING[scheme]) / sum(_SMOOTHING[scheme])
    along = numpy.array([-0.5, 0, 0.5])
    return as_kernel(down * numpy.outer(along, across) + right * numpy.outer(across, along), dtype)


def second_derivative(v: tuple[float, float], *, dtype: DType | None = None) -> Tensor:
    r"""Return the kernel of the second derivative along a direction.

    .. math:: v^\top H v = v_1^2 \, \partial_{11} f + 2 v_1 v_2 \, \partial_{12} f + v_2^2 \, \partial_{22} f

    with :math:`\partial_{11} f \approx f_{-1} - 2 f_0 + f_1` and the mixed derivative as the central difference of a
    central difference. Three weights are the fewest that can do it. Thin lines across `v` answer most strongly, and
    edges with a change of sign.

    Parameters
    ----------
    v : (float, float)
        The direction, down the rows and along the columns. The square of its length counts.
    dtype : dtype, optional
        float32 or float64.

    Returns
    -------
    Tensor
        3 x 3; 3 x 1 or 1 x 3 along an axis. Exact for cubic images.

    Source
    ------
    Dive into Deep Learning, section 7.2.8, exercise 2.

    Example
    -------
    >>> sc.filters.second_derivative((0, 1))
    tensor([[ 1., -2.,  1.]])
    """
    down, right = _direction(v, "second_derivative")
    twice, once = numpy.array([1.0, -2.0, 1.0]), numpy.array([-0.5, 0.0, 0.5])
    kernel = 2 * down * right * numpy.outer(once, once)
    kernel[:, 1] += down * down * twice
    kernel[1] += right * right * twice
    return as_kernel(_trimmed(kernel), dtype)


def laplacian(neighbours: int = 4, *, normalize: bool = False, dtype: DType | None = None) -> Tensor:
    r"""Return the kernel of the sum of second derivatives, which answers to lines of all directions, and to spots.

    With 4 neighbours it is the sum of :math:`[1, -2, 1]` along both axes. With 8 it is that sum and the one along both
    diagonals, which makes three times the Laplacian.

    Parameters
    ----------
    neighbours : {4, 8}
        How many pixels are compared with the one in the middle.
    normalize : bool
        Divide the kernel with 8 neighbours by 3, so that it measures the Laplacian itself.
    dtype : dtype, optional
        float32 or float64.

    Returns
    -------
    Tensor
        3 x 3, its sum is zero. Exact for cubic images.

    Source
    ------
    Marr, Hildreth, "Theory of edge detection", DOI 10.1098/rspb.1980.0020.

    Example
    -------
    >>> sc.filters.laplacian()
    tensor([[ 0.,  1.,  0.],
            [ 1., -4.,  1.],
            [ 0.,  1.,  0.]])
    """
    if neighbours == 4:
        return as_kernel([[0, 1, 0], [1, -4, 1], [0, 1, 0]], dtype)
    if neighbours != 8:
        raise ValueError(f"laplacian: neighbours must be 4 or 8, got {neighbours!r}")
    kernel = numpy.ones((3, 3))
    kernel[1, 1] = -8
    return as_kernel(kernel / 3 if normalize else kernel, dtype)


# ---- Classical edge detectors ----------------------------------------------------------------------------------------


def _classical(name: str, axis: int, normalize: bool, dtype: Any) -> Tensor:
    v = _on_axis(axis, name)
    # Scaled back to the whole numbers of the literature.
    scale = 1 if normalize else 2 * sum(_SMOOTHING[name])
    return derivative((v[0] * scale, v[1] * scale), name, dtype=dtype)


def sobel(axis: int = 1, *, normalize: bool = False, dtype: DType | None = None) -> Tensor:
    """Return Sobel's kernel: a difference along one axis, smoothed by 1, 2, 1 across it.

    Parameters
    ----------
    axis : int
        0 for changes down the rows (horizontal edges), 1 for changes along the columns (vertical edges).
    normalize : bool
        Divide by 8, so that a ramp of slope 1 gives 1.
    dtype : dtype, optional
        float32 or float64.

    Returns
    -------
    Tensor
        3 x 3.

    Source
    ------
    Sobel, Feldman, "An isotropic 3x3 image gradient operator" (1968), DOI 10.13140/RG.2.1.1912.4965.

    Example
    -------
    >>> sc.filters.sobel()
    tensor([[-1.,  0.,  1.],
            [-2.,  0.,  2.],
            [-1.,  0.,  1.]])
    """
    return _classical("sobel", axis, normalize, dtype)


def scharr(axis: int = 1, *, normalize: bool = False, dtype: DType | None = None) -> Tensor:
    """Return Scharr's kernel, smoothed by 3, 10, 3: its answer depends less on an edge's angle than that of `sobel`.

    Parameters are those of `sobel`; `normalize` divides by 32.

    Source
    ------
    Scharr, "Optimal operators in digital image processing" (2000), DOI 10.11588/heidok.00000962.

    Example
    -------
    >>> sc.filters.scharr(axis=0)[0]
    tensor([ -3., -10.,  -3.])
    """
    return _classical("scharr", axis, normalize, dtype)


def prewitt(axis: int = 1, *, normalize: bool = False, dtype: DType | None = None) -> Tensor:
    """Return Prewitt's kernel, smoothed by a plain mean; the least-squares slope of nine pixels.

    Parameters are those of `sobel`; `normalize` divides by 6.

    Source
    ------
    Prewitt, "Object enhancement and extraction", in Lipkin, Rosenfeld, "Picture processing and psychopictorics" (1970).

    Example
    -------
    >>> sc.filters.prewitt()[0]
    tensor([-1.,  0.,  1.])
    """
    return _classical("prewitt", axis, normalize, dtype)
