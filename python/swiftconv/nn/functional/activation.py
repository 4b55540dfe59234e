"""Activation functions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..._core import apply, apply_in_place, operators
from ...ops import log_softmax, sigmoid, softmax, tanh

if TYPE_CHECKING:
    from ...tensor import Tensor

__all__ = [
    "elu",
    "gelu",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "leaky_relu",
    "log_softmax",
    "logsigmoid",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "softsign",
    "tanh",
]

_RELU = operators["relu"]
_ABS = operators["abs"]
_ADD = operators["add"]
_MUL = operators["mul"]
_DIV = operators["div"]
_NEG = operators["neg"]
_EXPM1 = operators["expm1"]
_CLAMP = operators["clamp"]
_WHERE = operators["where"]
_GE = operators["ge"]
_GELU = operators["gelu"]
_SILU = operators["silu"]
_SOFTPLUS = operators["softplus"]
_LEAKY_RELU = operators["leaky_relu"]


def _in_place(function: Callable[[Tensor], Tensor], input: Tensor) -> Tensor:
    """Store a formula's result in its input; the record keeps a copy of what the input was."""
    return input.copy_(function(input.clone()))


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    r"""Return :math:`\max(x, 0)`; its slope at 0 is 0.

    Parameters
    ----------
    inplace : bool
        Whether to store the result in the input.

    Source
    ------
    Dive into Deep Learning, section 5.1.2.1.

    Example
    -------
    >>> F.relu(sc.tensor([-1.0, 2.0]))
    tensor([0., 2.])
    """
    return apply_in_place(_RELU, input) if inplace else apply(_RELU, input)


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


def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """Return :math:`x / (1 + e^{-x})`, also called swish.

    Example
    -------
    >>> F.silu(sc.tensor([-1.0, 1.0]))
    tensor([-0.2689,  0.7311])
    """
    return apply_in_place(_SILU, input) if inplace else apply(_SILU, input)


def softplus(input: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    r"""Return :math:`\log(1 + e^{\beta x}) / \beta`, and :math:`x` where :math:`\beta x` is above the threshold.

    Example
    -------
    >>> F.softplus(sc.tensor([0.0, 30.0]))
    tensor([ 0.6931, 30.0000])
    """
    return apply(_SOFTPLUS, input, float(beta), float(threshold))


def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """Return :math:`x` where it is positive, and `negative_slope` times :math:`x` elsewhere.

    Example
    -------
    >>> F.leaky_relu(sc.tensor([-1.0, 1.0]), 0.1)
    tensor([-0.1000,  1.0000])
    """
    call = apply_in_place if inplace else apply
    return call(_LEAKY_RELU, input, float(negative_slope))


def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    r"""Return :math:`x` where it is positive, and :math:`\alpha (e^x - 1)` elsewhere.

    Source
    ------
    Clevert, Unterthiner, Hochreiter, arXiv:1511.07289.

    Example
    -------
    >>> F.elu(sc.tensor([-1.0, 1.0]))
    tensor([-0.6321,  1.0000])
    """
    if inplace:
        return _in_place(lambda x: elu(x, alpha), input)
    # The exponential sees the negative part only: of large numbers it would be infinite, and its gradient not a number.
    negative = apply(_EXPM1, apply(_CLAMP, input, -math.inf, 0.0))
    return apply(_ADD, apply(_RELU, input), negative if alpha == 1 else apply(_MUL, negative, float(alpha)))


def selu(input: Tensor, inplace: bool = False) -> Tensor:
    """Return `elu` with the scales that keep mean 0 and variance 1 from layer to layer.

    Source
    ------
    Klambauer et al., "Self-Normalizing Neural Networks", arXiv:1706.02515, equation 14.

    Example
    -------
    >>> F.selu(sc.tensor([-1.0, 1.0]))
    tensor([-1.1113,  1.0507])
    """
    if inplace:
        return _in_place(selu, input)
    return apply(_MUL, elu(input, 1.6732632423543772), 1.0507009873554805)


def hardtanh(input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Tensor:
    """Return the input with smaller numbers replaced by `min_val` and larger ones by `max_val`.

    Example
    -------
    >>> F.hardtanh(sc.tensor([-2.0, 0.5]))
    tensor([-1.0000,  0.5000])
    """
    if min_val > max_val:
        raise ValueError(f"hardtanh: min_val {min_val} is larger than max_val {max_val}")
    call = apply_in_place if inplace else apply
    return call(_CLAMP, input, float(min_val), float(max_val))


def relu6(input: Tensor, inplace: bool = False) -> Tensor:
    """Return `relu`, but at most 6.

    Example
    -------
    >>> F.relu6(sc.tensor([-1.0, 3.0, 8.0]))
    tensor([0., 3., 6.])
    """
    if inplace:
        return _in_place(relu6, input)
    # The slope is 0 at 6, too, as in PyTorch.
    return apply(_WHERE, apply(_GE, input, 6), 6.0, apply(_RELU, input))


def hardsigmoid(input: Tensor, inplace: bool = False) -> Tensor:
    """Return ``relu6(x + 3) / 6``: straight lines near `sigmoid`.

    Example
    -------
    >>> F.hardsigmoid(sc.tensor([-4.0, 0.0, 1.5]))
    tensor([0.0000, 0.5000, 0.7500])
    """
    if inplace:
        return _in_place(hardsigmoid, input)
    return apply(_DIV, relu6(apply(_ADD, input, 3)), 6)


def hardswish(input: Tensor, inplace: bool = False) -> Tensor:
    """Return :math:`x` times ``hardsigmoid(x)``: a cheaper `silu`.

    Source
    ------
    Howard et al., "Searching for MobileNetV3", arXiv:1905.02244.

    Example
    -------
    >>> F.hardswish(sc.tensor([1.5, 4.0]))
    tensor([1.1250, 4.0000])
    """
    if inplace:
        return _in_place(hardswish, input)
    return apply(_MUL, input, hardsigmoid(input))


def logsigmoid(input: Tensor) -> Tensor:
    """Return the logarithm of `sigmoid`, exact also where the sigmoid is 0 in floating point.

    Example
    -------
    >>> F.logsigmoid(sc.tensor([-200.0, 0.0]))
    tensor([-200.0000,   -0.6931])
    """
    # Beyond 40, the smooth part is less than a float64 can show.
    return apply(_NEG, apply(_SOFTPLUS, apply(_NEG, input), 1.0, 40.0))


def softsign(input: Tensor) -> Tensor:
    """Return :math:`x / (1 + |x|)`.

    Example
    -------
    >>> F.softsign(sc.tensor([-1.0, 3.0]))
    tensor([-0.5000,  0.7500])
    """
    return apply(_DIV, input, apply(_ADD, apply(_ABS, input), 1))
