"""Element types as TensorFlow names and prints them."""

from __future__ import annotations

import builtins
from typing import Any

import numpy

from .. import _dtype


class DType:
    """An element type.

    Attributes
    ----------
    name : str
        Such as ``"float32"``.
    as_numpy_dtype : type
        NumPy's type.
    native : swiftconv.dtype
        swiftconv's dtype.

    Example
    -------
    >>> import swiftconv.tensorflow as tf
    >>> tf.float32, tf.float32.name, tf.float32 == "float32"
    (tf.float32, 'float32', True)
    >>> print(tf.int32)
    <dtype: 'int32'>
    """

    __slots__ = ("as_numpy_dtype", "name", "native")

    def __init__(self, name: str, native: _dtype.dtype) -> None:
        self.name = name
        self.native = native
        self.as_numpy_dtype = native.numpy_dtype.type

    @property
    def base_dtype(self) -> DType:
        """The type itself."""
        return self

    @property
    def is_floating(self) -> builtins.bool:
        """Whether the type is float32 or float64."""
        return self.native.is_floating_point

    @property
    def is_integer(self) -> builtins.bool:
        """Whether the type is one of the integers."""
        return self.native.numpy_dtype.kind in "iu"

    @property
    def is_bool(self) -> builtins.bool:
        """Whether the type is bool."""
        return self.name == "bool"

    @property
    def size(self) -> int:
        """Bytes per element."""
        return self.native.itemsize

    @property
    def min(self) -> Any:
        """The smallest value."""
        return self._limits().min

    @property
    def max(self) -> Any:
        """The largest value."""
        return self._limits().max

    def _limits(self) -> Any:
        kind = numpy.finfo if self.is_floating else numpy.iinfo
        return kind(self.as_numpy_dtype)

    def __eq__(self, other: Any) -> builtins.bool:
        if other is None:
            return False
        try:
            return self is as_dtype(other)
        except TypeError:
            return False

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"tf.{self.name}"

    def __str__(self) -> str:
        return f"<dtype: '{self.name}'>"

    def __reduce__(self) -> tuple[Any, ...]:
        return as_dtype, (self.name,)


DType.__module__ = "tensorflow.python.framework.dtypes"

bool = DType("bool", _dtype.bool)
uint8 = DType("uint8", _dtype.uint8)
int32 = DType("int32", _dtype.int32)
int64 = DType("int64", _dtype.int64)
float32 = DType("float32", _dtype.float32)
float64 = DType("float64", _dtype.float64)

ALL = (bool, uint8, int32, int64, float32, float64)
_BY_NATIVE = {each.native: each for each in ALL}
_BY_NAME = {each.name: each for each in ALL} | {"double": float64, "float": float32}
_BY_TYPE = {builtins.bool: bool, int: int32, float: float32}


def of_native(native: _dtype.dtype) -> DType:
    """Return TensorFlow's type for swiftconv's."""
    return _BY_NATIVE[native]


def as_dtype(value: Any) -> DType:
    """Return the type that a name, a NumPy type, a Python type or a type stands for.

    Raises
    ------
    TypeError
        For types that swiftconv does not have.
    """
    if isinstance(value, DType):
        return value
    if isinstance(value, _dtype.dtype):
        return _BY_NATIVE[value]
    if isinstance(value, type) and value in _BY_TYPE:
        return _BY_TYPE[value]
    try:
        name = value if isinstance(value, str) else numpy.dtype(value).name
        return _BY_NAME[name]
    except (TypeError, KeyError):
        raise TypeError(
            f"Cannot convert value {value!r} to a TensorFlow DType: swiftconv's tensorflow dialect has "
            f"{', '.join(each.name for each in ALL)}"
        ) from None
