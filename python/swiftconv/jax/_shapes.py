"""What ``jax.numpy`` makes, joins and reshapes."""

from __future__ import annotations

import builtins
import operator
from collections.abc import Sequence
from typing import Any

import numpy

import swiftconv as sc

from ..nn import functional as F
from . import _errors
from ._array import _KINDS, Array, array, as_array, cast, wrapped
from ._dtypes import canonical, stored

__all__ = ["arange", "asarray", "atleast_1d", "broadcast_to", "concatenate", "copy", "diag", "dsplit", "empty",
           "empty_like", "expand_dims", "eye", "flip", "full", "full_like", "hstack", "identity", "linspace",
           "meshgrid",
           "moveaxis", "ndim", "ones", "ones_like", "pad", "ravel", "repeat", "reshape", "roll", "shape", "size",
           "split", "squeeze", "stack", "swapaxes", "take", "take_along_axis", "tile", "transpose", "tril", "triu",
           "vstack", "zeros", "zeros_like"]  # fmt: skip


def asarray(a: Any, dtype: Any = None) -> Array:
    """Return the value as an array."""
    return array(a, dtype)


def sizes(shape: Any) -> tuple[int, ...]:
    """Return a shape as a tuple of integers."""
    several = shape if isinstance(shape, (tuple, list)) else (shape,)
    return tuple(operator.index(each) for each in several)


def zeros(shape: Any, dtype: Any = None) -> Array:
    """Return zeros, float32 unless `dtype` says otherwise.

    Example
    -------
    >>> import swiftconv.jax.numpy as jnp
    >>> jnp.zeros((1, 2))
    Array([[0., 0.]], dtype=float32)
    """
    return full(shape, 0, numpy.float32 if dtype is None else dtype)


def ones(shape: Any, dtype: Any = None) -> Array:
    """Return ones, float32 unless `dtype` says otherwise."""
    return full(shape, 1, numpy.float32 if dtype is None else dtype)


def empty(shape: Any, dtype: Any = None) -> Array:
    """Return zeros, as JAX does."""
    return zeros(shape, dtype)


def full(shape: Any, fill_value: Any, dtype: Any = None) -> Array:
    """Return an array filled with a value."""
    value = as_array(fill_value)
    kind = value.dtype if dtype is None else canonical(dtype)
    if value.ndim:
        return broadcast_to(cast(value, kind), sizes(shape))
    weak = dtype is None and value.weak_type
    return Array(sc.full(sizes(shape), value.item(), dtype=stored(kind)), kind, weak)


def zeros_like(a: Any, dtype: Any = None, shape: Any = None) -> Array:
    """Return zeros in the shape and dtype of an array."""
    return full_like(a, 0, dtype, shape)


def ones_like(a: Any, dtype: Any = None, shape: Any = None) -> Array:
    """Return ones in the shape and dtype of an array."""
    return full_like(a, 1, dtype, shape)


empty_like = zeros_like


def full_like(a: Any, fill_value: Any, dtype: Any = None, shape: Any = None) -> Array:
    """Return an array filled with a value, in the shape and dtype of another one."""
    a = as_array(a)
    return full(a.shape if shape is None else shape, fill_value, a.dtype if dtype is None else dtype)


def arange(start: Any, stop: Any = None, step: Any = None, dtype: Any = None) -> Array:
    """Return numbers at equal steps; int32, or float32 if an argument has a fraction."""
    bounds = [each.item() if isinstance(each, Array) else each for each in (start, stop, step)]
    if bounds[1] is None:
        bounds[0], bounds[1] = 0, bounds[0]
    kind = canonical(numpy.result_type(*[each for each in bounds if each is not None]) if dtype is None else dtype)
    return array(numpy.arange(*bounds[:2], *([] if bounds[2] is None else bounds[2:]), dtype=kind), kind)


def linspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None) -> Array:
    """Return `num` numbers at equal steps, ends included."""
    return array(numpy.linspace(float(start), float(stop), int(num), endpoint).astype(numpy.float32), dtype)


