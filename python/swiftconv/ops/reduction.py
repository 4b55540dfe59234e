"""Sums, means, extremes and other values of many elements.

All of these take the axes as `dim` (PyTorch's name) or `axis` (NumPy's), one or several, and every axis when it is left
out; and `keepdim` or `keepdims` to keep reduced axes with size 1.
"""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, overload

from .._arguments import axes, one_axis
from .._core import TensorBase, apply, operators

if TYPE_CHECKING:
    from .._dtype import dtype as DType
    from ..tensor import Tensor

    Axes = int | Sequence[int] | None

__all__ = [
    "all",
    "amax",
    "amin",
    "any",
    "argmax",
    "argmin",
    "count_nonzero",
    "cumprod",
    "cumsum",
    "logsumexp",
    "max",
    "mean",
    "min",
    "prod",
    "std",
    "sum",
    "var",
]

_SUM = operators["sum"]
_PROD = operators["prod"]
_MEAN = operators["mean"]
_VAR = operators["var"]
_STD = operators["std"]
_AMAX = operators["amax"]
_AMIN = operators["amin"]
_ANY = operators["any"]
_ALL = operators["all"]
_LOGSUMEXP = operators["logsumexp"]
_MAX_DIM = operators["max_dim"]
_MIN_DIM = operators["min_dim"]
_ARGMAX = operators["argmax"]
_ARGMIN = operators["argmin"]
_CUMSUM = operators["cumsum"]
_CUMPROD = operators["cumprod"]
_MAXIMUM = operators["maximum"]
_MINIMUM = operators["minimum"]
_NE = operators["ne"]


def _cast(input: Tensor, dtype: DType | None) -> Tensor:
    return input if dtype is None else input.to(dtype)


def sum(
    input: Tensor,
    dim: Axes = None,
    keepdim: builtins.bool = False,
    *,
    dtype: DType | None = None,
    axis: Axes = None,
    keepdims: builtins.bool = False,
) -> Tensor:
    """Return the sum of the elements.

    Parameters
    ----------
    input : Tensor
        Any dtype; integers and bools are summed in int64.
    dim, axis : int or sequence of int, optional
        The axes.
    keepdim, keepdims : bool
        Keep reduced axes with size 1.
    dtype : dtype, optional
        What the elements are converted to first.

    Returns
    -------
    Tensor
        The shape without the axes.

    Raises
    ------
    IndexError
        When an axis is out of range.

    Example
    -------
    >>> x = sc.tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> x.sum(), x.sum(axis=1, keepdims=True)
    (tensor(10.), tensor([[3.],
            [7.]]))
    """
    if dim is None and axis is None and dtype is None:
        return apply(_SUM, input, (), keepdim or keepdims)
    return _cast(apply(_SUM, _cast(input, dtype), axes(dim, axis, "sum"), keepdim or keepdims), dtype)


def prod(
    input: Tensor,
    dim: Axes = None,
    keepdim: builtins.bool = False,
    *,
    dtype: DType | None = None,
    axis: Axes = None,
    keepdims: builtins.bool = False,
) -> Tensor:
    """Return the product of the elements; arguments as for `sum`.

    Example
    -------
    >>> sc.prod(sc.tensor([2.0, 3.0, 4.0]))
    tensor(24.)
    """
    return _cast(apply(_PROD, _cast(input, dtype), axes(dim, axis, "prod"), keepdim or keepdims), dtype)


def mean(
    input: Tensor,
    dim: Axes = None,
    keepdim: builtins.bool = False,
    *,
    dtype: DType | None = None,
    axis: Axes = None,
    keepdims: builtins.bool = False,
) -> Tensor:
    """Return the mean of the elements, which must be floating point; arguments as for `sum`.

    Raises
    ------
    TypeError
        For integers and bools; convert them with ``.float()`` or ``dtype=``.

    Example
    -------
    >>> sc.mean(sc.tensor([[1.0, 2.0], [3.0, 4.0]]), dim=0)
    tensor([2., 3.])
    """
    return apply(_MEAN, _cast(input, dtype), axes(dim, axis, "mean"), keepdim or keepdims)


def _correction(correction: float, unbiased: builtins.bool | None) -> float:
    return float(correction if unbiased is None else unbiased)


def var(
    input: Tensor,
    dim: Axes | builtins.bool = None,
    unbiased: builtins.bool | None = None,
    keepdim: builtins.bool = False,
    *,
    correction: float = 1,
    axis: Axes = None,
    keepdims: builtins.bool = False,
) -> Tensor:
    r"""Return the variance :math:`\frac{1}{n - c} \sum_i (x_i - \bar x)^2`.

    Parameters
    ----------
    input : Tensor
        Floating point.
    dim, axis, keepdim, keepdims
        As for `sum`.
    unbiased : bool, optional
        PyTorch's older spelling of `correction`: True for 1, False for 0. It may also stand in the place of `dim`.
    correction : float
        :math:`c`; 1 for the unbiased estimate from a sample.

    Example
    -------
    >>> sc.var(sc.tensor([1.0, 2.0, 3.0]))
    tensor(1.)
    """
    if isinstance(dim, builtins.bool):
        dim, unbiased = None, dim
    return apply(_VAR, input, axes(dim, axis, "var"), keepdim or keepdims, _correction(correction, unbiased))


