"""VGG: blocks of 3 × 3 convolutions, each block at half the resolution of the one before."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .. import nn
from ._blocks import fan_out_normal, initialize, small_normal

if TYPE_CHECKING:
    from ..tensor import Tensor

# How many convolutions each of the five blocks has, by the number of all layers with weights.
_DEPTHS = {
    11: (1, 1, 2, 2, 2),
    13: (2, 2, 2, 2, 2),
    16: (2, 2, 3, 3, 3),
    19: (2, 2, 4, 4, 4),
}
_CHANNELS = (64, 128, 256, 512, 512)


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


def _builder(depth: int, batch_norm: bool, count: int) -> Callable[..., VGG]:
    """The function that builds the VGG of a depth, which has `count` parameters."""

    def build(**options: Any) -> VGG:
        return VGG(_features(_DEPTHS[depth], batch_norm), **options)

    build.__name__ = build.__qualname__ = f"vgg{depth}_bn" if batch_norm else f"vgg{depth}"
    build.__doc__ = f"""Return a new `VGG` with {depth} layers{" and batch normalization" if batch_norm else ""}.

    Parameters
    ----------
    **options
        As for the class, without `features`.

    Example
    -------
    >>> net = sc.models.{build.__name__}(init_weights=False)
    >>> sum(parameter.numel() for parameter in net.parameters())
    {count}
    """
    return build


vgg11 = _builder(11, False, 132_863_336)
vgg11_bn = _builder(11, True, 132_868_840)
vgg13 = _builder(13, False, 133_047_848)
vgg13_bn = _builder(13, True, 133_053_736)
vgg16 = _builder(16, False, 138_357_544)
vgg16_bn = _builder(16, True, 138_365_992)
vgg19 = _builder(19, False, 143_667_240)
vgg19_bn = _builder(19, True, 143_678_248)
