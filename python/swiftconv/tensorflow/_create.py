"""Tensors from values, shapes and ranges."""

from __future__ import annotations

from typing import Any

import numpy

from .. import creation, ops
from . import _dtypes
from ._shape import TensorShape
from ._tensor import EagerTensor, Operand, convert, native
from .errors import InvalidArgumentError

__all__ = [
    "cast",
    "constant",
    "convert_to_tensor",
    "eye",
    "fill",
    "identity",
    "is_tensor",
    "linspace",
    "meshgrid",
    "one_hot",
    "ones",
    "ones_like",
    "range",
    "rank",
    "shape",
    "size",
    "zeros",
    "zeros_like",
]


def sizes_of(shape: Any) -> tuple[int, ...]:
    """Return a shape, given as a number, a list, a tensor or a TensorShape, as integers."""
    if isinstance(shape, Operand):
        shape = shape.numpy()
    return tuple(int(each) for each in (TensorShape(shape) if not numpy.ndim(shape) else shape))


def convert_to_tensor(value: Any, dtype: Any = None, dtype_hint: Any = None, name: str | None = None) -> EagerTensor:
    """Return a value as a tensor."""
    return convert(value, dtype, dtype_hint)


def constant(value: Any, dtype: Any = None, shape: Any = None, name: str = "Const") -> EagerTensor:
    """Return a value as a tensor; a single number fills `shape`.

    Example
    -------
    >>> import swiftconv.tensorflow as tf
    >>> tf.constant([1, 2])
    <tf.Tensor: shape=(2,), dtype=int32, numpy=array([1, 2], dtype=int32)>
    """
    if isinstance(value, Operand) and dtype is not None and value.dtype != dtype:
        return cast(value, dtype)
    result = convert(value, dtype)
    if shape is None:
        return result
    wanted = sizes_of(shape)
    if result._t.numel() == 1:
        return EagerTensor(
            result._value().reshape(()).expand(wanted).clone() if wanted else result._value().reshape(())
        )
    if result._t.numel() != int(numpy.prod(wanted)):
        raise TypeError(
            f"Eager execution of tf.constant with unsupported shape. Tensor {result.numpy()} (converted from {value}) "
            f"has {result._t.numel()} elements, but got `shape` {wanted} with {int(numpy.prod(wanted))} elements)."
        )
    return EagerTensor(result._value().reshape(wanted))


def cast(x: Any, dtype: Any, name: str | None = None) -> EagerTensor:
    """Return the elements in another dtype."""
    return EagerTensor(native(x).to(_dtypes.as_dtype(dtype).native))


def zeros(shape: Any, dtype: Any = _dtypes.float32, name: str | None = None, layout: Any = None) -> EagerTensor:
    """Return a tensor of zeros."""
    return EagerTensor(creation.zeros(sizes_of(shape), dtype=_dtypes.as_dtype(dtype).native))


def ones(shape: Any, dtype: Any = _dtypes.float32, name: str | None = None, layout: Any = None) -> EagerTensor:
    """Return a tensor of ones."""
    return EagerTensor(creation.ones(sizes_of(shape), dtype=_dtypes.as_dtype(dtype).native))


def fill(dims: Any, value: Any, name: str | None = None) -> EagerTensor:
    """Return a tensor of one value, whose dtype it has."""
    return EagerTensor(native(value).reshape(()).expand(sizes_of(dims)).clone())


def zeros_like(input: Any, dtype: Any = None, name: str | None = None, layout: Any = None) -> EagerTensor:
    """Return zeros in the shape and dtype of a tensor."""
    given = convert(input)
    return zeros(given.shape, dtype or given.dtype)


def ones_like(input: Any, dtype: Any = None, name: str | None = None, layout: Any = None) -> EagerTensor:
    """Return ones in the shape and dtype of a tensor."""
    given = convert(input)
    return ones(given.shape, dtype or given.dtype)


