"""ResNet: every block adds to its input, and does not replace it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .. import nn
from ..nn import init
from ._blocks import fan_out_normal

if TYPE_CHECKING:
    from ..tensor import Tensor


def _conv(in_channels: int, out_channels: int, kernel_size: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(in_channels, out_channels, kernel_size, stride, padding=kernel_size // 2, bias=False)


class BasicBlock(nn.Module):
    """Two 3 × 3 convolutions.

    Parameters
    ----------
    inplanes, planes : int
        The channels of the input and of the output.
    stride : int
        Of the first convolution.
    downsample : Module, optional
        Gives the input the shape of the output, where they differ.
    """

    expansion = 1

    def __init__(self, inplanes: int, planes: int, stride: int = 1, downsample: nn.Module | None = None) -> None:
        super().__init__()
        self.conv1 = _conv(inplanes, planes, 3, stride)
        self.bn1 = nn.BatchNorm2d(planes)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = _conv(planes, planes, 3)
        self.bn2 = nn.BatchNorm2d(planes)
        self.downsample = downsample

    def forward(self, x: Tensor) -> Tensor:
        """Return ``(N, planes, H / stride, W / stride)``."""
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += x if self.downsample is None else self.downsample(x)
        return self.relu(out)


class Bottleneck(nn.Module):
    """A 3 × 3 convolution between two of 1 × 1, with four times as many channels at the end as in the middle.

    The stride is that of the 3 × 3 convolution, as in torchvision; parameters as for `BasicBlock`.
    """

    expansion = 4

    def __init__(self, inplanes: int, planes: int, stride: int = 1, downsample: nn.Module | None = None) -> None:
        super().__init__()
        self.conv1 = _conv(inplanes, planes, 1)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = _conv(planes, planes, 3, stride)
        self.bn2 = nn.BatchNorm2d(planes)
        self.conv3 = _conv(planes, planes * self.expansion, 1)
        self.bn3 = nn.BatchNorm2d(planes * self.expansion)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = downsample

    def forward(self, x: Tensor) -> Tensor:
        """Return ``(N, 4 * planes, H / stride, W / stride)``."""
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        out += x if self.downsample is None else self.downsample(x)
        return self.relu(out)


class ResNet(nn.Module):
    """Four groups of blocks; parameters as in torchvision.

    Parameters
    ----------
    block : type
        `BasicBlock` or `Bottleneck`.
    layers : sequence of int
        How many blocks each group has.
    num_classes : int
        The number of outputs.
    zero_init_residual : bool
        Whether each block begins as the identity.

    Source
    ------
    He, Zhang, Ren, Sun, arXiv:1512.03385. Dive into Deep Learning, section 8.6.

    Example
    -------
    >>> sc.models.ResNet(sc.models.resnet.BasicBlock, [1, 1, 1, 1], num_classes=2).fc
    Linear(in_features=512, out_features=2, bias=True)
    """

    def __init__(
        self,
        block: type[BasicBlock] | type[Bottleneck],
        layers: Sequence[int],
        num_classes: int = 1000,
        zero_init_residual: bool = False,
    ) -> None:
        super().__init__()
        self.inplanes = 64
        self.conv1 = nn.Conv2d(3, 64, kernel_size=7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        self.layer1 = self._group(block, 64, layers[0], 1)
        self.layer2 = self._group(block, 128, layers[1], 2)
        self.layer3 = self._group(block, 256, layers[2], 2)
        self.layer4 = self._group(block, 512, layers[3], 2)
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(512 * block.expansion, num_classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                fan_out_normal(module.weight)
            elif zero_init_residual and isinstance(module, (BasicBlock, Bottleneck)):
                init.zeros_((module.bn2 if isinstance(module, BasicBlock) else module.bn3).weight)

    def _group(self, block: Any, planes: int, count: int, stride: int) -> nn.Sequential:
        channels = planes * block.expansion
        downsample = None
        if stride != 1 or self.inplanes != channels:
            downsample = nn.Sequential(_conv(self.inplanes, channels, 1, stride), nn.BatchNorm2d(channels))
        first = block(self.inplanes, planes, stride, downsample)
        self.inplanes = channels
        return nn.Sequential(first, *(block(channels, planes) for _ in range(count - 1)))

    def forward(self, x: Tensor) -> Tensor:
        """Return scores ``(N, num_classes)`` for images ``(N, 3, H, W)``."""
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(self.avgpool(x).flatten(1))


def resnet18(**options: Any) -> ResNet:
    """Return a new `ResNet` with 18 layers; options as for the class.

    Example
    -------
    >>> sum(p.numel() for p in sc.models.resnet18().parameters())
    11689512
    """
    return ResNet(BasicBlock, (2, 2, 2, 2), **options)


def resnet34(**options: Any) -> ResNet:
    """Return a new `ResNet` with 34 layers; options as for the class.

    Example
    -------
    >>> sum(p.numel() for p in sc.models.resnet34().parameters())
    21797672
    """
    return ResNet(BasicBlock, (3, 4, 6, 3), **options)


def resnet50(**options: Any) -> ResNet:
    """Return a new `ResNet` with 50 layers; options as for the class.

    Example
    -------
    >>> sum(p.numel() for p in sc.models.resnet50().parameters())
    25557032
    """
    return ResNet(Bottleneck, (3, 4, 6, 3), **options)