def eye(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> Array:
    """Return ones on a diagonal."""
    return array(numpy.eye(N, M, k, numpy.float32 if dtype is None else canonical(dtype)))


def identity(n: int, dtype: Any = None) -> Array:
    """Return the identity matrix."""
    return eye(n, dtype=dtype)


def meshgrid(*xi: Any, indexing: str = "xy") -> list[Array]:
    """Return the coordinates of a grid."""
    return [wrapped(each) for each in sc.meshgrid(*(as_array(x)._tensor for x in xi), indexing=indexing)]


def _together(arrays: Sequence[Any]) -> tuple[list[Any], numpy.dtype]:
    several = [as_array(each) for each in arrays]
    if not several:
        raise ValueError("Need at least one array to concatenate.")
    strong = [each for each in several if not each.weak_type] or several
    kind = max((each.dtype for each in strong), key=lambda each: (_KINDS[each.kind], each.itemsize))
    return [cast(each, kind)._tensor for each in several], kind


def concatenate(arrays: Any, axis: int | None = 0, dtype: Any = None) -> Array:
    """Return arrays joined along an axis."""
    tensors, kind = _together(arrays)
    if axis is None:
        tensors, axis = [each.reshape(-1) for each in tensors], 0
    try:
        result = Array(sc.cat(tensors, axis), kind)
    except ValueError:
        raise _errors.of_concatenation([tuple(each.shape) for each in tensors], axis) from None
    return result if dtype is None else result.astype(dtype)


def stack(arrays: Any, axis: int = 0, dtype: Any = None) -> Array:
    """Return arrays side by side along a new axis."""
    tensors, kind = _together(arrays)
    if len({tuple(each.shape) for each in tensors}) > 1:
        raise ValueError("All input arrays must have the same shape.")
    result = Array(sc.stack(tensors, axis), kind)
    return result if dtype is None else result.astype(dtype)


def hstack(tup: Any) -> Array:
    """Return arrays joined along their second axis, vectors along their only one."""
    tensors, kind = _together(tup)
    return Array(sc.hstack(tensors), kind)


def vstack(tup: Any) -> Array:
    """Return arrays joined along their first axis, vectors as rows."""
    tensors, kind = _together(tup)
    return Array(sc.vstack(tensors), kind)


def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Array]:
    """Return the parts of an array along an axis: so many, or between places."""
    source = as_array(ary)
    length = source.shape[axis]
    if isinstance(indices_or_sections, int):
        if length % indices_or_sections:
            raise ValueError("array split does not result in an equal division")
        edges = list(range(0, length + 1, length // indices_or_sections))
    else:
        edges = [0, *(builtins.min(int(each), length) for each in indices_or_sections), length]
    return [
        Array(source._tensor.narrow(axis, low, builtins.max(high - low, 0)), source.dtype)
        for low, high in zip(edges[:-1], edges[1:], strict=True)
    ]


def dsplit(ary: Any, indices_or_sections: Any) -> list[Array]:
    """Return the parts of an array along its third axis."""
    return split(ary, indices_or_sections, 2)


def like(source: Array, tensor: Any) -> Array:
    """Return a tensor with the same kind of elements as an array."""
    return Array(tensor, source.dtype, source.weak_type)


def reshape(a: Any, newshape: Any, order: str = "C") -> Array:
    """Return the array in another shape, in which -1 stands for what is left; `order` is that of the elements."""
    a, wanted = as_array(a), sizes(newshape)
    if order not in ("C", "F"):
        # JAX has no other orders either, and says so in the same way.
        raise NotImplementedError(f"reshape: order {order!r} is not in swiftconv's jax dialect; use 'C' or 'F'")
    try:
        return like(a, a._tensor.reshape(wanted) if order == "C" else a._tensor.T.reshape(wanted[::-1]).T)
    except ValueError:
        raise _errors.of_reshape(a.shape, wanted) from None


def ravel(a: Any, order: str = "C") -> Array:
    """Return the array as a vector."""
    return reshape(a, (-1,), order)


def transpose(a: Any, axes: Any = None) -> Array:
    """Return the array with its axes in another order; in reverse if none is given."""
    a = as_array(a)
    return like(a, a._tensor.permute(tuple(range(a.ndim))[::-1] if axes is None else sizes(axes)))


def swapaxes(a: Any, axis1: int, axis2: int) -> Array:
    """Return the array with two axes exchanged."""
    a = as_array(a)
    return like(a, a._tensor.transpose(axis1, axis2))


def moveaxis(a: Any, source: Any, destination: Any) -> Array:
    """Return the array with axes in other places."""
    a = as_array(a)
    return like(a, a._tensor.movedim(source, destination))


def expand_dims(a: Any, axis: Any) -> Array:
    """Return the array with new axes of size 1."""
    a = as_array(a)
    tensor, rank = a._tensor, a.ndim + len(sizes(axis))
    for each in sorted(place % rank for place in sizes(axis)):
        tensor = tensor.unsqueeze(each)
    return like(a, tensor)


def squeeze(a: Any, axis: Any = None) -> Array:
    """Return the array without axes of size 1."""
    a = as_array(a)
    wanted = [n for n, size in enumerate(a.shape) if size == 1] if axis is None else [n % a.ndim for n in sizes(axis)]
    if builtins.any(a.shape[n] != 1 for n in wanted):
        raise ValueError(
            f"cannot select an axis to squeeze out which has size not equal to one, got shape={a.shape} "
            f"and dimensions={tuple(wanted)}"
        )
    return like(a, a._tensor.reshape(tuple(size for n, size in enumerate(a.shape) if n not in wanted)))


def broadcast_to(a: Any, shape: Any) -> Array:
    """Return the array repeated to a shape."""
    a = as_array(a)
    try:
        return like(a, a._tensor.expand(sizes(shape)))
    except ValueError:
        raise _errors.of_target(a.shape, sizes(shape)) from None


def tile(A: Any, reps: Any) -> Array:
    """Return the whole array repeated along each axis."""
    A = as_array(A)
    return like(A, A._tensor.tile(sizes(reps)))


def repeat(a: Any, repeats: Any, axis: int | None = None) -> Array:
    """Return every entry along an axis repeated."""
    a = as_array(a) if axis is not None else ravel(a)
    axis = 0 if axis is None else axis
    places = numpy.repeat(numpy.arange(a.shape[axis]), numpy.asarray(repeats))
    return like(a, a._tensor.index_select(axis, sc.tensor(places)))


def flip(m: Any, axis: Any = None) -> Array:
    """Return the array with axes reversed."""
    m = as_array(m)
    return like(m, m._tensor.flip(tuple(range(m.ndim)) if axis is None else sizes(axis)))


def roll(a: Any, shift: Any, axis: Any = None) -> Array:
    """Return the array with entries moved along an axis, around the end."""
    a = as_array(a)
    return like(a, a._tensor.roll(shift, axis))


def take(a: Any, indices: Any, axis: int | None = None, **options: Any) -> Array:
    """Return the entries at places along an axis."""
    a, places = as_array(a) if axis is not None else ravel(a), as_array(indices)
    return a[(slice(None),) * ((axis or 0) % a.ndim) + (places,)]


def take_along_axis(arr: Any, indices: Any, axis: int) -> Array:
    """Return entries along an axis, each at a place of its own."""
    arr = as_array(arr)
    return like(arr, arr._tensor.take_along_dim(as_array(indices)._tensor.to(sc.int64), axis))


def diag(v: Any, k: int = 0) -> Array:
    """Return the diagonal of a matrix, or a matrix with a diagonal."""
    v = as_array(v)
    if v.ndim == 2:
        return like(v, v._tensor.diagonal(k))
    places = numpy.arange(v.size)
    count = v.size + abs(k)
    return (
        zeros((count, count), v.dtype)
        .at[array(places + builtins.max(-k, 0)), array(places + builtins.max(k, 0))]
        .set(v)
    )


def tril(m: Any, k: int = 0) -> Array:
    """Return the array with zeros above a diagonal."""
    m = as_array(m)
    return like(m, m._tensor.tril(k))


def triu(m: Any, k: int = 0) -> Array:
    """Return the array with zeros below a diagonal."""
    m = as_array(m)
    return like(m, m._tensor.triu(k))


# The modes whose borders are entries of the array: NumPy says which.
_MODES = ("edge", "reflect", "symmetric", "wrap")


def pad(array: Any, pad_width: Any, mode: str = "constant", constant_values: Any = 0) -> Array:
    """Return the array with a border, of zeros unless `mode` and `constant_values` say otherwise.

    Example
    -------
    >>> import swiftconv.jax.numpy as jnp
    >>> jnp.pad(jnp.ones((1, 1)), ((0, 0), (1, 2)))
    Array([[0., 1., 0., 0.]], dtype=float32)
    """
    source = as_array(array)
    widths = numpy.broadcast_to(numpy.asarray(pad_width), (source.ndim, 2))
    if mode == "constant":
        flat = [int(each) for pair in widths[::-1] for each in pair]
        return like(source, F.pad(source._tensor, flat, mode, float(constant_values)).to(source._tensor.dtype))
    if mode not in _MODES:
        # Borders that are computed, such as means and ramps, have settings of their own; no notebook of the book has
        # them, and another border in their place would be wrong.
        raise NotImplementedError(
            f"pad: mode {mode!r} is not in swiftconv's jax dialect; use one of {['constant', *_MODES]}"
        )
    tensor = source._tensor
    for axis, width in enumerate(widths.tolist()):
        if any(width):
            places = numpy.pad(numpy.arange(tensor.shape[axis]), width, mode)
            tensor = tensor.index_select(axis, sc.from_numpy(places))
    return like(source, tensor)


def atleast_1d(a: Any) -> Array:
    """Return the array, a number as a vector."""
    a = as_array(a)
    return a if a.ndim else reshape(a, (1,))


def copy(a: Any) -> Array:
    """Return a copy."""
    return as_array(a).copy()


def shape(a: Any) -> tuple[int, ...]:
    """Return the sizes."""
    return as_array(a).shape


def ndim(a: Any) -> int:
    """Return the number of axes."""
    return as_array(a).ndim


def size(a: Any, axis: int | None = None) -> int:
    """Return the number of elements, or that of entries along an axis."""
    a = as_array(a)
    return a.size if axis is None else a.shape[axis]
