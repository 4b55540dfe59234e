"""Activation functions as modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..ops import log_softmax, relu, sigmoid, softmax, tanh
from . import functional as F
from .module import Module

if TYPE_CHECKING:
    from ..tensor import Tensor


class ReLU(Module):
    """Computes `relu`.

    Parameters
    ----------
    inplace : bool
        Whether to store the result in the input.

    Example
    -------
    >>> nn.ReLU()(sc.tensor([-1.0, 2.0]))
    tensor([0., 2.])
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Return the positive part of the input."""
        return input.relu_() if self.inplace else relu(input)

    def extra_repr(self) -> str:
        return "inplace=True" if self.inplace else ""


class Sigmoid(Module):
    """Computes `sigmoid`.

    Example
    -------
    >>> nn.Sigmoid()(sc.zeros(1))
    tensor([0.5000])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return values between 0 and 1."""
        return sigmoid(input)


class Tanh(Module):
    """Computes `tanh`.

    Example
    -------
    >>> nn.Tanh()(sc.ones(1))
    tensor([0.7616])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return values between -1 and 1."""
        return tanh(input)


class GELU(Module):
    """Computes ``nn.functional.gelu``.

    Example
    -------
    >>> nn.GELU()(sc.ones(1))
    tensor([0.8413])
    """

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = approximate

    def forward(self, input: Tensor) -> Tensor:
        """Return the input times the distribution function of the normal distribution at it."""
        return F.gelu(input, self.approximate)

    def extra_repr(self) -> str:
        return f"approximate={self.approximate!r}"


class SiLU(Module):
    """Computes ``nn.functional.silu``.

    Example
    -------
    >>> nn.SiLU()(sc.ones(1))
    tensor([0.7311])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return the input times its sigmoid."""
        return F.silu(input)


class Softplus(Module):
    """Computes ``nn.functional.softplus``.

    Example
    -------
    >>> nn.Softplus()(sc.zeros(1))
    tensor([0.6931])
    """

    def __init__(self, beta: float = 1, threshold: float = 20) -> None:
        super().__init__()
        self.beta, self.threshold = beta, threshold

    def forward(self, input: Tensor) -> Tensor:
        """Return a smooth version of `relu`."""
        return F.softplus(input, self.beta, self.threshold)

    def extra_repr(self) -> str:
        return f"beta={self.beta}, threshold={self.threshold}"


class LeakyReLU(Module):
    """Computes ``nn.functional.leaky_relu``.

    Example
    -------
    >>> nn.LeakyReLU(0.1)(sc.tensor([-1.0]))
    tensor([-0.1000])
    """

    def __init__(self, negative_slope: float = 0.01) -> None:
        super().__init__()
        self.negative_slope = negative_slope

    def forward(self, input: Tensor) -> Tensor:
        """Return the input, with its negative part scaled down."""
        return F.leaky_relu(input, self.negative_slope)

    def extra_repr(self) -> str:
        return f"negative_slope={self.negative_slope}"


class Softmax(Module):
    """Computes `softmax` along an axis.

    Example
    -------
    >>> nn.Softmax(dim=1)(sc.zeros(1, 2))
    tensor([[0.5000, 0.5000]])
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """Return probabilities."""
        return softmax(input, self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class LogSoftmax(Module):
    """Computes `log_softmax` along an axis.

    Example
    -------
    >>> nn.LogSoftmax(dim=1)(sc.zeros(1, 2))
    tensor([[-0.6931, -0.6931]])
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        """Return the logarithms of probabilities."""
        return log_softmax(input, self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"
