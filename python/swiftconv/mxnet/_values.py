"""The way between the framework's arrays and swiftconv's tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy

from .. import _core, _dtype
from ..tensor import Tensor

if TYPE_CHECKING:
    from .array import ndarray

_class: Any = None


def register(array_class: Any) -> None:
    """Say which class arrays have."""
    global _class
    _class = array_class


def wrap(tensor: Tensor) -> ndarray:
    """Return a tensor as the framework's array."""
    array = _class.__new__(_class)
    array._value = tensor
    return array


def unwrap(value: Any) -> Any:
    """Return an operand for swiftconv: the tensor of an array, a number as it is, float32 for NumPy's float64."""
    if isinstance(value, _class):
        return value._value
    if isinstance(value, (numpy.ndarray, numpy.generic)):
        return as_tensor(value)
    return value


def as_dtype(dtype: Any, default: Any = _dtype.float32) -> _dtype.dtype:
    """Return swiftconv's dtype for a NumPy type or name; float32 if there is none."""
    return default if dtype is None else _dtype.to_dtype(numpy.dtype(dtype))


def as_tensor(data: Any, dtype: Any = None) -> Tensor:
    """Return a new tensor with the data. Everything that is no array of the framework becomes float32 by default."""
    if isinstance(data, _class):
        return data._value.detach().clone() if dtype is None else data._value.detach().to(as_dtype(dtype)).clone()
    wanted = as_dtype(dtype)
    try:
        values = numpy.array(_plain(data), dtype=wanted.numpy_dtype, order="C")
    except ValueError as error:
        raise TypeError(str(error)) from None
    return _core.from_buffer(values)


def _plain(data: Any) -> Any:
    """Nested lists with NumPy's arrays in place of the framework's."""
    if isinstance(data, (list, tuple)):
        return [_plain(each) for each in data]
    return data.asnumpy() if isinstance(data, _class) else data


def finish(result: ndarray, out: ndarray | None) -> ndarray:
    """Return a result, or write it into `out`."""
    if out is None:
        return result
    out[...] = result
    return out
