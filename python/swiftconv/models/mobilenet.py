"""MobileNetV2: convolutions of single channels between such that mix channels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import nn
from ._blocks import classified, fan_out_normal, initialize, small_normal

if TYPE_CHECKING:
    from ..tensor import Tensor

# Expansion, channels, number of blocks, stride of the first one.
_SETTING = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)


def _activated(in_channels: int, out_channels: int, kernel_size: int, stride: int = 1, groups: int = 1) -> nn.Module:
    """A convolution, batch normalization and ReLU that ends at 6."""
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, kernel_size, stride, kernel_size // 2, groups=groups, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU6(inplace=True),
    )


class InvertedResidual(nn.Module):
    """Widens the channels, filters each of them by itself, and narrows them again.

    Parameters
    ----------
    inp, oup : int
        The channels of the input and of the output.
    stride : int
        1 or 2; with 1 and as many channels at the end as at the beginning, the input is added to the output.
    expand_ratio : int
        How many times the input's channels there are in the middle.
    """

    def __init__(self, inp: int, oup: int, stride: int, expand_ratio: int) -> None:
        super().__init__()
        hidden = inp * expand_ratio
        self.use_res_connect = stride == 1 and inp == oup
        self.conv = nn.Sequential(
            *([] if expand_ratio == 1 else [_activated(inp, hidden, 1)]),
            _activated(hidden, hidden, 3, stride, groups=hidden),
            nn.Conv2d(hidden, oup, kernel_size=1, bias=False),
            nn.BatchNorm2d(oup),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return ``(N, oup, H / stride, W / stride)``."""
        return x + self.conv(x) if self.use_res_connect else self.conv(x)


def _divisible(channels: float, divisor: int = 8) -> int:
    """The nearest multiple of a number, but not less than nine tenths of the channels."""
    rounded = max(divisor, int(channels + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * channels else rounded


class MobileNetV2(nn.Module):
    """Seventeen `InvertedResidual` blocks; parameters as in torchvision.

    Parameters
    ----------
    num_classes : int
        The number of outputs.
    width_mult : float
        A factor for all numbers of channels.
    dropout : float
        How likely each input of the last layer is left out in training.

    Source
    ------
    Sandler, Howard, Zhu, Zhmoginov, Chen, arXiv:1801.04381.

    Example
    -------
    >>> sc.models.MobileNetV2(num_classes=2).classifier[-1]
    Linear(in_features=1280, out_features=2, bias=True)
    """

    def __init__(self, num_classes: int = 1000, width_mult: float = 1.0, dropout: float = 0.2) -> None:
        super().__init__()
        channels = _divisible(32 * width_mult)
        self.last_channel = _divisible(1280 * max(1.0, width_mult))
        features = [_activated(3, channels, 3, stride=2)]
        for expansion, width, count, stride in _SETTING:
            for place in range(count):
                out = _divisible(width * width_mult)
                features.append(InvertedResidual(channels, out, 1 if place else stride, expansion))
                channels = out
        features.append(_activated(channels, self.last_channel, 1))
        self.features = nn.Sequential(*features)
        self.classifier = nn.Sequential(nn.Dropout(p=dropout), nn.Linear(self.last_channel, num_classes))
        initialize(self, fan_out_normal, small_normal)

    def forward(self, x: Tensor) -> Tensor:
        """Return scores ``(N, num_classes)`` for images ``(N, 3, H, W)``."""
        return classified(self, self.features(x))


def mobilenet_v2(**options: Any) -> MobileNetV2:
    """Return a new `MobileNetV2`; options as for the class.

    Example
    -------
    >>> sum(p.numel() for p in sc.models.mobilenet_v2().parameters())
    3504872
    """
    return MobileNetV2(**options)
