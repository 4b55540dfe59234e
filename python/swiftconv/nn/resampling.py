"""Layers that change the size of images, or take their windows apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import functional as F
from .module import Module

if TYPE_CHECKING:
    from ..tensor import Tensor

    Pair = int | tuple[int, int]


class Upsample(Module):
    """Images in another size; arguments as for ``nn.functional.interpolate``.

    Example
    -------
    >>> layer = nn.Upsample(scale_factor=2, mode="nearest")
    >>> layer
    Upsample(scale_factor=2.0, mode='nearest')
    >>> layer(sc.tensor([[[0.0, 1.0]]]))
    tensor([[[0., 0., 1., 1.]]])
    """

    def __init__(
        self,
        size: Any = None,
        scale_factor: Any = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
    ) -> None:
        super().__init__()
        self.size = size
        if isinstance(scale_factor, (tuple, list)):
            self.scale_factor: Any = tuple(float(factor) for factor in scale_factor)
        else:
            self.scale_factor = None if scale_factor is None else float(scale_factor)
        self.mode, self.align_corners, self.recompute_scale_factor = mode, align_corners, recompute_scale_factor

    def forward(self, input: Tensor) -> Tensor:
        """Return ``(N, C, ...)`` in the new size."""
        return F.interpolate(
            input, self.size, self.scale_factor, self.mode, self.align_corners, self.recompute_scale_factor
        )

    def extra_repr(self) -> str:
        what = f"size={self.size!r}" if self.scale_factor is None else f"scale_factor={self.scale_factor!r}"
        return f"{what}, mode={self.mode!r}"


class PixelShuffle(Module):
    """Makes pixels of groups of channels: ``(N, C r r, H, W)`` becomes ``(N, C, H r, W r)``.

    Example
    -------
    >>> nn.PixelShuffle(2)(sc.zeros(1, 8, 3, 3)).shape
    swiftconv.Size([1, 2, 6, 6])
    """

    def __init__(self, upscale_factor: int) -> None:
        super().__init__()
        self.upscale_factor = upscale_factor

    def forward(self, input: Tensor) -> Tensor:
        """Return images with fewer channels and more pixels."""
        return F.pixel_shuffle(input, self.upscale_factor)

    def extra_repr(self) -> str:
        return f"upscale_factor={self.upscale_factor}"


class PixelUnshuffle(Module):
    """Makes channels of pixels: ``(N, C, H r, W r)`` becomes ``(N, C r r, H, W)``.

    Example
    -------
    >>> nn.PixelUnshuffle(2)(sc.zeros(1, 2, 6, 6)).shape
    swiftconv.Size([1, 8, 3, 3])
    """

    def __init__(self, downscale_factor: int) -> None:
        super().__init__()
        self.downscale_factor = downscale_factor

    def forward(self, input: Tensor) -> Tensor:
        """Return images with more channels and fewer pixels."""
        return F.pixel_unshuffle(input, self.downscale_factor)

    def extra_repr(self) -> str:
        return f"downscale_factor={self.downscale_factor}"


class Unfold(Module):
    """The windows of images as columns; arguments as for ``nn.functional.unfold``.

    Example
    -------
    >>> nn.Unfold(2)(sc.zeros(1, 3, 4, 4)).shape
    swiftconv.Size([1, 12, 9])
    """

    def __init__(self, kernel_size: Pair, dilation: Pair = 1, padding: Pair = 0, stride: Pair = 1) -> None:
        super().__init__()
        self.kernel_size, self.dilation, self.padding, self.stride = kernel_size, dilation, padding, stride

    def forward(self, input: Tensor) -> Tensor:
        """Return ``(N, C * kh * kw, positions)``."""
        return F.unfold(input, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self) -> str:
        return f"kernel_size={self.kernel_size}, dilation={self.dilation}, padding={self.padding}, stride={self.stride}"


class Fold(Module):
    """Images from columns, where windows overlap added up; arguments as for ``nn.functional.fold``.

    Example
    -------
    >>> nn.Fold(4, 2)(sc.zeros(1, 12, 9)).shape
    swiftconv.Size([1, 3, 4, 4])
    """

    def __init__(
        self, output_size: Pair, kernel_size: Pair, dilation: Pair = 1, padding: Pair = 0, stride: Pair = 1
    ) -> None:
        super().__init__()
        self.output_size = output_size
        self.kernel_size, self.dilation, self.padding, self.stride = kernel_size, dilation, padding, stride

    def forward(self, input: Tensor) -> Tensor:
        """Return ``(N, C, *output_size)``."""
        return F.fold(input, self.output_size, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self) -> str:
        windows = f"dilation={self.dilation}, padding={self.padding}, stride={self.stride}"
        return f"output_size={self.output_size}, kernel_size={self.kernel_size}, {windows}"
