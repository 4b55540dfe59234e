"""Activation functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..._core import apply, operators
from ...ops import log_softmax, relu, sigmoid, softmax, tanh

if TYPE_CHECKING:
    from ...tensor import Tensor

__all__ = ["gelu", "leaky_relu", "log_softmax", "relu", "sigmoid", "silu", "softmax", "softplus", "tanh"]

_GELU = operators["gelu"]
_SILU = operators["silu"]
_SOFTPLUS = operators["softplus"]
_LEAKY_RELU = operators["leaky_relu"]


def gelu(input: Tensor, approximate: str = "none") -> Tensor:
    r"""Return :math:`x \, \Phi(x)`, with the distribution function of the normal distribution.

    Parameters
    ----------
    approximate : {"none", "tanh"}
        Exact, or by a formula with tanh.

    Source
    ------
    Hendrycks, Gimpel, "Gaussian Error Linear Units", arXiv:1606.08415.

    Example
    -------
    >>> F.gelu(sc.tensor([-1.0, 1.0]))
    tensor([-0.1587,  0.8413])
    """
    if approximate not in ("none", "tanh"):
        raise ValueError(f"gelu: approximate must be 'none' or 'tanh', got {approximate!r}")
    return apply(_GELU, input, approximate == "tanh")


def silu(input: Tensor) -> Tensor:
    """Return :math:`x / (1 + e^{-x})`, also called swish.

    Example
    -------
    >>> F.silu(sc.tensor([-1.0, 1.0]))
    tensor([-0.2689,  0.7311])
    """
    return apply(_SILU, input)


def softplus(input: Tensor, beta: float = 1, threshold: float = 20) -> Tensor:
    r"""Return :math:`\log(1 + e^{\beta x}) / \beta`, and :math:`x` where :math:`\beta x` is above the threshold.

    Example
    -------
    >>> F.softplus(sc.tensor([0.0, 30.0]))
    tensor([ 0.6931, 30.0000])
    """
    return apply(_SOFTPLUS, input, float(beta), float(threshold))


def leaky_relu(input: Tensor, negative_slope: float = 0.01) -> Tensor:
    """Return :math:`x` where it is positive, and `negative_slope` times :math:`x` elsewhere.

    Example
    -------
    >>> F.leaky_relu(sc.tensor([-1.0, 1.0]), 0.1)
    tensor([-0.1000,  1.0000])
    """
    return apply(_LEAKY_RELU, input, float(negative_slope))
