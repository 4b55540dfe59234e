"""What ``jax.numpy`` computes from many elements: sums, extremes, products of matrices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

import swiftconv as sc

from ._array import Array, array, as_array, binary, wrapped
from ._elementwise import to_float
from ._shapes import reshape, sizes, transpose

__all__ = ["all", "amax", "amin", "any", "argmax", "argmin", "argsort", "average", "count_nonzero", "cumprod", "cumsum",
           "dot", "einsum", "inner", "matmul", "max", "mean", "median", "min", "outer", "prod", "ptp", "sort", "std",
           "sum", "tensordot", "unique", "var", "vdot"]  # fmt: skip


def _reduced(operation: Callable[..., Any], a: Array, axis: Any, keepdims: bool, **options: Any) -> Any:
    axes = None if axis is None else sizes(axis)
    if axes == ():
        return a._tensor
    for each in axes or ():
        if not -a.ndim <= each < a.ndim:
            raise ValueError(f"axis {each} is out of bounds for array of dimension {a.ndim}")
    if axes is None:
        axes = tuple(range(a.ndim))
    return operation(a._tensor, axes, keepdim=keepdims, **options) if axes else operation(a._tensor, **options)


def _total(result: Any, a: Array, dtype: Any) -> Array:
    """A sum or product of all elements: of unsigned ones, unsigned too."""
    return _as(result, numpy.uint32 if dtype is None and a.dtype.kind == "u" else dtype)


def _as(result: Any, dtype: Any) -> Array:
    found = wrapped(result)
    return found if dtype is None else found.astype(dtype)


def sum(a: Any, axis: Any = None, dtype: Any = None, out: None = None, keepdims: bool = False) -> Array:
    """Return the sum of the elements."""
    a = as_array(a)
    return _total(_reduced(sc.sum, a, axis, keepdims), a, dtype)


def prod(a: Any, axis: Any = None, dtype: Any = None, out: None = None, keepdims: bool = False) -> Array:
    """Return the product of the elements."""
    a = as_array(a)
    return _total(_reduced(sc.prod, a, axis, keepdims), a, dtype)


def mean(a: Any, axis: Any = None, dtype: Any = None, out: None = None, keepdims: bool = False) -> Array:
    """Return the mean of the elements."""
    return _as(_reduced(sc.mean, to_float(a), axis, keepdims), dtype)


def var(a: Any, axis: Any = None, dtype: Any = None, out: None = None, ddof: int = 0, keepdims: bool = False) -> Array:
    """Return the variance of the elements."""
    return _as(_reduced(sc.var, to_float(a), axis, keepdims, correction=ddof), dtype)


def std(a: Any, axis: Any = None, dtype: Any = None, out: None = None, ddof: int = 0, keepdims: bool = False) -> Array:
    """Return the standard deviation of the elements."""
    return _as(_reduced(sc.std, to_float(a), axis, keepdims, correction=ddof), dtype)


def max(a: Any, axis: Any = None, out: None = None, keepdims: bool = False) -> Array:
    """Return the largest element."""
    return _same(sc.amax, a, axis, keepdims)


def min(a: Any, axis: Any = None, out: None = None, keepdims: bool = False) -> Array:
    """Return the smallest element."""
    return _same(sc.amin, a, axis, keepdims)


amax, amin = max, min


def _same(operation: Callable[..., Any], a: Any, axis: Any, keepdims: bool) -> Array:
    a = as_array(a)
    if a.size == 0:
        raise ValueError("zero-size array to reduction operation which has no identity")
    return Array(_reduced(operation, a, axis, keepdims), a.dtype, a.weak_type)


def ptp(a: Any, axis: Any = None, keepdims: bool = False) -> Array:
    """Return the distance of the largest and smallest element."""
    return max(a, axis, keepdims=keepdims) - min(a, axis, keepdims=keepdims)


def all(a: Any, axis: Any = None, out: None = None, keepdims: bool = False) -> Array:
    """Tell whether all elements are true."""
    return wrapped(_reduced(sc.all, as_array(a), axis, keepdims).to(sc.bool))


def any(a: Any, axis: Any = None, out: None = None, keepdims: bool = False) -> Array:
    """Tell whether one of the elements is true."""
    return wrapped(_reduced(sc.any, as_array(a), axis, keepdims).to(sc.bool))


def count_nonzero(a: Any, axis: Any = None, keepdims: bool = False) -> Array:
    """Return how many elements are not zero."""
    return sum(as_array(a) != 0, axis, keepdims=keepdims)


def _place(operation: Callable[..., Any], a: Any, axis: int | None, keepdims: bool) -> Array:
    a = as_array(a)
    return wrapped(operation(a._tensor.reshape(-1), 0) if axis is None else operation(a._tensor, axis, keepdims))


def argmax(a: Any, axis: int | None = None, out: None = None, keepdims: bool = False) -> Array:
    """Return the place of the largest element."""
    return _place(sc.argmax, a, axis, keepdims)


def argmin(a: Any, axis: int | None = None, out: None = None, keepdims: bool = False) -> Array:
    """Return the place of the smallest element."""
    return _place(sc.argmin, a, axis, keepdims)


def cumsum(a: Any, axis: int | None = None, dtype: Any = None) -> Array:
    """Return the sums of all elements up to each."""
    a = as_array(a) if axis is not None else reshape(a, (-1,))
    return _as(sc.cumsum(a._tensor, axis or 0), dtype)


def cumprod(a: Any, axis: int | None = None, dtype: Any = None) -> Array:
    """Return the products of all elements up to each."""
    a = as_array(a) if axis is not None else reshape(a, (-1,))
    return _as(sc.cumprod(a._tensor, axis or 0), dtype)


def argsort(a: Any, axis: int = -1) -> Array:
    """Return the order of the elements along an axis."""
    return array(numpy.argsort(as_array(a)._value, axis, kind="stable"))


def sort(a: Any, axis: int = -1) -> Array:
    """Return the elements in order along an axis."""
    from ._shapes import take_along_axis

    return take_along_axis(a, argsort(a, axis), axis)


def median(a: Any, axis: int | None = None) -> Array:
    """Return the element in the middle."""
    ordered = sort(reshape(a, (-1,))) if axis is None else sort(a, axis)
    where = 0 if axis is None else axis
    count = ordered.shape[where]
    low, high = (count - 1) // 2, count // 2
    return to_float(wrapped(ordered._tensor.narrow(where, low, high - low + 1))).mean(where)


def unique(ar: Any) -> Array:
    """Return the different elements in order."""
    return array(numpy.unique(numpy.asarray(ar)))


def average(a: Any, axis: Any = None, weights: Any = None) -> Array:
    """Return the mean of the elements, each with its weight."""
    return mean(a, axis) if weights is None else sum(as_array(a) * weights, axis) / sum(weights, axis)


def matmul(a: Any, b: Any) -> Array:
    """Return the product of matrices."""
    return binary(sc.matmul, as_array(a), as_array(b))


def dot(a: Any, b: Any) -> Array:
    """Return the product of vectors, matrices or numbers."""
    a, b = as_array(a), as_array(b)
    if a.ndim == 0 or b.ndim == 0:
        return a * b
    if a.ndim <= 2 and b.ndim <= 2:
        if a.shape[-1] != b.shape[0]:
            raise TypeError(f"Incompatible shapes for dot: got {a.shape} and {b.shape}.")
        return matmul(a, b)
    return tensordot(a, b, ((a.ndim - 1,), (b.ndim - (1 if b.ndim == 1 else 2),)))


def vdot(a: Any, b: Any) -> Array:
    """Return the product of two arrays as vectors."""
    return dot(reshape(a, (-1,)), reshape(b, (-1,)))


def inner(a: Any, b: Any) -> Array:
    """Return the sums of products over the last axes."""
    a, b = as_array(a), as_array(b)
    return a * b if not (a.ndim and b.ndim) else tensordot(a, b, ((a.ndim - 1,), (b.ndim - 1,)))


def outer(a: Any, b: Any) -> Array:
    """Return the products of all pairs of elements."""
    return reshape(a, (-1, 1)) * reshape(b, (1, -1))


def tensordot(a: Any, b: Any, axes: Any = 2) -> Array:
    """Return the sums of products over several axes."""
    a, b = as_array(a), as_array(b)
    if isinstance(axes, int):
        left, right = tuple(range(a.ndim - axes, a.ndim)), tuple(range(axes))
    else:
        left = tuple(each % a.ndim for each in sizes(axes[0]))
        right = tuple(each % b.ndim for each in sizes(axes[1]))
    keep_left = tuple(n for n in range(a.ndim) if n not in left)
    keep_right = tuple(n for n in range(b.ndim) if n not in right)
    count = int(numpy.prod([a.shape[n] for n in left], dtype=numpy.int64))
    rows = reshape(transpose(a, keep_left + left), (-1, count))
    columns = reshape(transpose(b, right + keep_right), (count, -1))
    return reshape(matmul(rows, columns), tuple(a.shape[n] for n in keep_left) + tuple(b.shape[n] for n in keep_right))


def einsum(subscripts: str, *operands: Any) -> Array:
    """Return sums of products, as letters for axes tell: ``"ij,jk->ik"``."""
    letters, arrow, result = subscripts.replace(" ", "").partition("->")
    terms = letters.split(",")
    if len(terms) != len(operands) or "." in letters:
        raise ValueError(f"einsum: {subscripts!r} names {len(terms)} operands without '...', got {len(operands)}")
    if not arrow:
        result = "".join(sorted(each for each in set(letters) - {","} if letters.count(each) == 1))
    names = sorted(set(letters) - {","})
    product: Any = 1
    for term, operand in zip(terms, operands, strict=True):
        value = as_array(operand)
        for letter in set(term):
            while term.count(letter) > 1:
                first, second = term.index(letter), term.rindex(letter)
                value = Array(value._tensor.diagonal(0, first, second), value.dtype)
                term = term[:first] + term[first + 1 : second] + term[second + 1 :] + letter
        ordered = transpose(value, [term.index(each) for each in names if each in term])
        product = product * reshape(ordered, tuple(value.shape[term.index(n)] if n in term else 1 for n in names))
    gone = tuple(n for n, letter in enumerate(names) if letter not in result)
    summed = sum(product, gone) if gone else product
    left = [letter for letter in names if letter in result]
    return transpose(summed, [left.index(letter) for letter in result])


_METHODS = ("all", "any", "argmax", "argmin", "argsort", "cumprod", "cumsum", "dot", "max", "mean", "min", "prod",
            "ptp", "sort", "std", "sum", "var")  # fmt: skip
for _name in _METHODS:
    setattr(Array, _name, globals()[_name])
