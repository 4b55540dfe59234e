"""Comparisons. Their results are bool and carry no gradient."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

from .._core import apply, operators

if TYPE_CHECKING:
    from ..tensor import Tensor

    Operand = Tensor | float

__all__ = [
    "allclose",
    "eq",
    "equal",
    "ge",
    "greater",
    "greater_equal",
    "gt",
    "isclose",
    "le",
    "less",
    "less_equal",
    "lt",
    "ne",
    "not_equal",
]

_EQ = operators["eq"]
_NE = operators["ne"]
_LT = operators["lt"]
_LE = operators["le"]
_GT = operators["gt"]
_GE = operators["ge"]
_ALL = operators["all"]


def eq(input: Operand, other: Operand) -> Tensor:
    """Tell where :math:`x = y`.

    Example
    -------
    >>> sc.eq(sc.tensor([1, 2]), 2)
    tensor([False,  True])
    """
    return apply(_EQ, input, other)


def ne(input: Operand, other: Operand) -> Tensor:
    r"""Tell where :math:`x \ne y`.

    Example
    -------
    >>> sc.ne(sc.tensor([1, 2]), 2)
    tensor([ True, False])
    """
    return apply(_NE, input, other)


def lt(input: Operand, other: Operand) -> Tensor:
    """Tell where :math:`x < y`.

    Example
    -------
    >>> sc.lt(sc.tensor([1, 2]), 2)
    tensor([ True, False])
    """
    return apply(_LT, input, other)


def le(input: Operand, other: Operand) -> Tensor:
    r"""Tell where :math:`x \le y`.

    Example
    -------
    >>> sc.le(sc.tensor([1, 2, 3]), 2)
    tensor([ True,  True, False])
    """
    return apply(_LE, input, other)


def gt(input: Operand, other: Operand) -> Tensor:
    """Tell where :math:`x > y`.

    Example
    -------
    >>> sc.gt(sc.tensor([1, 2, 3]), 2)
    tensor([False, False,  True])
    """
    return apply(_GT, input, other)


def ge(input: Operand, other: Operand) -> Tensor:
    r"""Tell where :math:`x \ge y`.

    Example
    -------
    >>> sc.ge(sc.tensor([1, 2, 3]), 2)
    tensor([False,  True,  True])
    """
    return apply(_GE, input, other)


def equal(input: Tensor, other: Tensor) -> builtins.bool:
    """Tell whether two tensors have the same shape and elements.

    Example
    -------
    >>> sc.equal(sc.tensor([1, 2]), sc.tensor([1, 2]))
    True
    """
    return input.shape == other.shape and apply(_ALL, apply(_EQ, input, other), (), False).item()


def isclose(
    input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: builtins.bool = False
) -> Tensor:
    r"""Tell where :math:`|x - y| \le a + r |y|`.

    Parameters
    ----------
    input, other : Tensor
        Shapes that broadcast.
    rtol, atol : float
        :math:`r` and :math:`a`.
    equal_nan : bool
        Whether NaN counts as close to NaN.

    Example
    -------
    >>> sc.isclose(sc.tensor([1.0, 2.0]), sc.tensor([1.0000001, 2.1]))
    tensor([ True, False])
    """
    # The difference of unsigned integers and of bools may be negative.
    input, other = (each if each.dtype.is_floating_point else each.long() for each in (input, other))
    distance, tolerance = (input - other).abs(), other.abs() * rtol + atol
    # Infinities of one sign are equal, although their distance is NaN; no other distance may be infinite.
    result = (input == other) | ((distance <= tolerance) & distance.isfinite())
    return result | (input.isnan() & other.isnan()) if equal_nan else result


def allclose(
    input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: builtins.bool = False
) -> builtins.bool:
    """Tell whether all elements are close, in the sense of `isclose`.

    Example
    -------
    >>> sc.allclose(sc.tensor([1.0, 2.0]), sc.tensor([1.0000001, 2.0]))
    True
    """
    return apply(_ALL, isclose(input, other, rtol, atol, equal_nan), (), False).item()


not_equal = ne
less = lt
less_equal = le
greater = gt
greater_equal = ge
