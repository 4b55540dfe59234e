"""AlexNet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import nn

if TYPE_CHECKING:
    from ..tensor import Tensor


class AlexNet(nn.Module):
    """Five convolutions and three fully connected layers; parameters as in torchvision.

    Parameters
    ----------
    num_classes : int
        The number of outputs.
    dropout : float
        How likely each input of the fully connected layers is left out in training.

    Source
    ------
    Krizhevsky, arXiv:1404.5997. Dive into Deep Learning, section 8.1.

    Example
    -------
    >>> sc.models.AlexNet(num_classes=2).classifier[-1]
    Linear(in_features=4096, out_features=2, bias=True)
    """

    def __init__(self, num_classes: int = 1000, dropout: float = 0.5) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, kernel_size=11, stride=4, padding=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(kernel_size=3, stride=2),
            nn.Conv2d(64, 192, kernel_size=5, padding=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(kernel_size=3, stride=2),
            nn.Conv2d(192, 384, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(384, 256, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(256, 256, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(kernel_size=3, stride=2),
        )
        self.avgpool = nn.AdaptiveAvgPool2d((6, 6))
        self.classifier = nn.Sequential(
            nn.Dropout(p=dropout),
            nn.Linear(256 * 6 * 6, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(p=dropout),
            nn.Linear(4096, 4096),
            nn.ReLU(inplace=True),
            nn.Linear(4096, num_classes),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return scores ``(N, num_classes)`` for images ``(N, 3, H, W)`` of 63 × 63 pixels or more."""
        return self.classifier(self.avgpool(self.features(x)).flatten(1))


def alexnet(**options: Any) -> AlexNet:
    """Return a new `AlexNet`; options as for the class.

    Example
    -------
    >>> sum(p.numel() for p in sc.models.alexnet().parameters())
    61100840
    """
    return AlexNet(**options)
