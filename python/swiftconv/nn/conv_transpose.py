"""Transposed convolutional layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._arguments import repeated
from . import functional as F
from .conv import _Conv, _LazyConv

if TYPE_CHECKING:
    from ..tensor import Tensor

    Sizes = int | tuple[int, ...]


class _ConvTranspose(_Conv):
    """What transposed convolutions of one, two and three axes share."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes = 0,
        output_padding: Sizes = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Sizes = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        name = type(self).__name__
        if padding_mode != "zeros":
            raise ValueError(f"{name}: padding_mode must be 'zeros', got {padding_mode!r}")
        if isinstance(padding, str):
            raise ValueError(f"{name}: padding must be numbers, got {padding!r}")
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, "zeros", device, dtype
        )
        self.output_padding = repeated(output_padding, self.rank, f"{name}: output_padding")

    def weight_shape(self) -> tuple[int, ...]:
        return (self.in_channels, self.out_channels // self.groups, *self.kernel_size)

    def forward(self, input: Tensor, output_size: Sizes | None = None) -> Tensor:
        """Return the transposed convolution of a batch.

        Parameters
        ----------
        input : Tensor
            ``(N, C_in, ...)``.
        output_size : int or tuple of int, optional
            The spatial sizes of the result, from which `output_padding` follows; several fit when the stride is not 1.
        """
        extra = self.output_padding if output_size is None else self._extra(input, output_size)
        transposed = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)[self.rank - 1]
        return transposed(input, self.weight, self.bias, self.stride, self.padding, extra, self.groups, self.dilation)

    def _extra(self, input: Tensor, output_size: Any) -> tuple[int, ...]:
        """The output padding that gives an output size."""
        name = type(self).__name__
        if isinstance(output_size, (tuple, list)) and len(output_size) == self.rank + 2:
            output_size = tuple(output_size)[2:]
        wanted = repeated(output_size, self.rank, f"{name}: output_size")
        windows = zip(tuple(input.shape)[2:], self.stride, self.padding, self.dilation, self.kernel_size, strict=True)
        least = tuple((size - 1) * s - 2 * p + d * (k - 1) + 1 for size, s, p, d, k in windows)
        extra = tuple(size - low for size, low in zip(wanted, least, strict=True))
        if any(not 0 <= each < max(s, d) for each, s, d in zip(extra, self.stride, self.dilation, strict=True)):
            most = tuple(low + max(s, d) - 1 for low, s, d in zip(least, self.stride, self.dilation, strict=True))
            raise ValueError(f"{name}: output_size {wanted} is not possible; it must be from {least} to {most}")
        return extra


class ConvTranspose1d(_ConvTranspose):
    """The transposed convolution of a batch of signals ``(N, C_in, W)``; arguments as for `ConvTranspose2d`.

    Example
    -------
    >>> nn.ConvTranspose1d(2, 3, 4, stride=2)
    ConvTranspose1d(2, 3, kernel_size=(4,), stride=(2,))
    """

    rank = 1


class ConvTranspose2d(_ConvTranspose):
    """The transposed convolution: every element of the input puts a kernel, scaled by it, into the output.

    Parameters
    ----------
    in_channels, out_channels : int
        Channels of an input and of an output.
    kernel_size, stride, padding, dilation, groups
        Those of the convolution that this one is the transpose of.
    output_padding : int or (int, int)
        Rows and columns added at the end of the output.
    bias : bool
        Whether to add a number to each output channel.

    Attributes
    ----------
    weight : Parameter
        ``(C_in, C_out / groups, kh, kw)``.
    bias : Parameter or None
        ``(C_out,)``.

    Source
    ------
    Dive into Deep Learning, section 14.10.

    Example
    -------
    >>> layer = nn.ConvTranspose2d(16, 8, 4, stride=2, padding=1)
    >>> layer
    ConvTranspose2d(16, 8, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1))
    >>> layer(sc.zeros(1, 16, 5, 5)).shape
    swiftconv.Size([1, 8, 10, 10])
    """

    rank = 2


class ConvTranspose3d(_ConvTranspose):
    """The transposed convolution of a batch of volumes ``(N, C_in, D, H, W)``; arguments as for `ConvTranspose2d`.

    Example
    -------
    >>> nn.ConvTranspose3d(2, 1, 2, stride=2)(sc.ones(1, 2, 3, 3, 3)).shape
    swiftconv.Size([1, 1, 6, 6, 6])
    """

    rank = 3


class _LazyConvTranspose(_LazyConv, _ConvTranspose):
    """A transposed convolution that learns its number of input channels from the first input."""

    def __init__(
        self,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes = 0,
        output_padding: Sizes = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Sizes = 1,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        rest = (output_padding, groups, bias, dilation, padding_mode, device, dtype)
        _ConvTranspose.__init__(self, 0, out_channels, kernel_size, stride, padding, *rest)

    def adopt_parameters(self) -> None:
        """Take the number of channels from a loaded weight."""
        self.in_channels = self.weight.shape[0]


class LazyConvTranspose1d(_LazyConvTranspose, ConvTranspose1d):
    """`ConvTranspose1d` without `in_channels`, which it learns from the first input.

    Example
    -------
    >>> nn.LazyConvTranspose1d(4, kernel_size=2, stride=2)(sc.ones(1, 2, 3)).shape
    swiftconv.Size([1, 4, 6])
    """

    finished_class = ConvTranspose1d


class LazyConvTranspose2d(_LazyConvTranspose, ConvTranspose2d):
    """`ConvTranspose2d` without `in_channels`, which it learns from the first input.

    Example
    -------
    >>> layer = nn.LazyConvTranspose2d(8, 2, stride=2)
    >>> layer(sc.zeros(1, 16, 5, 5)).shape
    swiftconv.Size([1, 8, 10, 10])
    >>> layer
    ConvTranspose2d(16, 8, kernel_size=(2, 2), stride=(2, 2))
    """

    finished_class = ConvTranspose2d


class LazyConvTranspose3d(_LazyConvTranspose, ConvTranspose3d):
    """`ConvTranspose3d` without `in_channels`, which it learns from the first input.

    Example
    -------
    >>> nn.LazyConvTranspose3d(1, kernel_size=2)(sc.ones(1, 2, 3, 3, 3)).shape
    swiftconv.Size([1, 1, 4, 4, 4])
    """

    finished_class = ConvTranspose3d
