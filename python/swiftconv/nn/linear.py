"""Fully connected layers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from .._core import empty
from . import functional as F
from . import init
from .lazy import LazyModule
from .module import Module
from .parameter import Parameter, UninitializedParameter, dtype_on

if TYPE_CHECKING:
    from ..tensor import Tensor


class Identity(Module):
    """Returns its input; takes and ignores any arguments.

    Example
    -------
    >>> nn.Identity()(sc.ones(2))
    tensor([1., 1.])
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, input: Tensor) -> Tensor:
        """Return the input."""
        return input


class Linear(Module):
    r"""Computes :math:`x W^\top + b`.

    Parameters
    ----------
    in_features, out_features : int
        Sizes of the last axis of the input and of the output.
    bias : bool
        Whether to add :math:`b`.

    Attributes
    ----------
    weight : Parameter
        ``(out_features, in_features)``.
    bias : Parameter or None
        ``(out_features,)``.

    Source
    ------
    Dive into Deep Learning, section 3.5.

    Example
    -------
    >>> layer = nn.Linear(3, 2)
    >>> layer
    Linear(in_features=3, out_features=2, bias=True)
    >>> layer(sc.zeros(5, 3)).shape
    swiftconv.Size([5, 2])
    """

    def __init__(
        self, in_features: int, out_features: int, bias: bool = True, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        name = type(self).__name__
        if in_features < 0 or out_features < 0:
            raise ValueError(f"{name}: features must not be negative, got {in_features} and {out_features}")
        self.in_features, self.out_features = in_features, out_features
        self._make_parameters(bias, dtype_on(device, dtype))

    def _make_parameters(self, bias: bool, dtype: Any) -> None:
        self.weight = Parameter(empty((self.out_features, self.in_features), dtype.code))
        self.register_parameter("bias", Parameter(empty((self.out_features,), dtype.code)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        r"""Draw weights and bias anew, uniformly within :math:`\pm 1 / \sqrt{\text{in features}}` as PyTorch does.

        Example
        -------
        >>> layer = nn.Linear(4, 2)
        >>> _ = nn.init.zeros_(layer.weight)
        >>> layer.reset_parameters()
        >>> bool((layer.weight.abs() <= 0.5).all()), bool((layer.weight != 0).any())
        (True, True)
        """
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            bound = 1 / math.sqrt(self.in_features) if self.in_features else 0
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input: Tensor) -> Tensor:
        """Return ``(..., out_features)`` for an input ``(..., in_features)``."""
        return F.linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class LazyLinear(LazyModule, Linear):
    """`Linear` without `in_features`, which it learns from the first input.

    Source
    ------
    Dive into Deep Learning, section 6.4.

    Example
    -------
    >>> layer = nn.LazyLinear(2)
    >>> layer
    LazyLinear(in_features=0, out_features=2, bias=True)
    >>> _ = layer(sc.zeros(5, 3))
    >>> layer
    Linear(in_features=3, out_features=2, bias=True)
    """

    finished_class = Linear

    def __init__(self, out_features: int, bias: bool = True, device: Any = None, dtype: Any = None) -> None:
        super().__init__(0, out_features, bias, device, dtype)

    def _make_parameters(self, bias: bool, dtype: Any) -> None:
        object.__setattr__(self, "_dtype", dtype)
        self.weight = UninitializedParameter()
        self.register_parameter("bias", UninitializedParameter() if bias else None)

    def initialize_parameters(self, input: Tensor) -> None:
        """Give the parameters their shapes, from the last axis of an input."""
        if input.ndim == 0:
            raise ValueError("Linear: x has no axes, expected (..., in_features)")
        self.in_features = input.shape[-1]
        self.materialize("weight", (self.out_features, self.in_features), self._dtype)
        self.materialize("bias", (self.out_features,), self._dtype)
        self.reset_parameters()

    def adopt_parameters(self) -> None:
        """Take the number of features from a loaded weight."""
        self.in_features = self.weight.shape[1]
