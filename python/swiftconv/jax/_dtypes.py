"""JAX's element types: 32 bits wide unless they are narrower, and weak where Python numbers made them."""

from __future__ import annotations

from typing import Any

import numpy

from .. import _dtype

# What holds the elements of each type. The keys of random numbers are uint32, which needs the room of int64.
_STORED = {
    numpy.dtype("bool"): _dtype.bool,
    numpy.dtype("uint8"): _dtype.uint8,
    numpy.dtype("int8"): _dtype.int32,
    numpy.dtype("int16"): _dtype.int32,
    numpy.dtype("uint16"): _dtype.int32,
    numpy.dtype("int32"): _dtype.int32,
    numpy.dtype("uint32"): _dtype.int64,
    numpy.dtype("float32"): _dtype.float32,
}

_NARROWED = {
    numpy.dtype("int64"): numpy.dtype("int32"),
    numpy.dtype("uint64"): numpy.dtype("uint32"),
    numpy.dtype("float64"): numpy.dtype("float32"),
}


def canonical(dtype: Any) -> numpy.dtype:
    """Return the dtype that JAX gives instead of `dtype`: 64 bits become 32."""
    wanted = numpy.dtype(dtype.dtype if isinstance(dtype, Scalar) else dtype)
    wanted = _NARROWED.get(wanted, wanted)
    if wanted not in _STORED:
        raise TypeError(f"dtype: {wanted} is not in swiftconv's jax dialect; use float32, int32, uint8, uint32 or bool")
    return wanted


def stored(dtype: numpy.dtype) -> _dtype.dtype:
    """Return the native dtype that holds elements of a canonical dtype."""
    return _STORED[dtype]


class Scalar:
    """A type such as ``jnp.float32``: stands for its dtype, and makes arrays when called.

    Example
    -------
    >>> import swiftconv.jax.numpy as jnp
    >>> jnp.float32(3)
    Array(3., dtype=float32)
    >>> jnp.zeros(2, jnp.int32).dtype == jnp.int32
    True
    """

    def __init__(self, name: str) -> None:
        self.__name__ = name.removesuffix("_")
        self.dtype = numpy.dtype(self.__name__)

    def __call__(self, value: Any) -> Any:
        from ._array import array

        return array(value, self.dtype)

    def __eq__(self, other: Any) -> bool:
        try:
            return self.dtype == numpy.dtype(other.dtype if isinstance(other, Scalar) else other)
        except TypeError:
            return False

    def __hash__(self) -> int:
        return hash(self.dtype)

    def __repr__(self) -> str:
        return f"jax.numpy.{self.__name__}"
