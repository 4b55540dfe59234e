"""Element types."""

from __future__ import annotations

import builtins
from typing import Any

import numpy


class dtype:
    """The type of a tensor's elements.

    There are six: ``float32`` and ``float64`` take part in everything; ``int64``, ``int32``, ``uint8`` and ``bool`` are
    for labels, indices, pixels and masks.

    Attributes
    ----------
    itemsize : int
        Bytes per element.
    is_floating_point : bool
        Whether tensors of this type can require gradients.
    numpy_dtype : numpy.dtype
        The same type in NumPy.
    code : int
        The type's number in the core; the higher one wins in type promotion.

    Example
    -------
    >>> sc.float32, sc.float32.itemsize, sc.float32.is_floating_point
    (swiftconv.float32, 4, True)
    """

    __slots__ = ("_name", "code", "is_floating_point", "itemsize", "numpy_dtype")

    is_complex = False

    def __init__(self, name: str, code: int, numpy_type: Any) -> None:
        self._name = name
        self.code = code
        self.numpy_dtype = numpy.dtype(numpy_type)
        self.itemsize = self.numpy_dtype.itemsize
        self.is_floating_point = self.numpy_dtype.kind == "f"

    @property
    def is_signed(self) -> builtins.bool:
        """Whether values below zero can be represented.

        Example
        -------
        >>> sc.int32.is_signed, sc.uint8.is_signed
        (True, False)
        """
        return self.numpy_dtype.kind in "if"

    def __repr__(self) -> str:
        # The class's module is "torch" while that dialect is loaded.
        return f"{dtype.__module__.partition('.')[0]}.{self._name}"

    def __reduce__(self) -> str:
        return self._name


# Codes are those of `sc_dtype`. A higher code wins in type promotion.
bool = dtype("bool", 0, numpy.bool_)
uint8 = dtype("uint8", 1, numpy.uint8)
int32 = dtype("int32", 2, numpy.int32)
int64 = dtype("int64", 3, numpy.int64)
float32 = dtype("float32", 4, numpy.float32)
float64 = dtype("float64", 5, numpy.float64)

float = float32
double = float64
int = int32
long = int64

ALL = (bool, uint8, int32, int64, float32, float64)

_FROM_NUMPY = {each.numpy_dtype: each for each in ALL}
_FROM_PYTHON = {builtins.bool: bool, builtins.int: int64, builtins.float: float64}

# What a Python number becomes when nothing else is said.
OF_NUMBER = {builtins.bool: bool, builtins.int: int64, builtins.float: float32}


def to_dtype(value: Any) -> dtype:
    """Return the dtype that `value` stands for: a dtype, a NumPy dtype or type, or Python's bool, int or float."""
    if isinstance(value, dtype):
        return value
    if isinstance(value, type) and value in _FROM_PYTHON:
        return _FROM_PYTHON[value]
    try:
        return from_numpy_dtype(numpy.dtype(value))
    except TypeError:
        names = ", ".join(map(repr, ALL))
        raise TypeError(f"dtype: {value!r} is not a supported element type; use one of {names}") from None


def from_numpy_dtype(value: numpy.dtype) -> dtype:
    """Return the dtype that is NumPy's `value`; raises TypeError in words when there is none."""
    found = _FROM_NUMPY.get(value)
    if found is None:
        raise TypeError(
            f"dtype: {value} is not supported; cast with .astype('float32') or another of float32, float64, "
            "int64, int32, uint8 and bool"
        )
    return found


def promote_types(type1: dtype, type2: dtype) -> dtype:
    """Return the dtype of a result computed from tensors of these two dtypes.

    Example
    -------
    >>> sc.promote_types(sc.int64, sc.float32)
    swiftconv.float32
    """
    return type1 if type1.code >= type2.code else type2
