"""``jax.numpy``: NumPy's functions for immutable arrays that take part in differentiation.

Example
-------
>>> import swiftconv.jax.numpy as jnp
>>> jnp.arange(3.0) + 0.5
Array([0.5, 1.5, 2.5], dtype=float32)
"""

from __future__ import annotations

import math as _math
from typing import Any as _Any

import numpy as _numpy

from ..dialects.switch import missing as _missing
from . import _elementwise, _reductions, _shapes, linalg
from ._array import Array, array, as_array
from ._dtypes import Scalar as _Scalar
from ._elementwise import *  # noqa: F403
from ._reductions import *  # noqa: F403
from ._shapes import *  # noqa: F403

ndarray = Array
newaxis = None
pi, e, inf, nan = _math.pi, _math.e, _math.inf, _math.nan

bool_ = _Scalar("bool_")
int8, int16, int32, int64 = (_Scalar(f"int{_bits}") for _bits in (8, 16, 32, 64))
uint8, uint16, uint32 = (_Scalar(f"uint{_bits}") for _bits in (8, 16, 32))
float32, float64 = _Scalar("float32"), _Scalar("float64")
float_, int_ = float32, int32
dtype = _numpy.dtype
integer, floating, number = _numpy.integer, _numpy.floating, _numpy.number

__all__ = [*_elementwise.__all__, *_reductions.__all__, *_shapes.__all__, "array", "linalg", "ndarray"]


def result_type(*values: _Any) -> _numpy.dtype:
    """Return the dtype of a result computed from values."""
    total: _Any = 0
    for each in values:
        total = total + (as_array(each).reshape(-1)[:0].sum() if hasattr(each, "shape") else each)
    return as_array(total).dtype


def issubdtype(arg1: _Any, arg2: _Any) -> bool:
    """Tell whether a dtype is of a kind."""
    return bool(_numpy.issubdtype(getattr(arg1, "dtype", arg1), getattr(arg2, "dtype", arg2)))


def _reshape(self: Array, *shape: _Any, order: str = "C") -> Array:
    """Return the array in another shape."""
    return _shapes.reshape(self, shape[0] if len(shape) == 1 else shape, order)


def _transpose(self: Array, *axes: _Any) -> Array:
    """Return the array with its axes in another order."""
    return _shapes.transpose(self, None if not axes else axes[0] if len(axes) == 1 else axes)


Array.reshape = _reshape
Array.transpose = _transpose
Array.flatten = lambda self, order="C": _shapes.ravel(self, order)
for _name in ("ravel", "squeeze", "swapaxes", "repeat", "take"):
    setattr(Array, _name, getattr(_shapes, _name))
for _name in ("clip", "round"):
    setattr(Array, _name, getattr(_elementwise, _name))

__getattr__ = _missing("jax", "jax.numpy", globals())