def std(
    input: Tensor,
    dim: Axes | builtins.bool = None,
    unbiased: builtins.bool | None = None,
    keepdim: builtins.bool = False,
    *,
    correction: float = 1,
    axis: Axes = None,
    keepdims: builtins.bool = False,
) -> Tensor:
    """Return the standard deviation, the square root of `var`; arguments as there.

    Example
    -------
    >>> sc.std(sc.tensor([1.0, 2.0, 3.0]))
    tensor(1.)
    """
    if isinstance(dim, builtins.bool):
        dim, unbiased = None, dim
    return apply(_STD, input, axes(dim, axis, "std"), keepdim or keepdims, _correction(correction, unbiased))


def amax(
    input: Tensor,
    dim: Axes = None,
    keepdim: builtins.bool = False,
    *,
    axis: Axes = None,
    keepdims: builtins.bool = False,
) -> Tensor:
    """Return the largest element; equal ones share the gradient. Arguments as for `sum`.

    Raises
    ------
    ValueError
        When there are no elements.

    Example
    -------
    >>> sc.amax(sc.tensor([[1.0, 5.0], [3.0, 4.0]]), dim=1)
    tensor([5., 4.])
    """
    return apply(_AMAX, input, axes(dim, axis, "amax"), keepdim or keepdims)


def amin(
    input: Tensor,
    dim: Axes = None,
    keepdim: builtins.bool = False,
    *,
    axis: Axes = None,
    keepdims: builtins.bool = False,
) -> Tensor:
    """Return the smallest element; equal ones share the gradient. Arguments as for `sum`.

    Raises
    ------
    ValueError
        When there are no elements.

    Example
    -------
    >>> sc.amin(sc.tensor([[1.0, 5.0], [3.0, 4.0]]), dim=1)
    tensor([1., 3.])
    """
    return apply(_AMIN, input, axes(dim, axis, "amin"), keepdim or keepdims)


class Extremes(NamedTuple):
    """Elements that were chosen along an axis, and their positions."""

    values: Tensor
    indices: Tensor

    def __repr__(self) -> str:
        kind = type(self)
        return f"{kind.__module__}.{kind.__name__}(\nvalues={self.values!r},\nindices={self.indices!r})"


class _Max(Extremes):
    __slots__ = ()


class _Min(Extremes):
    __slots__ = ()


# The names that PyTorch gives these in print.
_Max.__name__, _Min.__name__ = "max", "min"
_Max.__module__ = _Min.__module__ = "swiftconv.return_types"


@overload
def max(input: Tensor, dim: Tensor | None = None) -> Tensor: ...
@overload
def max(input: Tensor, *, other: Tensor) -> Tensor: ...
@overload
def max(input: Tensor, dim: int, keepdim: builtins.bool = False) -> _Max: ...
@overload
def max(input: Tensor, *, axis: int, keepdims: builtins.bool = False) -> _Max: ...
def max(
    input: Tensor,
    dim: int | Tensor | None = None,
    keepdim: builtins.bool = False,
    *,
    other: Tensor | None = None,
    axis: int | None = None,
    keepdims: builtins.bool = False,
) -> Tensor | tuple[Tensor, Tensor]:
    """Return the largest element; along an axis with its index; or the larger of two tensors.

    Parameters
    ----------
    input : Tensor
        Any dtype.
    dim : int or Tensor, optional
        An axis, or a second tensor as for `maximum`.
    keepdim : bool
        Keep the axis with size 1.

    Returns
    -------
    Tensor, or a pair (values, indices) when there is an axis
        Of equal elements, the first is taken.

    Example
    -------
    >>> x = sc.tensor([[1.0, 5.0], [3.0, 4.0]])
    >>> sc.max(x)
    tensor(5.)
    >>> values, indices = sc.max(x, dim=1)
    >>> indices
    tensor([1, 1])
    """
    if other is not None or isinstance(dim, TensorBase):
        return apply(_MAXIMUM, input, dim if other is None else other)
    if dim is None and axis is None:
        return apply(_AMAX, input, (), False)
    return _Max(*apply(_MAX_DIM, input, one_axis(dim, axis, "max"), keepdim or keepdims))


