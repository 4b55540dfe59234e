"""Normalization that sees one element of the batch at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .._arguments import sizes
from .._core import empty
from ..autograd import no_grad
from . import functional as F
from .module import Module
from .parameter import Parameter, dtype_on

if TYPE_CHECKING:
    from .._dtype import dtype as DType
    from ..tensor import Tensor


class _Affine(Module):
    """A weight of ones and a bias of zeros, each if wanted."""

    def _make_parameters(self, shape: tuple[int, ...], weight: bool, bias: bool, dtype: DType) -> None:
        code = dtype.code
        self.register_parameter("weight", Parameter(empty(shape, code)) if weight else None)
        self.register_parameter("bias", Parameter(empty(shape, code)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set the weight to 1 and the bias to 0.

        Example
        -------
        >>> norm = nn.LayerNorm(3)
        >>> _ = nn.init.uniform_(norm.weight)
        >>> norm.reset_parameters()
        >>> norm.weight.data
        tensor([1., 1., 1.])
        """
        with no_grad():
            if self.weight is not None:
                self.weight.fill_(1)
            if self.bias is not None:
                self.bias.zero_()


class LayerNorm(_Affine):
    """Layer normalization: mean 0 and variance 1 over the last axes, then scaled and shifted element by element.

    Parameters
    ----------
    normalized_shape : int or sequence of int
        The sizes of the last axes.
    eps : float
        Added to variances, so that none is 0.
    elementwise_affine : bool
        Whether to scale and shift.
    bias : bool
        Whether to shift.

    Attributes
    ----------
    weight, bias : Parameter or None
        In the normalized shape, 1 and 0 at first.

    Source
    ------
    Ba, Kiros, Hinton, arXiv:1607.06450.

    Example
    -------
    >>> nn.LayerNorm(2)(sc.tensor([[1.0, 3.0]])).detach()
    tensor([[-1.0000,  1.0000]])
    """

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-05,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.normalized_shape = sizes((normalized_shape,), "LayerNorm")
        if not self.normalized_shape or min(self.normalized_shape) < 1:
            raise ValueError(f"LayerNorm: normalized_shape must be positive sizes, got {normalized_shape}")
        self.eps, self.elementwise_affine = eps, elementwise_affine
        has_bias = elementwise_affine and bias
        self._make_parameters(self.normalized_shape, elementwise_affine, has_bias, dtype_on(device, dtype))

    def forward(self, input: Tensor) -> Tensor:
        """Return the normalized input ``(..., *normalized_shape)``."""
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}, "
            f"bias={self.bias is not None}"
        )


class GroupNorm(_Affine):
    """Group normalization: mean 0 and variance 1 over groups of channels, then scaled and shifted per channel.

    Parameters
    ----------
    num_groups, num_channels : int
        Into how many groups the channels are divided, and how many there are.
    eps : float
        Added to variances, so that none is 0.
    affine : bool
        Whether to scale and shift.
    bias : bool
        Whether to shift.

    Attributes
    ----------
    weight, bias : Parameter or None
        ``(C,)``, 1 and 0 at first.

    Source
    ------
    Wu, He, arXiv:1803.08494.

    Example
    -------
    >>> nn.GroupNorm(1, 1)(sc.tensor([[[1.0, 3.0]]])).detach()
    tensor([[[-1.0000,  1.0000]]])
    """

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-05,
        affine: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        if num_groups < 1 or num_channels % num_groups:
            raise ValueError(f"GroupNorm: num_channels={num_channels} must be a multiple of num_groups={num_groups}")
        self.num_groups, self.num_channels, self.eps, self.affine = num_groups, num_channels, eps, affine
        self._make_parameters((num_channels,), affine, affine and bias, dtype_on(device, dtype))

    def forward(self, input: Tensor) -> Tensor:
        """Return the normalized input ``(N, C, ...)``."""
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        sizes_and_eps = f"{self.num_groups}, {self.num_channels}, eps={self.eps}"
        return f"{sizes_and_eps}, affine={self.affine}, bias={self.bias is not None}"
