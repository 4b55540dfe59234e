"""DenseNet: every layer sees the outputs of all layers before it in its block."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .. import nn
from ..nn import init
from ..ops import cat, relu
from ._blocks import classified, initialize

if TYPE_CHECKING:
    from ..tensor import Tensor


class _DenseLayer(nn.Module):
    def __init__(self, in_channels: int, growth_rate: int, bn_size: int, drop_rate: float) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.relu1 = nn.ReLU(inplace=True)
        self.conv1 = nn.Conv2d(in_channels, bn_size * growth_rate, kernel_size=1, bias=False)
        self.norm2 = nn.BatchNorm2d(bn_size * growth_rate)
        self.relu2 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(bn_size * growth_rate, growth_rate, kernel_size=3, padding=1, bias=False)
        self.drop_rate = float(drop_rate)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv1(self.relu1(self.norm1(x)))
        x = self.conv2(self.relu2(self.norm2(x)))
        return nn.functional.dropout(x, p=self.drop_rate, training=self.training) if self.drop_rate > 0 else x


class _DenseBlock(nn.ModuleDict):
    def __init__(self, count: int, in_channels: int, growth_rate: int, bn_size: int, drop_rate: float) -> None:
        super().__init__()
        for place in range(count):
            layer = _DenseLayer(in_channels + place * growth_rate, growth_rate, bn_size, drop_rate)
            self.add_module(f"denselayer{place + 1}", layer)

    def forward(self, x: Tensor) -> Tensor:
        features = [x]
        for layer in self.values():
            features.append(layer(cat(features, 1)))
        return cat(features, 1)


class _Transition(nn.Sequential):
    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(in_channels)
        self.relu = nn.ReLU(inplace=True)
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size=1, bias=False)
        self.pool = nn.AvgPool2d(kernel_size=2, stride=2)


class DenseNet(nn.Module):
    """Dense blocks, with halving of resolution and channels between them; parameters as in torchvision.

    Parameters
    ----------
    growth_rate : int
        How many channels each layer adds.
    block_config : sequence of int
        How many layers each block has.
    num_init_features : int
        The channels of the first convolution.
    bn_size : int
        How many times `growth_rate` are the channels within a layer.
    drop_rate : float
        How likely each output of a layer is left out in training.
    num_classes : int
        The number of outputs.

    Source
    ------
    Huang, Liu, van der Maaten, Weinberger, arXiv:1608.06993. Dive into Deep Learning, section 8.7.

    Example
    -------
    >>> sc.models.DenseNet(8, (2, 2), 16, num_classes=2).classifier
    Linear(in_features=32, out_features=2, bias=True)
    """

    def __init__(
        self,
        growth_rate: int = 32,
        block_config: Sequence[int] = (6, 12, 24, 16),
        num_init_features: int = 64,
        bn_size: int = 4,
        drop_rate: float = 0,
        num_classes: int = 1000,
    ) -> None:
        super().__init__()
        self.features = nn.Sequential(
            {
                "conv0": nn.Conv2d(3, num_init_features, kernel_size=7, stride=2, padding=3, bias=False),
                "norm0": nn.BatchNorm2d(num_init_features),
                "relu0": nn.ReLU(inplace=True),
                "pool0": nn.MaxPool2d(kernel_size=3, stride=2, padding=1),
            }
        )
        channels = num_init_features
        for place, count in enumerate(block_config, 1):
            block = _DenseBlock(count, channels, growth_rate, bn_size, drop_rate)
            self.features.add_module(f"denseblock{place}", block)
            channels += count * growth_rate
            if place != len(block_config):
                self.features.add_module(f"transition{place}", _Transition(channels, channels // 2))
                channels //= 2
        self.features.add_module("norm5", nn.BatchNorm2d(channels))
        self.classifier = nn.Linear(channels, num_classes)
        # The weights of the fully connected layer stay those of its default.
        initialize(self, init.kaiming_normal_, lambda weight: None)

    def forward(self, x: Tensor) -> Tensor:
        """Return scores ``(N, num_classes)`` for images ``(N, 3, H, W)`` of 29 × 29 pixels or more."""
        return classified(self, relu(self.features(x)))


def densenet121(**options: Any) -> DenseNet:
    """Return a new `DenseNet` with 121 layers; options as for the class.

    Example
    -------
    >>> sum(p.numel() for p in sc.models.densenet121().parameters())
    7978856
    """
    return DenseNet(32, (6, 12, 24, 16), 64, **options)
