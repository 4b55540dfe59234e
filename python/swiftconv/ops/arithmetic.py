"""Arithmetic on two tensors, which are broadcast to a common shape and promoted to a common dtype."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy

from .._core import TensorBase, apply, operators

if TYPE_CHECKING:
    from .._dtype import dtype as DType
    from ..tensor import Tensor

    Operand = Tensor | float

__all__ = [
    "add",
    "arctan2",
    "atan2",
    "bitwise_and",
    "bitwise_or",
    "bitwise_xor",
    "clamp",
    "clip",
    "div",
    "divide",
    "floor_divide",
    "fmod",
    "logical_and",
    "logical_or",
    "logical_xor",
    "maximum",
    "minimum",
    "mul",
    "multiply",
    "pow",
    "remainder",
    "sub",
    "subtract",
    "true_divide",
    "where",
]

_ADD = operators["add"]
_SUB = operators["sub"]
_MUL = operators["mul"]
_DIV = operators["div"]
_FLOOR_DIVIDE = operators["floor_divide"]
_REMAINDER = operators["remainder"]
_POW = operators["pow"]
_MAXIMUM = operators["maximum"]
_MINIMUM = operators["minimum"]
_ATAN2 = operators["atan2"]
_BITWISE_AND = operators["bitwise_and"]
_BITWISE_OR = operators["bitwise_or"]
_BITWISE_XOR = operators["bitwise_xor"]
_WHERE = operators["where"]
_CLAMP = operators["clamp"]
_TRUNC = operators["trunc"]
_NE = operators["ne"]
_LT = operators["lt"]

_INFINITY = float("inf")


def add(input: Operand, other: Operand, *, alpha: float = 1) -> Tensor:
    r"""Return :math:`x + \alpha y`.

    Parameters
    ----------
    input, other : Tensor or number
        Shapes that broadcast.
    alpha : float
        What `other` is multiplied by first.

    Returns
    -------
    Tensor
        The broadcast shape.

    Raises
    ------
    ValueError
        When the shapes do not broadcast.

    Example
    -------
    >>> sc.add(sc.tensor([1.0, 2.0]), sc.tensor([[10.0], [20.0]]))
    tensor([[11., 12.],
            [21., 22.]])
    """
    return apply(_ADD, input, other if alpha == 1 else apply(_MUL, other, alpha))


def sub(input: Operand, other: Operand, *, alpha: float = 1) -> Tensor:
    r"""Return :math:`x - \alpha y`; arguments as for `add`.

    Example
    -------
    >>> sc.sub(sc.tensor([1.0, 2.0]), 0.5)
    tensor([0.5000, 1.5000])
    """
    return apply(_SUB, input, other if alpha == 1 else apply(_MUL, other, alpha))


def mul(input: Operand, other: Operand) -> Tensor:
    """Return :math:`x y`, element by element.

    Example
    -------
    >>> sc.mul(sc.tensor([1.0, 2.0]), 3)
    tensor([3., 6.])
    """
    return apply(_MUL, input, other)


def div(input: Operand, other: Operand, *, rounding_mode: str | None = None) -> Tensor:
    """Return :math:`x / y`. Integers divide to float32 unless the quotient is rounded.

    Parameters
    ----------
    input, other : Tensor or number
        Shapes that broadcast.
    rounding_mode : {None, "trunc", "floor"}
        Leave the quotient as it is, round it toward zero, or round it down.

    Example
    -------
    >>> sc.div(sc.tensor([7, -7]), 2)
    tensor([ 3.5000, -3.5000])
    >>> sc.div(sc.tensor([7.0, -7.0]), 2, rounding_mode="trunc")
    tensor([ 3., -3.])
    """
    if rounding_mode is None:
        return apply(_DIV, input, other)
    if rounding_mode == "floor":
        return apply(_FLOOR_DIVIDE, input, other)
    if rounding_mode != "trunc":
        raise ValueError(f"div: rounding_mode must be None, 'trunc' or 'floor', got {rounding_mode!r}")
    return _truncated_quotient(input, other)


def _truncated_quotient(input: Operand, other: Operand) -> Tensor:
    """The quotient rounded toward zero, exact for integers of any size."""
    floor = apply(_FLOOR_DIVIDE, input, other)
    if floor.dtype.is_floating_point:
        return apply(_TRUNC, apply(_DIV, input, other))
    # Rounding down differs by one where the division leaves a rest and the quotient is negative.
    is_negative = (input < 0) ^ (other < 0)
    has_rest = apply(_NE, apply(_REMAINDER, input, other), 0)
    return apply(_ADD, floor, apply(_MUL, apply(_BITWISE_AND, has_rest, is_negative), 1)).to(floor.dtype)


def floor_divide(input: Operand, other: Operand) -> Tensor:
    r"""Return :math:`\lfloor x / y \rfloor`.

    Raises
    ------
    ValueError
        When integers are divided by zero.

    Example
    -------
    >>> sc.floor_divide(sc.tensor([7, -7]), 2)
    tensor([ 3, -4])
    """
    return apply(_FLOOR_DIVIDE, input, other)


def remainder(input: Operand, other: Operand) -> Tensor:
    r"""Return :math:`x - y \lfloor x / y \rfloor`, which has the divisor's sign as in Python.

    Raises
    ------
    ValueError
        When integers are divided by zero.

    Example
    -------
    >>> sc.remainder(sc.tensor([7, -7]), 4)
    tensor([3, 1])
    """
    return apply(_REMAINDER, input, other)


def fmod(input: Operand, other: Operand) -> Tensor:
    """Return the remainder of the quotient rounded toward zero, which has the dividend's sign as in C.

    Example
    -------
    >>> sc.fmod(sc.tensor([7.0, -7.0]), 4)
    tensor([ 3., -3.])
    """
    remainder = apply(_REMAINDER, input, other)
    if not remainder.dtype.is_floating_point:
        return apply(_SUB, input, apply(_MUL, _truncated_quotient(input, other), other))
    # Of positive numbers both remainders are the same. Products with the quotient would be off by its rounding error.
    size = abs(other)
    return apply(_WHERE, apply(_LT, input, 0), -apply(_REMAINDER, -input, size), apply(_REMAINDER, input, size))


def pow(input: Operand, exponent: Operand) -> Tensor:
    """Return :math:`x^y`.

    Raises
    ------
    ValueError
        When integers are raised to negative integer powers.

    Example
    -------
    >>> sc.pow(sc.tensor([1.0, 2.0, 3.0]), 2)
    tensor([1., 4., 9.])
    """
    return apply(_POW, input, exponent)


def maximum(input: Operand, other: Operand) -> Tensor:
    """Return the larger of two, element by element; NaN where either is NaN.

    Example
    -------
    >>> sc.maximum(sc.tensor([1.0, 5.0]), sc.tensor([3.0, 2.0]))
    tensor([3., 5.])
    """
    return apply(_MAXIMUM, input, other)


def minimum(input: Operand, other: Operand) -> Tensor:
    """Return the smaller of two, element by element; NaN where either is NaN.

    Example
    -------
    >>> sc.minimum(sc.tensor([1.0, 5.0]), sc.tensor([3.0, 2.0]))
    tensor([1., 2.])
    """
    return apply(_MINIMUM, input, other)


def atan2(input: Operand, other: Operand) -> Tensor:
    """Return the angle of the point (`other`, `input`) in radians, between -π and π.

    Example
    -------
    >>> sc.atan2(sc.tensor([1.0, -1.0]), sc.tensor([1.0, -1.0]))
    tensor([ 0.7854, -2.3562])
    """
    return apply(_ATAN2, input, other)


def _whole_limits(dtype: DType, min: Operand | None, max: Operand | None) -> tuple[Operand | None, Operand | None]:
    """The same limits, but no number beyond those of the dtype, with which its elements cannot be compared."""
    if dtype.numpy_dtype.kind == "b":
        return min, max
    least, most = numpy.iinfo(dtype.numpy_dtype).min, numpy.iinfo(dtype.numpy_dtype).max
    if (isinstance(min, int) and min > most) or (isinstance(max, int) and max < least):
        raise ValueError(f"clamp: the limits {min} and {max} leave no number of {dtype}, {least} to {most}")
    return (
        least if isinstance(min, int) and min < least else min,
        most if isinstance(max, int) and max > most else max,
    )


def clamp(input: Tensor, min: Operand | None = None, max: Operand | None = None) -> Tensor:
    """Return the elements, limited to lie between `min` and `max`.

    Parameters
    ----------
    input : Tensor
        Any shape.
    min, max : float or Tensor, optional
        The limits; None for no limit on this side. Floating-point limits make float32 of integers.

    Raises
    ------
    ValueError
        When both limits are missing, or leave no number of an integer dtype.

    Example
    -------
    >>> sc.clamp(sc.tensor([-2.0, 0.5, 7.0]), 0, 1)
    tensor([0.0000, 0.5000, 1.0000])
    """
    if min is None and max is None:
        raise ValueError("clamp: at least one of min and max must be given")
    is_whole = isinstance(input, TensorBase) and not input.dtype.is_floating_point
    are_numbers = isinstance(min, (int, float, type(None))) and isinstance(max, (int, float, type(None)))
    # The limits of the operator are floating-point numbers, which cannot tell large integers apart.
    if are_numbers and not is_whole:
        return apply(_CLAMP, input, -_INFINITY if min is None else float(min), _INFINITY if max is None else float(max))
    if is_whole:
        min, max = _whole_limits(input.dtype, min, max)
    if min is not None:
        input = apply(_MAXIMUM, input, min)
    return input if max is None else apply(_MINIMUM, input, max)


def where(condition: Tensor, input: Operand | None = None, other: Operand | None = None) -> Tensor:
    """Return elements of `input` where the condition holds, and of `other` elsewhere.

    Parameters
    ----------
    condition : Tensor
        bool.
    input, other : Tensor or number, optional
        Shapes that broadcast with the condition's. With neither, the result is ``nonzero(condition, as_tuple=True)``.

    Example
    -------
    >>> x = sc.tensor([-1.0, 2.0])
    >>> sc.where(x > 0, x, 0.0)
    tensor([0., 2.])
    """
    if input is None and other is None:
        from .indexing import nonzero

        return nonzero(condition, as_tuple=True)
    return apply(_WHERE, condition, input, other)


def bitwise_and(input: Operand, other: Operand) -> Tensor:
    """Return the bits set in both of two integers; for bools, and.

    Example
    -------
    >>> sc.bitwise_and(sc.tensor([6]), 3)
    tensor([2])
    """
    return apply(_BITWISE_AND, input, other)


def bitwise_or(input: Operand, other: Operand) -> Tensor:
    """Return the bits set in at least one of two integers; for bools, or.

    Example
    -------
    >>> sc.bitwise_or(sc.tensor([6]), 3)
    tensor([7])
    """
    return apply(_BITWISE_OR, input, other)


def bitwise_xor(input: Operand, other: Operand) -> Tensor:
    """Return the bits set in exactly one of two integers; for bools, either-or.

    Example
    -------
    >>> sc.bitwise_xor(sc.tensor([6]), 3)
    tensor([5])
    """
    return apply(_BITWISE_XOR, input, other)


def logical_and(input: Tensor, other: Tensor) -> Tensor:
    """Tell where both are nonzero.

    Example
    -------
    >>> sc.logical_and(sc.tensor([1.0, 0.0]), sc.tensor([True, True]))
    tensor([ True, False])
    """
    return apply(_BITWISE_AND, apply(_NE, input, 0), apply(_NE, other, 0))


def logical_or(input: Tensor, other: Tensor) -> Tensor:
    """Tell where at least one is nonzero.

    Example
    -------
    >>> sc.logical_or(sc.tensor([1.0, 0.0]), sc.tensor([False, False]))
    tensor([ True, False])
    """
    return apply(_BITWISE_OR, apply(_NE, input, 0), apply(_NE, other, 0))


def logical_xor(input: Tensor, other: Tensor) -> Tensor:
    """Tell where exactly one is nonzero.

    Example
    -------
    >>> sc.logical_xor(sc.tensor([1.0, 1.0]), sc.tensor([True, False]))
    tensor([False,  True])
    """
    return apply(_BITWISE_XOR, apply(_NE, input, 0), apply(_NE, other, 0))


subtract = sub
multiply = mul
divide = div
true_divide = div
arctan2 = atan2
clip = clamp
