"""VGG: blocks of 3 × 3 convolutions, each block at half the resolution of the one before."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from .. import nn
from ._blocks import fan_out_normal, initialize, small_normal

if TYPE_CHECKING:
    from typing import Unpack

    from ..tensor import Tensor

# How many convolutions each of the five blocks has, by the number of all layers with weights.
_DEPTHS = {
    11: (1, 1, 2, 2, 2),
    13: (2, 2, 2, 2, 2),
    16: (2, 2, 3, 3, 3),
    19: (2, 2, 4, 4, 4),
}
_CHANNELS = (64, 128, 256, 512, 512)


class _Options(TypedDict, total=False):
    """The arguments of `VGG` that each of the functions takes."""

    num_classes: int
    init_weights: bool
    dropout: float


def _features(depths: tuple[int, ...], batch_norm: bool) -> nn.Sequential:
    layers: list[nn.Module] = []
    channels = 3
    for depth, width in zip(depths, _CHANNELS, strict=True):
        for _ in range(depth):
            layers.append(nn.Conv2d(channels, width, kernel_size=3, padding=1))
            if batch_norm:
                layers.append(nn.BatchNorm2d(width))
            layers.append(nn.ReLU(inplace=True))
            channels = width
        layers.append(nn.MaxPool2d(kernel_size=2, stride=2))
    return nn.Sequential(*layers)


class VGG(nn.Module):
    """Convolutions, and then three fully connected layers; parameters as in torchvision.

    Parameters
    ----------
    features : Module
        The convolutions, with 512 channels at the end.
    num_classes : int
        The number of outputs.
    init_weights : bool
        Whether to draw the weights as the paper's successors do, and not by the layers' defaults.
    dropout : float
        How likely each input of the last fully connected layers is left out in training.

    Source
    ------
    Simonyan, Zisserman, arXiv:1409.1556. Dive into Deep Learning, section 8.2.

    Example
    -------
    >>> features = nn.Sequential(nn.Conv2d(1, 512, kernel_size=3), nn.ReLU())
    >>> sc.models.VGG(features, num_classes=2, init_weights=False).classifier[-1]
    Linear(in_features=4096, out_features=2, bias=True)
    """

    def __init__(
        self, features: nn.Module, num_classes: int = 1000, init_weights: bool = True, dropout: float = 0.5
    ) -> None:
        super().__init__()
        self.features = features
        self.avgpool = nn.AdaptiveAvgPool2d((7, 7))
        self.classifier = nn.Sequential(
            nn.Linear(512 * 7 * 7, 4096),
            nn.ReLU(True),
            nn.Dropout(p=dropout),
            nn.Linear(4096, 4096),
            nn.ReLU(True),
            nn.Dropout(p=dropout),
            nn.Linear(4096, num_classes),
        )
        if init_weights:
            initialize(self, fan_out_normal, small_normal)

    def forward(self, x: Tensor) -> Tensor:
        """Return scores ``(N, num_classes)`` for images ``(N, 3, H, W)`` of 32 × 32 pixels or more."""
        return self.classifier(self.avgpool(self.features(x)).flatten(1))


def vgg11(**options: Unpack[_Options]) -> VGG:
    """Return a new `VGG` with 11 layers; the options are the class's, without `features`.

    Example
    -------
    >>> net = sc.models.vgg11(init_weights=False)
    >>> sum(parameter.numel() for parameter in net.parameters())
    132863336
    """
    return VGG(_features(_DEPTHS[11], batch_norm=False), **options)


def vgg11_bn(**options: Unpack[_Options]) -> VGG:
    """Return a new `VGG` with 11 layers and batch normalization; the options are the class's, without `features`.

    Example
    -------
    >>> net = sc.models.vgg11_bn(init_weights=False)
    >>> sum(parameter.numel() for parameter in net.parameters())
    132868840
    """
    return VGG(_features(_DEPTHS[11], batch_norm=True), **options)


def vgg13(**options: Unpack[_Options]) -> VGG:
    """Return a new `VGG` with 13 layers; the options are the class's, without `features`.

    Example
    -------
    >>> net = sc.models.vgg13(init_weights=False)
    >>> sum(parameter.numel() for parameter in net.parameters())
    133047848
    """
    return VGG(_features(_DEPTHS[13], batch_norm=False), **options)


def vgg13_bn(**options: Unpack[_Options]) -> VGG:
    """Return a new `VGG` with 13 layers and batch normalization; the options are the class's, without `features`.

    Example
    -------
    >>> net = sc.models.vgg13_bn(init_weights=False)
    >>> sum(parameter.numel() for parameter in net.parameters())
    133053736
    """
    return VGG(_features(_DEPTHS[13], batch_norm=True), **options)


def vgg16(**options: Unpack[_Options]) -> VGG:
    """Return a new `VGG` with 16 layers; the options are the class's, without `features`.

    Example
    -------
    >>> net = sc.models.vgg16(init_weights=False)
    >>> sum(parameter.numel() for parameter in net.parameters())
    138357544
    """
    return VGG(_features(_DEPTHS[16], batch_norm=False), **options)


def vgg16_bn(**options: Unpack[_Options]) -> VGG:
    """Return a new `VGG` with 16 layers and batch normalization; the options are the class's, without `features`.

    Example
    -------
    >>> net = sc.models.vgg16_bn(init_weights=False)
    >>> sum(parameter.numel() for parameter in net.parameters())
    138365992
    """
    return VGG(_features(_DEPTHS[16], batch_norm=True), **options)


def vgg19(**options: Unpack[_Options]) -> VGG:
    """Return a new `VGG` with 19 layers; the options are the class's, without `features`.

    Example
    -------
    >>> net = sc.models.vgg19(init_weights=False)
    >>> sum(parameter.numel() for parameter in net.parameters())
    143667240
    """
    return VGG(_features(_DEPTHS[19], batch_norm=False), **options)


def vgg19_bn(**options: Unpack[_Options]) -> VGG:
    """Return a new `VGG` with 19 layers and batch normalization; the options are the class's, without `features`.

    Example
    -------
    >>> net = sc.models.vgg19_bn(init_weights=False)
    >>> sum(parameter.numel() for parameter in net.parameters())
    143678248
    """
    return VGG(_features(_DEPTHS[19], batch_norm=True), **options)