@overload
def min(input: Tensor, dim: Tensor | None = None) -> Tensor: ...
@overload
def min(input: Tensor, *, other: Tensor) -> Tensor: ...
@overload
def min(input: Tensor, dim: int, keepdim: builtins.bool = False) -> _Min: ...
@overload
def min(input: Tensor, *, axis: int, keepdims: builtins.bool = False) -> _Min: ...
def min(
    input: Tensor,
    dim: int | Tensor | None = None,
    keepdim: builtins.bool = False,
    *,
    other: Tensor | None = None,
    axis: int | None = None,
    keepdims: builtins.bool = False,
) -> Tensor | tuple[Tensor, Tensor]:
    """Return the smallest element; along an axis with its index; or the smaller of two tensors. See `max`.

    Example
    -------
    >>> sc.min(sc.tensor([[1.0, 5.0], [3.0, 4.0]]), dim=1)
    swiftconv.return_types.min(
    values=tensor([1., 3.]),
    indices=tensor([0, 0]))
    """
    if other is not None or isinstance(dim, TensorBase):
        return apply(_MINIMUM, input, dim if other is None else other)
    if dim is None and axis is None:
        return apply(_AMIN, input, (), False)
    return _Min(*apply(_MIN_DIM, input, one_axis(dim, axis, "min"), keepdim or keepdims))


def argmax(
    input: Tensor,
    dim: int | None = None,
    keepdim: builtins.bool = False,
    *,
    axis: int | None = None,
    keepdims: builtins.bool = False,
) -> Tensor:
    """Return the int64 index of the first largest element: along an axis, or among all elements in row-major order.

    Example
    -------
    >>> x = sc.tensor([[1.0, 5.0], [3.0, 4.0]])
    >>> sc.argmax(x), sc.argmax(x, dim=0)
    (tensor(1), tensor([1, 0]))
    """
    if dim is None and axis is None:
        return apply(_ARGMAX, input, False, 0, keepdim or keepdims)
    return apply(_ARGMAX, input, True, one_axis(dim, axis, "argmax"), keepdim or keepdims)


def argmin(
    input: Tensor,
    dim: int | None = None,
    keepdim: builtins.bool = False,
    *,
    axis: int | None = None,
    keepdims: builtins.bool = False,
) -> Tensor:
    """Return the int64 index of the first smallest element: along an axis, or among all elements in row-major order.

    Example
    -------
    >>> sc.argmin(sc.tensor([4.0, 1.0, 3.0]))
    tensor(1)
    """
    if dim is None and axis is None:
        return apply(_ARGMIN, input, False, 0, keepdim or keepdims)
    return apply(_ARGMIN, input, True, one_axis(dim, axis, "argmin"), keepdim or keepdims)


def any(
    input: Tensor,
    dim: Axes = None,
    keepdim: builtins.bool = False,
    *,
    axis: Axes = None,
    keepdims: builtins.bool = False,
) -> Tensor:
    """Tell whether some element is nonzero; False when there are none. Arguments as for `sum`.

    Example
    -------
    >>> sc.any(sc.tensor([[False, True], [False, False]]), dim=1)
    tensor([ True, False])
    """
    return apply(_ANY, input, axes(dim, axis, "any"), keepdim or keepdims)


def all(
    input: Tensor,
    dim: Axes = None,
    keepdim: builtins.bool = False,
    *,
    axis: Axes = None,
    keepdims: builtins.bool = False,
) -> Tensor:
    """Tell whether every element is nonzero; True when there are none. Arguments as for `sum`.

    Example
    -------
    >>> sc.all(sc.tensor([[True, True], [False, True]]), dim=1)
    tensor([ True, False])
    """
    return apply(_ALL, input, axes(dim, axis, "all"), keepdim or keepdims)


def count_nonzero(input: Tensor, dim: Axes = None) -> Tensor:
    """Return the number of nonzero elements.

    Example
    -------
    >>> sc.count_nonzero(sc.tensor([0, 3, 5]))
    tensor(2)
    """
    return apply(_SUM, apply(_NE, input, 0), axes(dim, None, "count_nonzero"), False)


def logsumexp(
    input: Tensor,
    dim: Axes = None,
    keepdim: builtins.bool = False,
    *,
    axis: Axes = None,
    keepdims: builtins.bool = False,
) -> Tensor:
    r"""Return :math:`\log \sum_i e^{x_i}`, computed so that it does not overflow. Arguments as for `sum`.

    Example
    -------
    >>> sc.logsumexp(sc.tensor([100.0, 100.0]), dim=0)
    tensor(100.6931)
    """
    return apply(_LOGSUMEXP, input, axes(dim, axis, "logsumexp"), keepdim or keepdims)


def cumsum(input: Tensor, dim: int | None = None, *, dtype: DType | None = None, axis: int | None = None) -> Tensor:
    """Return the sums of the elements up to and with each one, along an axis.

    Example
    -------
    >>> sc.cumsum(sc.tensor([1.0, 2.0, 3.0]), dim=0)
    tensor([1., 3., 6.])
    """
    return _cast(apply(_CUMSUM, _cast(input, dtype), one_axis(dim, axis, "cumsum")), dtype)


def cumprod(input: Tensor, dim: int | None = None, *, dtype: DType | None = None, axis: int | None = None) -> Tensor:
    """Return the products of the elements up to and with each one, along an axis.

    Example
    -------
    >>> sc.cumprod(sc.tensor([1.0, 2.0, 3.0]), dim=0)
    tensor([1., 2., 6.])
    """
    return _cast(apply(_CUMPROD, _cast(input, dtype), one_axis(dim, axis, "cumprod")), dtype)
