"""Convolutional layers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from .._arguments import repeated
from .._core import convolve, empty, register
from . import init
from .functional.conv import convolution
from .functional.windows import pad
from .lazy import LazyModule
from .module import Module
from .parameter import Parameter, UninitializedParameter, dtype_on

if TYPE_CHECKING:
    from ..tensor import Tensor

    Sizes = int | tuple[int, ...]


class _Conv(Module):
    """What convolutions of one, two and three axes share."""

    rank: int
    output_padding: tuple[int, ...] = ()

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: str | Sizes = 0,
        dilation: Sizes = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size = repeated(kernel_size, self.rank, f"{name}: kernel_size")
        self.stride = repeated(stride, self.rank, f"{name}: stride")
        self.dilation = repeated(dilation, self.rank, f"{name}: dilation")
        self.padding = padding if isinstance(padding, str) else repeated(padding, self.rank, f"{name}: padding")
        self.padding_mode = padding_mode
        self._check(name)
        self._make_parameters(bias, dtype_on(device, dtype))

    def _check(self, name: str) -> None:
        if self.padding_mode not in ("zeros", "reflect", "replicate", "circular"):
            raise ValueError(
                f"{name}: padding_mode must be 'zeros', 'reflect', 'replicate' or 'circular', got {self.padding_mode!r}"
            )
        if isinstance(self.padding, str):
            if self.padding not in ("same", "valid"):
                raise ValueError(f"{name}: padding must be numbers, 'same' or 'valid', got {self.padding!r}")
            if self.padding == "same" and any(step != 1 for step in self.stride):
                raise ValueError(f"{name}: padding='same' needs stride 1, got {self.stride}")
        if min(self.kernel_size) < 1:
            raise ValueError(f"{name}: kernel_size must be positive, got {self.kernel_size}")
        if self.groups < 1:
            raise ValueError(f"{name}: groups must be positive, got {self.groups}")
        for what, channels in (("in_channels", self.in_channels), ("out_channels", self.out_channels)):
            if channels < 0 or channels % self.groups:
                raise ValueError(f"{name}: {what}={channels} must be a multiple of groups={self.groups}")

    def _make_parameters(self, bias: bool, dtype: Any) -> None:
        self.weight = Parameter(empty(self.weight_shape(), dtype.code))
        self.register_parameter("bias", Parameter(empty((self.out_channels,), dtype.code)) if bias else None)
        self.reset_parameters()

    def weight_shape(self) -> tuple[int, ...]:
        """Return the shape that the weight has.

        Example
        -------
        >>> nn.Conv2d(4, 6, kernel_size=3, groups=2).weight_shape()
        (6, 2, 3, 3)
        """
        return (self.out_channels, self.in_channels // self.groups, *self.kernel_size)

    def reset_parameters(self) -> None:
        r"""Draw weights and bias anew, uniformly within :math:`\pm 1 / \sqrt{\text{fan in}}` as PyTorch does.

        Example
        -------
        >>> layer = nn.Conv2d(1, 1, kernel_size=2)
        >>> _ = nn.init.zeros_(layer.weight)
        >>> layer.reset_parameters()
        >>> bool((layer.weight != 0).all())
        True
        """
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None and self.weight.numel():
            fan_in, _ = init.fans(self.weight)
            bound = 1 / math.sqrt(fan_in)
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input: Tensor) -> Tensor:
        """Return the convolution of a batch; see ``nn.functional``."""
        result = convolve(self, input)
        return self._forward_unusual(input) if result is NotImplemented else result

    def _forward_unusual(self, input: Tensor) -> Tensor:
        """For subclasses, for settings that are not plain numbers, and for errors, which come with their texts here."""
        padding = self.padding
        if self.padding_mode != "zeros":
            input, padding = pad(input, self._border(), self.padding_mode), 0
        # Attributes of the class are those that a module finds last.
        rank = type(self).rank
        return convolution(rank, input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    def _border(self) -> list[int]:
        """The padding on each side, last axis first."""
        kernel = self.kernel_size if self.padding == "same" else (1,) * self.rank
        numbers = (0,) * self.rank if isinstance(self.padding, str) else self.padding
        border = []
        for each, size, step in zip(reversed(numbers), reversed(kernel), reversed(self.dilation), strict=True):
            total = 2 * each + step * (size - 1)
            border += [total // 2, total - total // 2]
        return border

    def extra_repr(self) -> str:
        parts = [str(self.in_channels), str(self.out_channels), f"kernel_size={self.kernel_size}"]
        parts.append(f"stride={self.stride}")
        if self.padding != (0,) * self.rank:
            parts.append(f"padding={self.padding}")
        if self.dilation != (1,) * self.rank:
            parts.append(f"dilation={self.dilation}")
        if any(self.output_padding):
            parts.append(f"output_padding={self.output_padding}")
        if self.groups != 1:
            parts.append(f"groups={self.groups}")
        if self.bias is None:
            parts.append("bias=False")
        if self.padding_mode != "zeros":
            parts.append(f"padding_mode={self.padding_mode}")
        return ", ".join(parts)


class Conv1d(_Conv):
    """Slides kernels over a batch of signals ``(N, C_in, W)``; arguments as for `Conv2d`.

    Example
    -------
    >>> nn.Conv1d(16, 33, 3, stride=2)
    Conv1d(16, 33, kernel_size=(3,), stride=(2,))
    """

    rank = 1


class Conv2d(_Conv):
    """Slides kernels over a batch of images ``(N, C_in, H, W)`` and adds up the channels.

    Parameters
    ----------
    in_channels, out_channels : int
        Channels of an input and of an output.
    kernel_size : int or (int, int)
        ``(kh, kw)``.
    stride, padding, dilation, groups
        As for ``nn.functional.conv2d``.
    bias : bool
        Whether to add a number to each output channel.
    padding_mode : {"zeros", "reflect", "replicate", "circular"}
        What the padding consists of; see ``nn.functional.pad``.

    Attributes
    ----------
    weight : Parameter
        ``(C_out, C_in / groups, kh, kw)``.
    bias : Parameter or None
        ``(C_out,)``.

    Source
    ------
    Dive into Deep Learning, sections 7.2 to 7.4. Weights at first: He et al., "Delving Deep into Rectifiers",
    arXiv:1502.01852, with PyTorch's constants.

    Example
    -------
    >>> layer = nn.Conv2d(1, 6, kernel_size=5, padding=2)
    >>> layer
    Conv2d(1, 6, kernel_size=(5, 5), stride=(1, 1), padding=(2, 2))
    >>> layer(sc.zeros(1, 1, 28, 28)).shape
    swiftconv.Size([1, 6, 28, 28])
    """

    rank = 2


class Conv3d(_Conv):
    """Slides kernels over a batch of volumes ``(N, C_in, D, H, W)``; arguments as for `Conv2d`.

    Example
    -------
    >>> nn.Conv3d(1, 2, 3, bias=False)
    Conv3d(1, 2, kernel_size=(3, 3, 3), stride=(1, 1, 1), bias=False)
    """

    rank = 3


register(convolution_types=(Conv1d, Conv2d, Conv3d))


class _LazyConv(LazyModule, _Conv):
    """A convolution that learns its number of input channels from the first input."""

    def __init__(
        self,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: str | Sizes = 0,
        dilation: Sizes = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(
            0, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode, device, dtype
        )

    def _make_parameters(self, bias: bool, dtype: Any) -> None:
        object.__setattr__(self, "_dtype", dtype)
        self.weight = UninitializedParameter()
        self.register_parameter("bias", UninitializedParameter() if bias else None)

    def initialize_parameters(self, input: Tensor) -> None:
        """Give the parameters their shapes, from the number of channels of an input."""
        name = self.finished_class.__name__
        if input.ndim != self.rank + 2:
            axes = ", ".join(("N", "C", "D", "H", "W")[:2] + ("D", "H", "W")[3 - self.rank :])
            raise ValueError(
                f"{name}: x has rank {input.ndim} {tuple(input.shape)}, expected {self.rank + 2} ({axes}); "
                f"for a batch of grey images use x.reshape(N, 1, H, W)"
            )
        channels = input.shape[1]
        if channels % self.groups:
            raise ValueError(f"{name}: x has {channels} channels, not a multiple of groups={self.groups}")
        self.in_channels = channels
        self.materialize("weight", self.weight_shape(), self._dtype)
        self.materialize("bias", (self.out_channels,), self._dtype)
        self.reset_parameters()

    def adopt_parameters(self) -> None:
        """Take the number of channels from a loaded weight."""
        self.in_channels = self.weight.shape[1] * self.groups


class LazyConv1d(_LazyConv, Conv1d):
    """`Conv1d` without `in_channels`, which it learns from the first input.

    Example
    -------
    >>> nn.LazyConv1d(4, kernel_size=3)(sc.ones(1, 2, 8)).shape
    swiftconv.Size([1, 4, 6])
    """

    finished_class = Conv1d


class LazyConv2d(_LazyConv, Conv2d):
    """`Conv2d` without `in_channels`, which it learns from the first input.

    Source
    ------
    Dive into Deep Learning, section 6.4.

    Example
    -------
    >>> layer = nn.LazyConv2d(1, kernel_size=(1, 2), bias=False)
    >>> _ = layer(sc.zeros(1, 1, 6, 8))
    >>> layer, layer.weight.shape
    (Conv2d(1, 1, kernel_size=(1, 2), stride=(1, 1), bias=False), swiftconv.Size([1, 1, 1, 2]))
    """

    finished_class = Conv2d


class LazyConv3d(_LazyConv, Conv3d):
    """`Conv3d` without `in_channels`, which it learns from the first input.

    Example
    -------
    >>> nn.LazyConv3d(4, kernel_size=3)(sc.ones(1, 2, 5, 5, 5)).shape
    swiftconv.Size([1, 4, 3, 3, 3])
    """

    finished_class = Conv3d
