"""Functions and blocks that the book's chapters share, and the names of devices."""

from __future__ import annotations

from typing import Any

from .. import _create, keras
from .. import _elementwise as _e
from .. import _math as _m
from .._function import device
from .._variable import Variable
from ..config import list_physical_devices
from .training import Classifier

__all__ = [
    "LeNet",
    "SoftmaxRegression",
    "Residual",
    "ResNeXtBlock",
    "corr2d",
    "cpu",
    "gpu",
    "num_gpus",
    "try_all_gpus",
    "try_gpu",
]


def cpu() -> device:
    """Return the CPU."""
    return device("/CPU:0")


def gpu(i: int = 0) -> device:
    """Return a graphics card, which fails when it is used."""
    return device(f"/GPU:{i}")


def num_gpus() -> int:
    """Return the number of graphics cards: none."""
    return len(list_physical_devices("GPU"))


def try_gpu(i: int = 0) -> device:
    """Return the CPU."""
    return gpu(i) if num_gpus() >= i + 1 else cpu()


def try_all_gpus() -> list[device]:
    """Return the graphics cards: an empty list."""
    return [gpu(i) for i in range(num_gpus())]


def corr2d(X: Any, K: Any) -> Variable:
    """Return the two-dimensional cross-correlation of a matrix with a kernel.

    Example
    -------
    >>> import swiftconv.tensorflow as tf
    >>> from swiftconv.tensorflow import d2l
    >>> d2l.corr2d(tf.ones((2, 3)), tf.constant([[1.0, 2.0]])).numpy()
    array([[3., 3.],
           [3., 3.]], dtype=float32)
    """
    height, width = K.shape
    Y = Variable(_create.zeros((X.shape[0] - height + 1, X.shape[1] - width + 1)))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j].assign(_m.reduce_sum(X[i : i + height, j : j + width] * K))
    return Y


class Residual(keras.Model):
    """Two convolutions whose output is added to their input.

    Parameters
    ----------
    num_channels : int
        Channels of the output.
    use_1x1conv : bool
        Whether the input goes through a convolution, too.
    strides : int
        By how much the image becomes smaller.
    """

    def __init__(self, num_channels: int, use_1x1conv: bool = False, strides: int = 1) -> None:
        super().__init__()
        self.conv1 = keras.layers.Conv2D(num_channels, kernel_size=3, padding="same", strides=strides)
        self.conv2 = keras.layers.Conv2D(num_channels, kernel_size=3, padding="same")
        self.conv3 = keras.layers.Conv2D(num_channels, kernel_size=1, strides=strides) if use_1x1conv else None
        self.bn1 = keras.layers.BatchNormalization()
        self.bn2 = keras.layers.BatchNormalization()

    def call(self, X: Any) -> Any:
        """Return the sum, without its negative part."""
        Y = _e.relu(self.bn1(self.conv1(X)))
        Y = self.bn2(self.conv2(Y))
        return _e.relu(Y + (X if self.conv3 is None else self.conv3(X)))


class ResNeXtBlock(keras.Model):
    """A residual block with a convolution in groups.

    Parameters
    ----------
    num_channels : int
        Channels of the output.
    groups : int
        Channels of a group.
    bot_mul : float
        How many times as many channels there are within.
    use_1x1conv : bool
        Whether the input goes through a convolution, too.
    strides : int
        By how much the image becomes smaller.
    """

    def __init__(
        self, num_channels: int, groups: int, bot_mul: float, use_1x1conv: bool = False, strides: int = 1
    ) -> None:
        super().__init__()
        within = round(num_channels * bot_mul)
        self.conv1 = keras.layers.Conv2D(within, 1, strides=1)
        self.conv2 = keras.layers.Conv2D(within, 3, strides=strides, padding="same", groups=within // groups)
        self.conv3 = keras.layers.Conv2D(num_channels, 1, strides=1)
        self.bn1, self.bn2, self.bn3 = (keras.layers.BatchNormalization() for _ in range(3))
        self.conv4 = self.bn4 = None
        if use_1x1conv:
            self.conv4 = keras.layers.Conv2D(num_channels, 1, strides=strides)
            self.bn4 = keras.layers.BatchNormalization()

    def call(self, X: Any) -> Any:
        """Return the sum, without its negative part."""
        Y = _e.relu(self.bn1(self.conv1(X)))
        Y = _e.relu(self.bn2(self.conv2(Y)))
        Y = self.bn3(self.conv3(Y))
        return _e.relu(Y + (X if self.conv4 is None else self.bn4(self.conv4(X))))


class LeNet(Classifier):
    """Two convolutions and three dense layers.

    Parameters
    ----------
    lr : float
        The learning rate.
    num_classes : int
        How many classes there are.
    """

    def __init__(self, lr: float = 0.1, num_classes: int = 10) -> None:
        super().__init__()
        self.save_hyperparameters()
        layers = keras.layers
        self.net = keras.models.Sequential(
            [
                layers.Conv2D(6, 5, padding="same", activation="sigmoid"),
                layers.AvgPool2D(2),
                layers.Conv2D(16, 5, activation="sigmoid"),
                layers.AvgPool2D(2),
                layers.Flatten(),
                layers.Dense(120, activation="sigmoid"),
                layers.Dense(84, activation="sigmoid"),
                layers.Dense(num_classes),
            ]
        )


class SoftmaxRegression(Classifier):
    """One dense layer.

    Parameters
    ----------
    num_outputs : int
        How many classes there are.
    lr : float
        The learning rate.
    """

    def __init__(self, num_outputs: int, lr: float) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.net = keras.models.Sequential([keras.layers.Flatten(), keras.layers.Dense(num_outputs)])

    def forward(self, X: Any) -> Any:
        """Return one score per class."""
        return self.net(X)
