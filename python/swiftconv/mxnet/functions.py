"""The functions of ``mxnet.numpy`` that compute with arrays."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

from .. import ops
from ..dialects import ties
from ..nn import functional
from ._values import as_tensor, finish, unwrap, wrap
from .array import ndarray
from .autograd import run

__all__ = ["abs", "all", "any", "argmax", "argmin", "broadcast_to", "clip", "concatenate", "cumsum", "dot"]
__all__ += ["expand_dims", "flip", "hstack", "matmul", "max", "mean", "meshgrid", "min", "pad", "prod", "ravel"]
__all__ += ["repeat", "reshape", "round", "split", "squeeze", "stack", "std", "sum", "swapaxes", "tensordot", "tile"]
__all__ += ["transpose", "var", "vstack", "where"]


def _elementwise(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of one array, which computes whole numbers in float32."""

    def call(x: Any, out: Any = None, **_: Any) -> Any:
        return finish(wrap(run(function, _operand(x))), out)

    return _named(call, name, f"Return ``{name}`` of every element.")


def _pairwise(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of two arrays, of which one may be a number."""

    def call(x1: Any, x2: Any, out: Any = None, **_: Any) -> Any:
        if not isinstance(x1, ndarray) and not isinstance(x2, ndarray):
            x1 = wrap(as_tensor(x1))
        return finish(wrap(run(function, unwrap(x1), unwrap(x2))), out)

    return _named(call, name, f"Return ``{name}`` of every pair of elements.")


def _named(call: Callable[..., Any], name: str, summary: str) -> Callable[..., Any]:
    call.__name__ = call.__qualname__ = name
    call.__doc__ = summary
    __all__.append(name)
    return call


def _operand(x: Any) -> Any:
    return x._value if isinstance(x, ndarray) else as_tensor(x)


exp = _elementwise("exp", ops.exp)
expm1 = _elementwise("expm1", ops.expm1)
log = _elementwise("log", ops.log)
log10 = _elementwise("log10", ops.log10)
log1p = _elementwise("log1p", ops.log1p)
log2 = _elementwise("log2", ops.log2)
sqrt = _elementwise("sqrt", ops.sqrt)
square = _elementwise("square", ops.square)
abs = absolute = fabs = _elementwise("abs", ops.abs)
negative = _elementwise("negative", ops.neg)
sign = _elementwise("sign", ops.sign)
floor = _elementwise("floor", ops.floor)
ceil = _elementwise("ceil", ops.ceil)
rint = _elementwise("rint", ops.round)
sin = _elementwise("sin", ops.sin)
cos = _elementwise("cos", ops.cos)
tan = _elementwise("tan", ops.tan)
arcsin = _elementwise("arcsin", ops.asin)
arccos = _elementwise("arccos", ops.acos)
arctan = _elementwise("arctan", ops.atan)
sinh = _elementwise("sinh", ops.sinh)
cosh = _elementwise("cosh", ops.cosh)
tanh = _elementwise("tanh", ops.tanh)
isnan = _elementwise("isnan", ops.isnan)
isinf = _elementwise("isinf", ops.isinf)
isfinite = _elementwise("isfinite", ops.isfinite)
logical_not = _elementwise("logical_not", ops.logical_not)
add = _pairwise("add", ops.add)
subtract = _pairwise("subtract", ops.sub)
multiply = _pairwise("multiply", ops.mul)
divide = _pairwise("divide", ops.true_divide)
true_divide = _pairwise("true_divide", ops.true_divide)
mod = _pairwise("mod", ops.remainder)
power = _pairwise("power", ops.pow)
maximum = _pairwise("maximum", ties.maximum)
minimum = _pairwise("minimum", ties.minimum)
arctan2 = _pairwise("arctan2", ops.atan2)
equal = _pairwise("equal", ops.eq)
not_equal = _pairwise("not_equal", ops.ne)
less = _pairwise("less", ops.lt)
less_equal = _pairwise("less_equal", ops.le)
greater = _pairwise("greater", ops.gt)
greater_equal = _pairwise("greater_equal", ops.ge)
logical_and = _pairwise("logical_and", ops.logical_and)
logical_or = _pairwise("logical_or", ops.logical_or)
__all__ += ["absolute", "fabs"]


def _method(name: str) -> Callable[..., Any]:
    """The function that calls an array's method."""

    def call(a: Any, *arguments: Any, **options: Any) -> Any:
        array = a if isinstance(a, ndarray) else wrap(as_tensor(a))
        return getattr(array, name)(*arguments, **options)

    call.__name__ = call.__qualname__ = name
    call.__doc__ = getattr(ndarray, name).__doc__
    return call


sum = _method("sum")
mean = _method("mean")
max = _method("max")
min = _method("min")
std = _method("std")
var = _method("var")
prod = _method("prod")
any = _method("any")
all = _method("all")
argmax = _method("argmax")
argmin = _method("argmin")
cumsum = _method("cumsum")
clip = _method("clip")
round = around = _method("round")
squeeze = _method("squeeze")
expand_dims = _method("expand_dims")
transpose = _method("transpose")
swapaxes = _method("swapaxes")
broadcast_to = _method("broadcast_to")
tile = _method("tile")
ravel = _method("ravel")


def reshape(a: ndarray, newshape: Any, reverse: bool = False, order: str = "C") -> ndarray:
    """Return the elements in another shape."""
    return a.reshape(newshape, order=order)


def dot(a: Any, b: Any, out: Any = None) -> ndarray:
    """Return the inner product of vectors, or the product of a matrix with a vector or a matrix.

    Parameters
    ----------
    a, b : ndarray or number
        The last axis of `a` meets the last but one of `b`, or its only one.
    out : ndarray, optional
        Where to write.

    Example
    -------
    >>> from swiftconv.mxnet import np
    >>> np.dot(np.ones((2, 3)), np.ones(3))
    array([3., 3.])
    """
    if not isinstance(a, ndarray) or not isinstance(b, ndarray) or 0 in (a.ndim, b.ndim):
        return finish(a * b, out)
    if b.ndim > 2:
        return finish(tensordot(a, b, ([-1], [-2])), out)
    return finish(wrap(run(ops.matmul, a._value, b._value)), out)


def matmul(a: ndarray, b: ndarray, out: Any = None) -> ndarray:
    """Return the product of matrices, for every pair in batches of them."""
    return finish(a @ b, out)


def tensordot(a: ndarray, b: ndarray, axes: Any = 2) -> ndarray:
    """Return the sums of products over pairs of axes."""
    if isinstance(axes, int):
        axes = (range(a.ndim - axes, a.ndim), range(axes))
    lists = [each if isinstance(each, (list, tuple, range)) else [each] for each in axes]
    left, right = ([i % x.ndim for i in each] for each, x in zip(lists, (a, b), strict=True))
    kept_a = [i for i in range(a.ndim) if i not in left]
    kept_b = [i for i in range(b.ndim) if i not in right]
    count = 1
    for i in left:
        count *= a.shape[i]
    rows = a.transpose(*kept_a, *left).reshape(-1, count)
    columns = b.transpose(*right, *kept_b).reshape(count, -1)
    return (rows @ columns).reshape(tuple(a.shape[i] for i in kept_a) + tuple(b.shape[i] for i in kept_b))


def concatenate(seq: Sequence[ndarray], axis: int | None = 0, out: Any = None) -> ndarray:
    """Return arrays joined along an axis."""
    arrays = [each.reshape(-1) for each in seq] if axis is None else seq
    return finish(wrap(run(ops.cat, [_operand(each) for each in arrays], axis or 0)), out)


def stack(arrays: Sequence[ndarray], axis: int = 0, out: Any = None) -> ndarray:
    """Return arrays joined along a new axis."""
    return finish(wrap(run(ops.stack, [_operand(each) for each in arrays], axis)), out)


def vstack(arrays: Sequence[ndarray], out: Any = None) -> ndarray:
    """Return arrays joined below each other."""
    return finish(wrap(run(ops.vstack, [_operand(each) for each in arrays])), out)


def hstack(arrays: Sequence[ndarray], out: Any = None) -> ndarray:
    """Return arrays joined beside each other."""
    return finish(wrap(run(ops.hstack, [_operand(each) for each in arrays])), out)


def split(ary: ndarray, indices_or_sections: Any, axis: int = 0) -> list[ndarray]:
    """Return equal parts of an array, or the parts between positions."""
    size = ary.shape[axis]
    if isinstance(indices_or_sections, int):
        if size % indices_or_sections:
            raise ValueError("array split does not result in an equal division")
        sizes = [size // indices_or_sections] * indices_or_sections
    else:
        ends = [0, *indices_or_sections, size]
        sizes = [after - before for before, after in zip(ends, ends[1:], strict=False)]
    return [wrap(each) for each in run(lambda: [ops.clone(each) for each in ops.split(ary._value, sizes, axis)])]


def repeat(a: ndarray, repeats: int, axis: int | None = None) -> ndarray:
    """Return every element, or every slice along an axis, several times."""
    if axis is None:
        return repeat(a.reshape(-1), repeats, 0)
    axis %= a.ndim
    wide = (*a.shape[: axis + 1], repeats, *a.shape[axis + 1 :])
    merged = (*a.shape[:axis], a.shape[axis] * repeats, *a.shape[axis + 1 :])
    return a.expand_dims(axis + 1).broadcast_to(wide).reshape(merged)


def flip(m: ndarray, axis: Any = None) -> ndarray:
    """Return the elements in reverse order along an axis, or along all."""
    axes = range(m.ndim) if axis is None else axis if isinstance(axis, (tuple, list)) else (axis,)
    return wrap(run(ops.flip, m._value, tuple(axes)))


def meshgrid(*xi: ndarray, indexing: str = "xy", **_: Any) -> list[ndarray]:
    """Return the coordinates of a grid."""
    return [wrap(each) for each in run(ops.meshgrid, *(each._value for each in xi), indexing=indexing)]


def where(condition: ndarray, x: Any = None, y: Any = None) -> Any:
    """Return elements of `x` where the condition holds, of `y` elsewhere."""
    truth = condition._value if condition.dtype == bool else condition._value != 0
    if x is None:
        return tuple(wrap(each) for each in run(ops.nonzero, truth, as_tuple=True))
    return wrap(run(ops.where, truth, unwrap(x), unwrap(y)))


# The borders that both have, by the names of NumPy.
_BORDERS = {"constant": "constant", "edge": "replicate", "reflect": "reflect", "wrap": "circular"}


def pad(x: ndarray, pad_width: Any, mode: str = "constant", constant_values: float = 0) -> ndarray:
    """Return an array with a border: a width for all, for each axis, or for each end of each axis."""
    if mode not in _BORDERS:
        raise ValueError(f"pad: mode {mode!r} is not in swiftconv's mxnet dialect; use one of {', '.join(_BORDERS)}")
    widths = [(pad_width, pad_width)] * x.ndim if isinstance(pad_width, int) else list(pad_width)
    if isinstance(widths[0], int):
        widths = [tuple(widths)] * x.ndim
    flat = [each for pair in reversed(widths) for each in pair]
    return wrap(run(functional.pad, x._value, flat, _BORDERS[mode], constant_values if mode == "constant" else None))


def _norm(x: ndarray, ord: Any = None, axis: Any = None, keepdims: builtins.bool = False) -> ndarray:
    """The Euclidean length, or another norm of vectors."""
    return wrap(run(ops.norm, x._value, "fro" if ord is None else ord, axis, keepdims))


linalg = SimpleNamespace(norm=_norm)
