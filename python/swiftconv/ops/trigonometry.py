"""Trigonometric and hyperbolic functions. Angles are in radians."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._core import apply, operators

if TYPE_CHECKING:
    from ..tensor import Tensor

__all__ = [
    "acos",
    "arccos",
    "arcsin",
    "arctan",
    "asin",
    "atan",
    "cos",
    "cosh",
    "sin",
    "sinh",
    "tan",
    "tanh",
]

_SIN = operators["sin"]
_COS = operators["cos"]
_TAN = operators["tan"]
_ASIN = operators["asin"]
_ACOS = operators["acos"]
_ATAN = operators["atan"]
_SINH = operators["sinh"]
_COSH = operators["cosh"]
_TANH = operators["tanh"]


def sin(input: Tensor) -> Tensor:
    """Return the sine of every element.

    Parameters
    ----------
    input : Tensor
        Any shape; integers and bools are computed in float32.

    Returns
    -------
    Tensor
        The shape of `input`.

    Example
    -------
    >>> sc.sin(sc.tensor([0.0, 1.0]))
    tensor([0.0000, 0.8415])
    """
    return apply(_SIN, input)


def cos(input: Tensor) -> Tensor:
    """Return the cosine of every element.

    Parameters
    ----------
    input : Tensor
        Any shape; integers and bools are computed in float32.

    Returns
    -------
    Tensor
        The shape of `input`.

    Example
    -------
    >>> sc.cos(sc.tensor([0.0, 1.0]))
    tensor([1.0000, 0.5403])
    """
    return apply(_COS, input)


def tan(input: Tensor) -> Tensor:
    """Return the tangent of every element.

    Parameters
    ----------
    input : Tensor
        Any shape; integers and bools are computed in float32.

    Returns
    -------
    Tensor
        The shape of `input`.

    Example
    -------
    >>> sc.tan(sc.tensor([0.0, 1.0]))
    tensor([0.0000, 1.5574])
    """
    return apply(_TAN, input)


def asin(input: Tensor) -> Tensor:
    """Return the angle whose sine is the element, between -π/2 and π/2; NaN outside of [-1, 1].

    Parameters
    ----------
    input : Tensor
        Any shape; integers and bools are computed in float32.

    Returns
    -------
    Tensor
        The shape of `input`.

    Example
    -------
    >>> sc.asin(sc.tensor([0.0, 1.0]))
    tensor([0.0000, 1.5708])
    """
    return apply(_ASIN, input)


def acos(input: Tensor) -> Tensor:
    """Return the angle whose cosine is the element, between 0 and π; NaN outside of [-1, 1].

    Parameters
    ----------
    input : Tensor
        Any shape; integers and bools are computed in float32.

    Returns
    -------
    Tensor
        The shape of `input`.

    Example
    -------
    >>> sc.acos(sc.tensor([0.0, 1.0]))
    tensor([1.5708, 0.0000])
    """
    return apply(_ACOS, input)


def atan(input: Tensor) -> Tensor:
    """Return the angle whose tangent is the element, between -π/2 and π/2.

    Parameters
    ----------
    input : Tensor
        Any shape; integers and bools are computed in float32.

    Returns
    -------
    Tensor
        The shape of `input`.

    Example
    -------
    >>> sc.atan(sc.tensor([0.0, 1.0]))
    tensor([0.0000, 0.7854])
    """
    return apply(_ATAN, input)


def sinh(input: Tensor) -> Tensor:
    """Return the hyperbolic sine of every element.

    Parameters
    ----------
    input : Tensor
        Any shape; integers and bools are computed in float32.

    Returns
    -------
    Tensor
        The shape of `input`.

    Example
    -------
    >>> sc.sinh(sc.tensor([0.0, 1.0]))
    tensor([0.0000, 1.1752])
    """
    return apply(_SINH, input)


def cosh(input: Tensor) -> Tensor:
    """Return the hyperbolic cosine of every element.

    Parameters
    ----------
    input : Tensor
        Any shape; integers and bools are computed in float32.

    Returns
    -------
    Tensor
        The shape of `input`.

    Example
    -------
    >>> sc.cosh(sc.tensor([0.0, 1.0]))
    tensor([1.0000, 1.5431])
    """
    return apply(_COSH, input)


def tanh(input: Tensor) -> Tensor:
    """Return the hyperbolic tangent of every element, which lies between -1 and 1.

    Parameters
    ----------
    input : Tensor
        Any shape; integers and bools are computed in float32.

    Returns
    -------
    Tensor
        The shape of `input`.

    Example
    -------
    >>> sc.tanh(sc.tensor([0.0, 1.0]))
    tensor([0.0000, 0.7616])
    """
    return apply(_TANH, input)


arcsin = asin
arccos = acos
arctan = atan
