"""Layers that apply a function to every element."""

from __future__ import annotations

from typing import Any

from ... import numpy_extension as npx
from ...array import ndarray
from ..block import HybridBlock


class Activation(HybridBlock):
    """An activation function by its name: relu, sigmoid, tanh, softrelu or softsign.

    Example
    -------
    >>> from swiftconv.mxnet.gluon import nn
    >>> nn.Activation("relu")
    Activation(relu)
    """

    def __init__(self, activation: str, **kwargs: Any) -> None:
        self._act_type = activation
        super().__init__(**kwargs)

    def _alias(self) -> str:
        return self._act_type

    def forward(self, x: ndarray) -> ndarray:
        """Apply the function."""
        return npx.activation(x, self._act_type)

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}({self._act_type})"


class LeakyReLU(HybridBlock):
    """``x`` above zero, ``alpha * x`` below."""

    def __init__(self, alpha: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._alpha = alpha

    def forward(self, x: ndarray) -> ndarray:
        """Apply the function."""
        return npx.leaky_relu(x, "leaky", self._alpha)

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}({self._alpha})"


class _Plain(HybridBlock):
    """A function without parameters, which prints as its name."""

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}()"


class ELU(_Plain):
    """``x`` above zero, ``alpha * (exp(x) - 1)`` below."""

    def __init__(self, alpha: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._alpha = alpha

    def forward(self, x: ndarray) -> ndarray:
        """Apply the function."""
        return npx.leaky_relu(x, "elu", self._alpha)


class SELU(_Plain):
    """The scaled exponential linear unit."""

    def forward(self, x: ndarray) -> ndarray:
        """Apply the function."""
        return npx.leaky_relu(x, "selu")


class GELU(_Plain):
    """The Gaussian error linear unit."""

    def forward(self, x: ndarray) -> ndarray:
        """Apply the function."""
        return npx.leaky_relu(x, "gelu")


class Swish(_Plain):
    """``x * sigmoid(beta * x)``."""

    def __init__(self, beta: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._beta = beta

    def forward(self, x: ndarray) -> ndarray:
        """Apply the function."""
        return x * npx.sigmoid(self._beta * x)


class SiLU(Swish):
    """``x * sigmoid(x)``."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(1.0, **kwargs)
