"""Activation functions as modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..ops import log_softmax, sigmoid, softmax, tanh
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
        return F.relu(input, self.inplace)

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

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Return the input times its sigmoid."""
        return F.silu(input, self.inplace)

    def extra_repr(self) -> str:
        return "inplace=True" if self.inplace else ""


class Softplus(Module):
    """Computes ``nn.functional.softplus``.

    Example
    -------
    >>> nn.Softplus()(sc.zeros(1))
    tensor([0.6931])
    """

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
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

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        super().__init__()
        self.negative_slope, self.inplace = negative_slope, inplace

    def forward(self, input: Tensor) -> Tensor:
        """Return the input, with its negative part scaled down."""
        return F.leaky_relu(input, self.negative_slope, self.inplace)

    def extra_repr(self) -> str:
        return f"negative_slope={self.negative_slope}" + (", inplace=True" if self.inplace else "")


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


class ELU(Module):
    """Computes ``nn.functional.elu``.

    Example
    -------
    >>> nn.ELU()(sc.tensor([-1.0]))
    tensor([-0.6321])
    """

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        self.alpha, self.inplace = alpha, inplace

    def forward(self, input: Tensor) -> Tensor:
        """Return the input, with its negative part bent towards ``-alpha``."""
        return F.elu(input, self.alpha, self.inplace)

    def extra_repr(self) -> str:
        return f"alpha={self.alpha}" + (", inplace=True" if self.inplace else "")


class SELU(Module):
    """Computes ``nn.functional.selu``.

    Example
    -------
    >>> nn.SELU()(sc.ones(1))
    tensor([1.0507])
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Return the scaled `ELU` of the input."""
        return F.selu(input, self.inplace)

    def extra_repr(self) -> str:
        return "inplace=True" if self.inplace else ""


class Hardtanh(Module):
    """Computes ``nn.functional.hardtanh``.

    Example
    -------
    >>> nn.Hardtanh(-2, 2)(sc.tensor([3.0]))
    tensor([2.])
    """

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> None:
        super().__init__()
        if min_val >= max_val:
            raise ValueError(f"Hardtanh: min_val {min_val} must be smaller than max_val {max_val}")
        self.min_val, self.max_val, self.inplace = min_val, max_val, inplace

    def forward(self, input: Tensor) -> Tensor:
        """Return the input, cut off at both ends."""
        return F.hardtanh(input, self.min_val, self.max_val, self.inplace)

    def extra_repr(self) -> str:
        return f"min_val={self.min_val}, max_val={self.max_val}" + (", inplace=True" if self.inplace else "")


class ReLU6(Module):
    """Computes ``nn.functional.relu6``.

    Example
    -------
    >>> nn.ReLU6()(sc.tensor([8.0]))
    tensor([6.])
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Return the positive part of the input, at most 6."""
        return F.relu6(input, self.inplace)

    def extra_repr(self) -> str:
        return "inplace=True" if self.inplace else ""


class Hardsigmoid(Module):
    """Computes ``nn.functional.hardsigmoid``.

    Example
    -------
    >>> nn.Hardsigmoid()(sc.zeros(1))
    tensor([0.5000])
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Return values from 0 to 1."""
        return F.hardsigmoid(input, self.inplace)


class Hardswish(Module):
    """Computes ``nn.functional.hardswish``.

    Example
    -------
    >>> nn.Hardswish()(sc.tensor([4.0]))
    tensor([4.])
    """

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Return the input times its `Hardsigmoid`."""
        return F.hardswish(input, self.inplace)


class LogSigmoid(Module):
    """Computes ``nn.functional.logsigmoid``.

    Example
    -------
    >>> nn.LogSigmoid()(sc.zeros(1))
    tensor([-0.6931])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return the logarithms of values between 0 and 1."""
        return F.logsigmoid(input)


class Softsign(Module):
    """Computes ``nn.functional.softsign``.

    Example
    -------
    >>> nn.Softsign()(sc.ones(1))
    tensor([0.5000])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return values between -1 and 1."""
        return F.softsign(input)
