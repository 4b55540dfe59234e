"""Network in Network: no fully connected layer, but convolutions with 1 × 1 windows between the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import nn
from ..nn import init
from ._blocks import initialize

if TYPE_CHECKING:
    from ..tensor import Tensor


def _block(in_channels: int, out_channels: int, kernel_size: int, stride: int, padding: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, kernel_size, stride, padding),
        nn.ReLU(),
        nn.Conv2d(out_channels, out_channels, kernel_size=1),
        nn.ReLU(),
        nn.Conv2d(out_channels, out_channels, kernel_size=1),
        nn.ReLU(),
    )


class NiN(nn.Module):
    """Four blocks of three convolutions; the last has one channel per class, whose average is the score.

    Parameters
    ----------
    num_classes : int
        The number of outputs.
    in_channels : int
        The channels of the images.

    Source
    ------
    Lin, Chen, Yan, arXiv:1312.4400. Dive into Deep Learning, section 8.3.

    Example
    -------
    >>> sc.models.NiN()(sc.zeros(1, 1, 67, 67)).shape
    swiftconv.Size([1, 10])
    """

    def __init__(self, num_classes: int = 10, in_channels: int = 1) -> None:
        super().__init__()
        self.net = nn.Sequential(
            _block(in_channels, 96, kernel_size=11, stride=4, padding=0),
            nn.MaxPool2d(3, stride=2),
            _block(96, 256, kernel_size=5, stride=1, padding=2),
            nn.MaxPool2d(3, stride=2),
            _block(256, 384, kernel_size=3, stride=1, padding=1),
            nn.MaxPool2d(3, stride=2),
            nn.Dropout(0.5),
            _block(384, num_classes, kernel_size=3, stride=1, padding=1),
            nn.AdaptiveAvgPool2d((1, 1)),
            nn.Flatten(),
        )
        initialize(self, init.xavier_uniform_, init.xavier_uniform_)

    def forward(self, x: Tensor) -> Tensor:
        """Return scores ``(N, num_classes)`` for images ``(N, in_channels, H, W)`` of 67 × 67 pixels or more."""
        return self.net(x)
