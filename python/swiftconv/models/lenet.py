"""LeNet-5, for small grey images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import nn
from ..nn import init
from ._blocks import initialize

if TYPE_CHECKING:
    from ..tensor import Tensor

_ACTIVATIONS = {"sigmoid": nn.Sigmoid, "relu": nn.ReLU, "tanh": nn.Tanh}


class LeNet(nn.Module):
    """Two convolutions with average pooling, and three fully connected layers.

    Parameters
    ----------
    num_classes : int
        The number of outputs.
    activation : {"sigmoid", "relu", "tanh"}
        "sigmoid" is the book's; with "relu" it learns faster.
    in_channels : int
        The channels of the images, which have 28 × 28 pixels.

    Source
    ------
    LeCun, Bottou, Bengio, Haffner, 1998, doi:10.1109/5.726791. Dive into Deep Learning, section 7.6.

    Example
    -------
    >>> net = sc.models.LeNet()
    >>> net(sc.zeros(2, 1, 28, 28)).shape
    swiftconv.Size([2, 10])
    >>> [tuple(layer.weight.shape) for layer in net.net if hasattr(layer, "weight")]
    [(6, 1, 5, 5), (16, 6, 5, 5), (120, 400), (84, 120), (10, 84)]
    """

    def __init__(self, num_classes: int = 10, activation: str = "sigmoid", in_channels: int = 1) -> None:
        super().__init__()
        if activation not in _ACTIVATIONS:
            known = ", ".join(map(repr, _ACTIVATIONS))
            raise ValueError(f"LeNet: activation must be one of {known}, got {activation!r}")
        act = _ACTIVATIONS[activation]
        self.net = nn.Sequential(
            nn.Conv2d(in_channels, 6, kernel_size=5, padding=2),
            act(),
            nn.AvgPool2d(kernel_size=2, stride=2),
            nn.Conv2d(6, 16, kernel_size=5),
            act(),
            nn.AvgPool2d(kernel_size=2, stride=2),
            nn.Flatten(),
            nn.Linear(16 * 5 * 5, 120),
            act(),
            nn.Linear(120, 84),
            act(),
            nn.Linear(84, num_classes),
        )
        initialize(self, init.xavier_uniform_, init.xavier_uniform_)

    def forward(self, x: Tensor) -> Tensor:
        """Return scores ``(N, num_classes)`` for images ``(N, in_channels, 28, 28)``."""
        return self.net(x)