def eye(num_rows: int, num_columns: int | None = None, batch_shape: Any = None, dtype: Any = _dtypes.float32) -> Any:
    """Return a matrix with ones on the diagonal."""
    matrix = creation.eye(num_rows, num_columns or num_rows, dtype=_dtypes.as_dtype(dtype).native)
    if batch_shape is not None:
        matrix = matrix.expand((*sizes_of(batch_shape), *matrix.shape)).clone()
    return EagerTensor(matrix)


def range(start: Any, limit: Any = None, delta: Any = 1, dtype: Any = None, name: str = "range") -> EagerTensor:
    """Return numbers from `start` to before `limit` in steps of `delta`; one number is the limit.

    Example
    -------
    >>> import swiftconv.tensorflow as tf
    >>> tf.range(3, dtype=tf.float32)
    <tf.Tensor: shape=(3,), dtype=float32, numpy=array([0., 1., 2.], dtype=float32)>
    """
    if limit is None:
        start, limit = 0, start
    given = [each.numpy() if isinstance(each, Operand) else each for each in (start, limit, delta)]
    if not given[2]:
        raise InvalidArgumentError("Requires delta != 0: 0 [Op:Range]")
    if dtype is None:
        kinds = [convert(each).dtype for each in given]
        order = [_dtypes.int32, _dtypes.int64, _dtypes.float32, _dtypes.float64]
        dtype = max(kinds, key=order.index)
    return convert(numpy.arange(*given, dtype=_dtypes.as_dtype(dtype).as_numpy_dtype))


def linspace(start: Any, stop: Any, num: int, name: str | None = None, axis: int = 0) -> EagerTensor:
    """Return evenly spaced numbers, both ends included."""
    first = convert(start)
    dtype = first.dtype if first.dtype.is_floating else _dtypes.float64
    return EagerTensor(creation.linspace(float(start), float(stop), int(num), dtype=dtype.native))


def meshgrid(*args: Any, indexing: str = "xy", name: str | None = None) -> list[EagerTensor]:
    """Return the coordinates of a grid, one tensor for each axis."""
    return [EagerTensor(each) for each in ops.meshgrid(*[native(each) for each in args], indexing=indexing)]


def identity(input: Any, name: str | None = None) -> EagerTensor:
    """Return a tensor with the same value."""
    return EagerTensor(native(input).clone())


def one_hot(
    indices: Any, depth: int, on_value: Any = None, off_value: Any = None, axis: int = -1, dtype: Any = None
) -> Any:
    """Return rows of zeros with a one at each index."""
    places = native(indices).unsqueeze(-1)
    hot = places == creation.arange(int(depth), dtype=places.dtype)
    if on_value is None and off_value is None:
        result = hot.to(_dtypes.as_dtype(dtype or _dtypes.float32).native)
    else:
        on, off = 1 if on_value is None else on_value, 0 if off_value is None else off_value
        # Without a dtype, that of the value which is given.
        example = native(off_value if on_value is None else on_value)
        wanted = example.dtype if dtype is None else _dtypes.as_dtype(dtype).native
        result = ops.where(hot, native(on, None, dtype).to(wanted), native(off, None, dtype).to(wanted))
    return EagerTensor(result if axis in (-1, result.ndim - 1) else ops.movedim(result, -1, axis))


def is_tensor(x: Any) -> bool:
    """Return whether something is a tensor or a variable."""
    return isinstance(x, Operand)


def shape(input: Any, out_type: Any = _dtypes.int32, name: str | None = None) -> EagerTensor:
    """Return the sizes as a tensor."""
    return convert(numpy.array(convert(input).shape.as_list(), _dtypes.as_dtype(out_type).as_numpy_dtype))


def size(input: Any, out_type: Any = _dtypes.int32, name: str | None = None) -> EagerTensor:
    """Return the number of elements as a tensor."""
    return convert(convert(input)._t.numel(), out_type)


def rank(input: Any, name: str | None = None) -> EagerTensor:
    """Return the number of axes as a tensor."""
    return convert(convert(input).ndim)
