"""The parts of the book's networks that several chapters use."""

from __future__ import annotations

from typing import Any

from swiftconv.mxnet import np, npx
from swiftconv.mxnet.gluon import nn

__all__ = ["ResNeXtBlock", "Residual", "corr2d", "resnet18"]


def corr2d(X: Any, K: Any) -> Any:
    """Return the cross-correlation of an image with a kernel, window by window.

    Example
    -------
    >>> from swiftconv.mxnet import d2l, np
    >>> d2l.corr2d(np.array([[0, 1, 2], [3, 4, 5], [6, 7, 8]]), np.array([[0, 1], [2, 3]]))
    array([[19., 25.],
           [37., 43.]])
    """
    h, w = K.shape
    Y = np.zeros((X.shape[0] - h + 1, X.shape[1] - w + 1))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y


class Residual(nn.Block):
    """Two convolutions, and a way around them.

    Parameters
    ----------
    num_channels : int
        The number of output channels.
    use_1x1conv : bool
        Whether the way around has a convolution, which changes the channels.
    strides : int
        The stride of the first convolution.
    """

    def __init__(self, num_channels: int, use_1x1conv: bool = False, strides: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.conv1 = nn.Conv2D(num_channels, kernel_size=3, padding=1, strides=strides)
        self.conv2 = nn.Conv2D(num_channels, kernel_size=3, padding=1)
        self.conv3 = nn.Conv2D(num_channels, kernel_size=1, strides=strides) if use_1x1conv else None
        self.bn1 = nn.BatchNorm()
        self.bn2 = nn.BatchNorm()

    def forward(self, X: Any) -> Any:
        """Compute the block."""
        Y = npx.relu(self.bn1(self.conv1(X)))
        Y = self.bn2(self.conv2(Y))
        return npx.relu(Y + (X if self.conv3 is None else self.conv3(X)))


class ResNeXtBlock(nn.Block):
    """A residual block whose middle convolution works in groups.

    Parameters
    ----------
    num_channels : int
        The number of output channels.
    groups : int
        The width of a group, as the book's designs use the argument: the middle has ``bottleneck / groups`` groups.
    bot_mul : float
        The channels of the middle per output channel.
    use_1x1conv : bool
        Whether the way around has a convolution, which changes the channels.
    strides : int
        The stride of the middle convolution.
    """

    def __init__(
        self,
        num_channels: int,
        groups: int,
        bot_mul: float,
        use_1x1conv: bool = False,
        strides: int = 1,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        middle = int(round(num_channels * bot_mul))
        self.conv1 = nn.Conv2D(middle, kernel_size=1, padding=0, strides=1)
        self.conv2 = nn.Conv2D(middle, kernel_size=3, padding=1, strides=strides, groups=middle // groups)
        self.conv3 = nn.Conv2D(num_channels, kernel_size=1, padding=0, strides=1)
        self.bn1 = nn.BatchNorm()
        self.bn2 = nn.BatchNorm()
        self.bn3 = nn.BatchNorm()
        self.conv4 = nn.Conv2D(num_channels, kernel_size=1, strides=strides) if use_1x1conv else None
        self.bn4 = nn.BatchNorm() if use_1x1conv else None

    def forward(self, X: Any) -> Any:
        """Compute the block."""
        Y = npx.relu(self.bn1(self.conv1(X)))
        Y = npx.relu(self.bn2(self.conv2(Y)))
        Y = self.bn3(self.conv3(Y))
        if self.conv4 is not None and self.bn4 is not None:
            X = self.bn4(self.conv4(X))
        return npx.relu(Y + X)


def resnet18(num_classes: int) -> Any:
    """Return a small ResNet of 18 layers."""

    def stage(channels: int, blocks: int, is_first: bool = False) -> Any:
        part = nn.Sequential()
        for i in range(blocks):
            halves = i == 0 and not is_first
            part.add(Residual(channels, use_1x1conv=halves, strides=2 if halves else 1))
        return part

    net = nn.Sequential()
    net.add(nn.Conv2D(64, kernel_size=3, strides=1, padding=1), nn.BatchNorm(), nn.Activation("relu"))
    net.add(stage(64, 2, is_first=True), stage(128, 2), stage(256, 2), stage(512, 2))
    net.add(nn.GlobalAvgPool2D(), nn.Dense(num_classes))
    return net
