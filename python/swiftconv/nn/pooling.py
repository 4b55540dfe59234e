"""Pooling layers: the largest element or the mean of windows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._arguments import repeated
from . import functional as F
from .module import Module

if TYPE_CHECKING:
    from ..tensor import Tensor

    Sizes = int | tuple[int, ...]


class _MaxPool(Module):
    """What max pooling over one, two and three axes shares."""

    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        dilation: Sizes = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding, self.dilation = padding, dilation
        self.return_indices, self.ceil_mode = return_indices, ceil_mode

    def _arguments(self) -> tuple[Any, ...]:
        return self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode, self.return_indices

    def extra_repr(self) -> str:
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, "
            f"dilation={self.dilation}, ceil_mode={self.ceil_mode}"
        )


class MaxPool1d(_MaxPool):
    """The largest element of every window of ``(N, C, W)``; arguments as for `MaxPool2d`.

    Example
    -------
    >>> nn.MaxPool1d(2)(sc.tensor([[[1.0, 3.0, 2.0, 0.0]]]))
    tensor([[[3., 2.]]])
    """

    def forward(self, input: Tensor) -> Any:
        """Return ``(N, C, W_out)``, and the positions if they are wanted."""
        return F.max_pool1d(input, *self._arguments())


class MaxPool2d(_MaxPool):
    """The largest element of every window of ``(N, C, H, W)``.

    Parameters
    ----------
    kernel_size : int or (int, int)
        The size of a window.
    stride : int or (int, int), optional
        Distance between two windows; the size of a window if left out.
    padding : int or (int, int)
        Places on each side that count as minus infinity, at most half a window.
    dilation : int or (int, int)
        Distance between the elements of a window.
    return_indices : bool
        Return the positions of the largest elements, too.
    ceil_mode : bool
        Whether a window may stick out at the end.

    Source
    ------
    Dive into Deep Learning, section 7.5.

    Example
    -------
    >>> layer = nn.MaxPool2d(2)
    >>> layer
    MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
    >>> layer(sc.arange(16.0).reshape(1, 1, 4, 4))
    tensor([[[[ 5.,  7.],
              [13., 15.]]]])
    """

    def forward(self, input: Tensor) -> Any:
        """Return ``(N, C, H_out, W_out)``, and the positions if they are wanted."""
        return F.max_pool2d(input, *self._arguments())


class MaxPool3d(_MaxPool):
    """The largest element of every window of ``(N, C, D, H, W)``; arguments as for `MaxPool2d`.

    Example
    -------
    >>> nn.MaxPool3d(2)(sc.zeros(1, 1, 4, 4, 4)).shape
    swiftconv.Size([1, 1, 2, 2, 2])
    """

    def forward(self, input: Tensor) -> Any:
        """Return ``(N, C, D_out, H_out, W_out)``, and the positions if they are wanted."""
        return F.max_pool3d(input, *self._arguments())


class AvgPool1d(Module):
    """The mean of every window of ``(N, C, W)``; arguments as for `AvgPool2d`.

    Example
    -------
    >>> nn.AvgPool1d(2)(sc.tensor([[[1.0, 3.0, 2.0, 0.0]]]))
    tensor([[[2., 1.]]])
    """

    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__()
        self.kernel_size = repeated(kernel_size, 1, "AvgPool1d: kernel_size")
        self.stride = repeated(kernel_size if stride is None else stride, 1, "AvgPool1d: stride")
        self.padding = repeated(padding, 1, "AvgPool1d: padding")
        self.ceil_mode, self.count_include_pad = ceil_mode, count_include_pad

    def forward(self, input: Tensor) -> Tensor:
        """Return ``(N, C, W_out)``."""
        return F.avg_pool1d(input, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad)

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class _AvgPool(Module):
    """What average pooling over two and three axes shares."""

    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding, self.ceil_mode = padding, ceil_mode
        self.count_include_pad, self.divisor_override = count_include_pad, divisor_override

    def _arguments(self) -> tuple[Any, ...]:
        borders = self.padding, self.ceil_mode, self.count_include_pad, self.divisor_override
        return self.kernel_size, self.stride, *borders

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool2d(_AvgPool):
    """The mean of every window of ``(N, C, H, W)``.

    Parameters
    ----------
    kernel_size, stride, ceil_mode
        As for `MaxPool2d`.
    padding : int or (int, int)
        Zeros on each side.
    count_include_pad : bool
        Whether those zeros count.
    divisor_override : int, optional
        What sums are divided by instead of the number of elements.

    Source
    ------
    Dive into Deep Learning, section 7.5.

    Example
    -------
    >>> layer = nn.AvgPool2d(2)
    >>> layer
    AvgPool2d(kernel_size=2, stride=2, padding=0)
    >>> layer(sc.arange(16.0).reshape(1, 1, 4, 4))
    tensor([[[[ 2.5000,  4.5000],
              [10.5000, 12.5000]]]])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return ``(N, C, H_out, W_out)``."""
        return F.avg_pool2d(input, *self._arguments())


class AvgPool3d(_AvgPool):
    """The mean of every window of ``(N, C, D, H, W)``; arguments as for `AvgPool2d`.

    Example
    -------
    >>> nn.AvgPool3d(2)(sc.zeros(1, 1, 4, 4, 4)).shape
    swiftconv.Size([1, 1, 2, 2, 2])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return ``(N, C, D_out, H_out, W_out)``."""
        return F.avg_pool3d(input, *self._arguments())


class _AdaptiveAvgPool(Module):
    def __init__(self, output_size: Any) -> None:
        super().__init__()
        self.output_size = output_size

    def extra_repr(self) -> str:
        return f"output_size={self.output_size}"


class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    """The means of ``(N, C, W)``, cut into `output_size` parts.

    Example
    -------
    >>> nn.AdaptiveAvgPool1d(1)(sc.tensor([[[1.0, 3.0, 2.0, 0.0]]]))
    tensor([[[1.5000]]])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return ``(N, C, output_size)``."""
        return F.adaptive_avg_pool1d(input, self.output_size)


class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    """The means of ``(N, C, H, W)``, cut into `output_size` parts along both spatial axes.

    Parameters
    ----------
    output_size : int or (int or None, int or None)
        None keeps an axis as it is.

    Source
    ------
    Dive into Deep Learning, section 8.3.

    Example
    -------
    >>> layer = nn.AdaptiveAvgPool2d((1, 1))
    >>> layer
    AdaptiveAvgPool2d(output_size=(1, 1))
    >>> layer(sc.arange(16.0).reshape(1, 1, 4, 4))
    tensor([[[[7.5000]]]])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return ``(N, C, *output_size)``."""
        return F.adaptive_avg_pool2d(input, self.output_size)


class AdaptiveAvgPool3d(_AdaptiveAvgPool):
    """The means of ``(N, C, D, H, W)``, cut into `output_size` parts along all spatial axes.

    Example
    -------
    >>> nn.AdaptiveAvgPool3d(2)(sc.zeros(1, 1, 4, 5, 6)).shape
    swiftconv.Size([1, 1, 2, 2, 2])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return ``(N, C, *output_size)``."""
        return F.adaptive_avg_pool3d(input, self.output_size)


class _AdaptiveMaxPool(Module):
    def __init__(self, output_size: Any, return_indices: bool = False) -> None:
        super().__init__()
        self.output_size, self.return_indices = output_size, return_indices

    def extra_repr(self) -> str:
        return f"output_size={self.output_size}"


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    """The largest elements of ``(N, C, W)``, cut into `output_size` parts.

    Example
    -------
    >>> nn.AdaptiveMaxPool1d(1)(sc.tensor([[[1.0, 3.0, 2.0, 0.0]]]))
    tensor([[[3.]]])
    """

    def forward(self, input: Tensor) -> Any:
        """Return ``(N, C, output_size)``, and the positions if they are wanted."""
        return F.adaptive_max_pool1d(input, self.output_size, self.return_indices)


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    """The largest elements of ``(N, C, H, W)``, cut into `output_size` parts along both spatial axes.

    Parameters
    ----------
    output_size : int or (int or None, int or None)
        None keeps an axis as it is.
    return_indices : bool
        Return the positions of the largest elements, too.

    Example
    -------
    >>> nn.AdaptiveMaxPool2d(1)(sc.arange(16.0).reshape(1, 1, 4, 4))
    tensor([[[[15.]]]])
    """

    def forward(self, input: Tensor) -> Any:
        """Return ``(N, C, *output_size)``, and the positions if they are wanted."""
        return F.adaptive_max_pool2d(input, self.output_size, self.return_indices)


class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    """The largest elements of ``(N, C, D, H, W)``, cut into `output_size` parts along all spatial axes.

    Example
    -------
    >>> nn.AdaptiveMaxPool3d(2)(sc.zeros(1, 1, 4, 5, 6)).shape
    swiftconv.Size([1, 1, 2, 2, 2])
    """

    def forward(self, input: Tensor) -> Any:
        """Return ``(N, C, *output_size)``, and the positions if they are wanted."""
        return F.adaptive_max_pool3d(input, self.output_size, self.return_indices)
