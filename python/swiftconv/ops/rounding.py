"""Signs, rounding, and questions about single elements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._core import apply, operators

if TYPE_CHECKING:
    from ..tensor import Tensor

__all__ = [
    "abs",
    "absolute",
    "bitwise_not",
    "ceil",
    "fix",
    "floor",
    "isfinite",
    "isinf",
    "isnan",
    "logical_not",
    "neg",
    "negative",
    "round",
    "sign",
    "trunc",
]

_NEG = operators["neg"]
_ABS = operators["abs"]
_SIGN = operators["sign"]
_FLOOR = operators["floor"]
_CEIL = operators["ceil"]
_ROUND = operators["round"]
_TRUNC = operators["trunc"]
_ISNAN = operators["isnan"]
_ISINF = operators["isinf"]
_LOGICAL_NOT = operators["logical_not"]
_BITWISE_NOT = operators["bitwise_not"]
_BITWISE_OR = operators["bitwise_or"]


def neg(input: Tensor) -> Tensor:
    """Return :math:`-x` of every element.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype but bool.

    Returns
    -------
    Tensor
        The shape and dtype of `input`.

    Example
    -------
    >>> sc.neg(sc.tensor([1.0, -2.0]))
    tensor([-1.,  2.])
    """
    return apply(_NEG, input)


def abs(input: Tensor) -> Tensor:
    """Return the distance of every element from zero.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype but bool.

    Returns
    -------
    Tensor
        The shape and dtype of `input`.

    Example
    -------
    >>> sc.abs(sc.tensor([1.0, -2.0]))
    tensor([1., 2.])
    """
    return apply(_ABS, input)


def sign(input: Tensor) -> Tensor:
    """Return -1, 0 or 1 for negative, zero and positive elements.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype but bool.

    Returns
    -------
    Tensor
        The shape and dtype of `input`.

    Example
    -------
    >>> sc.sign(sc.tensor([-3.0, 0.0, 2.0]))
    tensor([-1.,  0.,  1.])
    """
    return apply(_SIGN, input)


def floor(input: Tensor) -> Tensor:
    """Return the greatest whole number that is not above the element.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype but bool.

    Returns
    -------
    Tensor
        The shape and dtype of `input`.

    Example
    -------
    >>> sc.floor(sc.tensor([1.7, -1.2]))
    tensor([ 1., -2.])
    """
    return apply(_FLOOR, input)


def ceil(input: Tensor) -> Tensor:
    """Return the smallest whole number that is not below the element.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype but bool.

    Returns
    -------
    Tensor
        The shape and dtype of `input`.

    Example
    -------
    >>> sc.ceil(sc.tensor([1.2, -1.7]))
    tensor([ 2., -1.])
    """
    return apply(_CEIL, input)


def round(input: Tensor, *, decimals: int = 0) -> Tensor:
    """Return the nearest whole number; halves go to the even one.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype but bool.
    decimals : int
        How many digits after the point are kept; negative numbers round digits before it. Only floats have it.

    Returns
    -------
    Tensor
        The shape and dtype of `input`.

    Raises
    ------
    TypeError
        When `decimals` is given for whole numbers.

    Example
    -------
    >>> sc.round(sc.tensor([0.5, 1.5, 1.7]))
    tensor([0., 2., 2.])
    >>> sc.round(sc.tensor([0.1256, 12.5]), decimals=2)
    tensor([ 0.1300, 12.5000])
    """
    if decimals == 0:
        return apply(_ROUND, input)
    if not input.dtype.is_floating_point:
        raise TypeError(f"round: decimals is for floats, got dtype {input.dtype}; use float() first")
    scale = 10.0 ** abs(decimals)
    return apply(_ROUND, input * scale) / scale if decimals > 0 else apply(_ROUND, input / scale) * scale


def trunc(input: Tensor) -> Tensor:
    """Return the element without its digits after the point.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype but bool.

    Returns
    -------
    Tensor
        The shape and dtype of `input`.

    Example
    -------
    >>> sc.trunc(sc.tensor([1.7, -1.7]))
    tensor([ 1., -1.])
    """
    return apply(_TRUNC, input)


def isnan(input: Tensor) -> Tensor:
    """Tell which elements are not a number.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.

    Returns
    -------
    Tensor
        bool, in the shape of `input`.

    Example
    -------
    >>> sc.isnan(sc.tensor([1.0, float('nan')]))
    tensor([False,  True])
    """
    return apply(_ISNAN, input)


def isinf(input: Tensor) -> Tensor:
    """Tell which elements are infinite.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.

    Returns
    -------
    Tensor
        bool, in the shape of `input`.

    Example
    -------
    >>> sc.isinf(sc.tensor([1.0, float('-inf')]))
    tensor([False,  True])
    """
    return apply(_ISINF, input)


def logical_not(input: Tensor) -> Tensor:
    """Tell which elements are zero or False.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.

    Returns
    -------
    Tensor
        bool, in the shape of `input`.

    Example
    -------
    >>> sc.logical_not(sc.tensor([1.0, 0.0]))
    tensor([False,  True])
    """
    return apply(_LOGICAL_NOT, input)


def bitwise_not(input: Tensor) -> Tensor:
    """Flip every bit of integers; turn True into False and back.

    Parameters
    ----------
    input : Tensor
        Integers or bools, any shape.

    Returns
    -------
    Tensor
        The shape and dtype of `input`.

    Example
    -------
    >>> sc.bitwise_not(sc.tensor([True, False]))
    tensor([False,  True])
    """
    return apply(_BITWISE_NOT, input)


def isfinite(input: Tensor) -> Tensor:
    """Tell which elements are neither infinite nor NaN.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype.

    Returns
    -------
    Tensor
        bool, in the shape of `input`.

    Example
    -------
    >>> sc.isfinite(sc.tensor([1.0, float('inf')]))
    tensor([ True, False])
    """
    return apply(_LOGICAL_NOT, apply(_BITWISE_OR, apply(_ISNAN, input), apply(_ISINF, input)))


negative = neg
absolute = abs
fix = trunc
