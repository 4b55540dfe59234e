"""Exponentials, logarithms, powers and roots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._core import apply, operators

if TYPE_CHECKING:
    from ..tensor import Tensor

__all__ = [
    "erf",
    "exp",
    "expm1",
    "log",
    "log10",
    "log1p",
    "log2",
    "reciprocal",
    "rsqrt",
    "sqrt",
    "square",
]

_EXP = operators["exp"]
_EXPM1 = operators["expm1"]
_LOG = operators["log"]
_LOG1P = operators["log1p"]
_LOG2 = operators["log2"]
_LOG10 = operators["log10"]
_SQRT = operators["sqrt"]
_RSQRT = operators["rsqrt"]
_RECIPROCAL = operators["reciprocal"]
_SQUARE = operators["square"]
_ERF = operators["erf"]


def exp(input: Tensor) -> Tensor:
    """Return :math:`e^x` of every element.

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
    >>> sc.exp(sc.tensor([0.0, 1.0]))
    tensor([1.0000, 2.7183])
    """
    return apply(_EXP, input)


def expm1(input: Tensor) -> Tensor:
    """Return :math:`e^x - 1` of every element, exact for small ones.

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
    >>> sc.expm1(sc.tensor([0.0, 1e-3]))
    tensor([0.0000, 0.0010])
    """
    return apply(_EXPM1, input)


def log(input: Tensor) -> Tensor:
    """Return the natural logarithm of every element.

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
    >>> sc.log(sc.tensor([1.0, 2.0]))
    tensor([0.0000, 0.6931])
    """
    return apply(_LOG, input)


def log1p(input: Tensor) -> Tensor:
    r"""Return :math:`\log(1 + x)` of every element, exact for small ones.

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
    >>> sc.log1p(sc.tensor([0.0, 1.0]))
    tensor([0.0000, 0.6931])
    """
    return apply(_LOG1P, input)


def log2(input: Tensor) -> Tensor:
    """Return the logarithm to base 2 of every element.

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
    >>> sc.log2(sc.tensor([1.0, 8.0]))
    tensor([0., 3.])
    """
    return apply(_LOG2, input)


def log10(input: Tensor) -> Tensor:
    """Return the logarithm to base 10 of every element.

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
    >>> sc.log10(sc.tensor([1.0, 1000.0]))
    tensor([0., 3.])
    """
    return apply(_LOG10, input)


def sqrt(input: Tensor) -> Tensor:
    """Return the square root of every element.

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
    >>> sc.sqrt(sc.tensor([4.0, 2.0]))
    tensor([2.0000, 1.4142])
    """
    return apply(_SQRT, input)


def rsqrt(input: Tensor) -> Tensor:
    r"""Return :math:`1 / \sqrt x` of every element.

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
    >>> sc.rsqrt(sc.tensor([4.0, 0.25]))
    tensor([0.5000, 2.0000])
    """
    return apply(_RSQRT, input)


def reciprocal(input: Tensor) -> Tensor:
    """Return :math:`1 / x` of every element.

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
    >>> sc.reciprocal(sc.tensor([4.0, -0.5]))
    tensor([ 0.2500, -2.0000])
    """
    return apply(_RECIPROCAL, input)


def square(input: Tensor) -> Tensor:
    """Return :math:`x^2` of every element.

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
    >>> sc.square(sc.tensor([3.0, -0.5]))
    tensor([9.0000, 0.2500])
    """
    return apply(_SQUARE, input)


def erf(input: Tensor) -> Tensor:
    r"""Return the error function :math:`\frac{2}{\sqrt\pi} \int_0^x e^{-t^2} dt` of every element.

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
    >>> sc.erf(sc.tensor([0.0, 1.0]))
    tensor([0.0000, 0.8427])
    """
    return apply(_ERF, input)
