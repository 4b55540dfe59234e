"""What ``jax.numpy`` does element by element."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

import swiftconv as sc

from . import _errors
from ._array import Array, array, as_array, binary, cast, is_weak, unary, wrapped

_FLOAT = numpy.dtype("float32")

_OF_ONE = (
    "abs absolute ceil floor negative round sign square trunc fix logical_not bitwise_not isfinite isinf isnan".split()
)
_FLOAT_OF_ONE = "exp expm1 log log10 log1p log2 reciprocal sqrt arcsin arctan cos cosh sin sinh tan tanh arccos".split()
_OF_TWO = (
    "add divide equal floor_divide fmod greater greater_equal less less_equal logical_and logical_or logical_xor "
    "maximum minimum multiply not_equal remainder subtract true_divide bitwise_and bitwise_or bitwise_xor"
).split()
_FLOAT_OF_TWO = ("arctan2",)

__all__ = [*_OF_ONE, *_FLOAT_OF_ONE, *_OF_TWO, *_FLOAT_OF_TWO, "allclose", "array_equal", "clip", "exp2", "float_power",
           "invert", "isclose", "mod", "nan_to_num", "pow", "power", "where"]  # fmt: skip


def to_float(x: Any) -> Array:
    """Return the array in float32, if it is none of floating point."""
    x = as_array(x)
    return x if x.dtype.kind == "f" else cast(x, _FLOAT, x.weak_type)


def _one(name: str, as_float: bool) -> Callable[[Any], Array]:
    operation = getattr(sc, name)

    def function(x: Any) -> Array:
        return unary(operation, to_float(x) if as_float else x)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"Return ``numpy.{name}`` of every element."
    return function


def _two(name: str, as_float: bool) -> Callable[[Any, Any], Array]:
    operation = getattr(sc, name)

    # Whether elements are zero has no kind that could yield to another.
    is_logical = name.startswith("logical_")

    def function(x1: Any, x2: Any) -> Array:
        if as_float:
            x1, x2 = to_float(x1), to_float(x2)
        # Native functions, unlike operators, want a tensor first.
        x1 = array(x1) if isinstance(x1, (bool, int, float)) else x1
        result = binary(operation, x1, x2)
        return Array(result._tensor) if is_logical else result

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"Return ``numpy.{name}`` of every two elements."
    return function


for _name in _OF_ONE + _FLOAT_OF_ONE:
    globals()[_name] = _one(_name, _name in _FLOAT_OF_ONE)
for _name in (*_OF_TWO, *_FLOAT_OF_TWO):
    globals()[_name] = _two(_name, _name in _FLOAT_OF_TWO)

mod = globals()["remainder"]
invert = globals()["bitwise_not"]


def round(a: Any, decimals: int = 0) -> Array:
    """Return every element rounded, halves to the even number."""
    power = 10.0**decimals
    return unary(lambda t: sc.round(t * power) / power if decimals else sc.round(t), a)


def power(x1: Any, x2: Any) -> Array:
    """Return ``x1`` to the power of ``x2``."""
    return as_array(x1) ** x2


pow = power


def float_power(x1: Any, x2: Any) -> Array:
    """Return ``x1`` to the power of ``x2`` in floating point."""
    return to_float(x1) ** x2


def exp2(x: Any) -> Array:
    """Return 2 to the power of every element."""
    return 2.0 ** to_float(x)


def clip(a: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Array:
    """Return the elements moved into an interval."""
    result = as_array(a)
    low, high = (a_min if min is None else min), (a_max if max is None else max)
    if low is not None:
        result = binary(sc.maximum, result, as_array(low))
    return result if high is None else binary(sc.minimum, result, as_array(high))


def where(condition: Any, x: Any = None, y: Any = None) -> Any:
    """Return elements of `x` where the condition holds, else of `y`; with a condition alone, where it holds."""
    mask = as_array(condition)
    if x is None and y is None:
        return tuple(wrapped(each) for each in sc.nonzero(mask._tensor, as_tuple=True))
    weak = is_weak(x, y)
    first, second = as_array(x), as_array(y)
    try:
        kept = wrapped(sc.where(mask._tensor.to(sc.bool), first._tensor, second._tensor), weak)
    except ValueError:
        raise _errors.of_broadcasting(mask.shape, first.shape, second.shape) from None
    # A weak operand yields to the other one.
    strong = first if second.weak_type else second
    return cast(kept, strong.dtype, weak) if first.weak_type != second.weak_type and not weak else kept


def isclose(a: Any, b: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Array:
    """Tell for every two elements whether they are nearly equal."""
    return wrapped(sc.isclose(to_float(a)._tensor, to_float(b)._tensor, rtol=rtol, atol=atol, equal_nan=equal_nan))


def allclose(a: Any, b: Any, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Array:
    """Tell whether all elements are nearly equal."""
    return wrapped(isclose(a, b, rtol, atol, equal_nan)._tensor.all())


def array_equal(a1: Any, a2: Any) -> Array:
    """Tell whether shapes and elements are equal."""
    first, second = as_array(a1), as_array(a2)
    return wrapped((first == second)._tensor.all()) if first.shape == second.shape else array(numpy.bool_(False))


def nan_to_num(x: Any, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Array:
    """Return the array with numbers in the places of NaN and of infinities, for which the largest ones stand."""
    x = as_array(x)
    if x.dtype.kind != "f":
        return x
    largest = float(numpy.finfo(numpy.float32).max)
    high, low = (largest if posinf is None else posinf), (-largest if neginf is None else neginf)
    is_infinite = globals()["isinf"](x)
    return where(globals()["isnan"](x), nan, where(is_infinite & (x > 0), high, where(is_infinite, low, x)))
