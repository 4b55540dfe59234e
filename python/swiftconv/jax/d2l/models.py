"""The book's models, and the parts of its networks."""

from __future__ import annotations

from typing import Any

from .. import numpy as jnp
from .. import optax
from ..flax import linen as nn
from .training import Classifier, Module

__all__ = ["LeNet", "LinearRegression", "ResNeXtBlock", "Residual", "SoftmaxRegression"]


class LinearRegression(Module):
    """A line or plane, as a layer."""

    lr: float = 0.1

    def setup(self) -> None:
        """Make the layer."""
        self.net = nn.Dense(1, kernel_init=nn.initializers.normal(0.01))

    def forward(self, X: Any) -> Any:
        """Return the layer's output."""
        return self.net(X)

    def loss(self, params: Any, X: Any, y: Any, state: Any) -> Any:
        """Return the mean squared error."""
        return optax.l2_loss(state.apply_fn({"params": params}, *X), y).mean()

    def get_w_b(self, state: Any) -> tuple[Any, Any]:
        """Return the weight and the bias."""
        return state.params["net"]["kernel"], state.params["net"]["bias"]


class SoftmaxRegression(Classifier):
    """One linear layer on flattened inputs."""

    num_outputs: int
    lr: float

    @nn.compact
    def __call__(self, X: Any) -> Any:
        """Return the scores."""
        return nn.Dense(self.num_outputs)(X.reshape((X.shape[0], -1)))


class LeNet(Classifier):
    """The network of LeCun and others, with sigmoids and average pooling.

    Source
    ------
    Dive into Deep Learning, section 7.6.
    """

    lr: float = 0.1
    num_classes: int = 10
    kernel_init: Any = nn.initializers.xavier_uniform

    def setup(self) -> None:
        """Make the layers."""
        layers: list[Any] = []
        for channels, padding in ((6, "SAME"), (16, "VALID")):
            layers += [nn.Conv(channels, kernel_size=(5, 5), padding=padding, kernel_init=self.kernel_init())]
            layers += [nn.sigmoid, lambda x: nn.avg_pool(x, window_shape=(2, 2), strides=(2, 2))]
        layers.append(lambda x: x.reshape((x.shape[0], -1)))
        for features in (120, 84):
            layers += [nn.Dense(features, kernel_init=self.kernel_init()), nn.sigmoid]
        self.net = nn.Sequential([*layers, nn.Dense(self.num_classes, kernel_init=self.kernel_init())])


class Residual(nn.Module):
    """Two 3 × 3 convolutions with batch normalisation, added to their input.

    Parameters
    ----------
    num_channels : int
        The channels of the output.
    use_1x1conv : bool
        Whether a 1 × 1 convolution brings the input to the output's shape.
    strides : (int, int)
        The step of the first convolution.
    training : bool
        Whether batches are normalised by their own mean and variance.
    """

    num_channels: int
    use_1x1conv: bool = False
    strides: tuple[int, int] = (1, 1)
    training: bool = True

    def setup(self) -> None:
        """Make the layers."""
        self.conv1 = nn.Conv(self.num_channels, kernel_size=(3, 3), padding="same", strides=self.strides)
        self.conv2 = nn.Conv(self.num_channels, kernel_size=(3, 3), padding="same")
        self.conv3 = nn.Conv(self.num_channels, (1, 1), strides=self.strides) if self.use_1x1conv else None
        self.bn1 = nn.BatchNorm(not self.training)
        self.bn2 = nn.BatchNorm(not self.training)

    def __call__(self, X: Any) -> Any:
        """Return the block's output."""
        change = self.bn2(self.conv2(nn.relu(self.bn1(self.conv1(X)))))
        return nn.relu(change + (X if self.conv3 is None else self.conv3(X)))


class ResNeXtBlock(nn.Module):
    """A bottleneck whose 3 × 3 convolution has groups, added to its input.

    Parameters
    ----------
    num_channels : int
        The channels of the output.
    groups : int
        The channels in a group.
    bot_mul : float
        The bottleneck's channels, relative to `num_channels`.
    use_1x1conv : bool
        Whether a 1 × 1 convolution brings the input to the output's shape.
    strides : (int, int)
        The step of the 3 × 3 convolution.
    training : bool
        Whether batches are normalised by their own mean and variance.
    """

    num_channels: int
    groups: int
    bot_mul: float
    use_1x1conv: bool = False
    strides: tuple[int, int] = (1, 1)
    training: bool = True

    def setup(self) -> None:
        """Make the layers."""
        narrow = int(round(self.num_channels * self.bot_mul))
        self.conv1 = nn.Conv(narrow, kernel_size=(1, 1), strides=(1, 1))
        self.conv2 = nn.Conv(narrow, kernel_size=(3, 3), strides=self.strides, padding="same",
                             feature_group_count=narrow // self.groups)  # fmt: skip
        self.conv3 = nn.Conv(self.num_channels, kernel_size=(1, 1), strides=(1, 1))
        self.bn1, self.bn2, self.bn3 = (nn.BatchNorm(not self.training) for _ in range(3))
        self.conv4 = nn.Conv(self.num_channels, (1, 1), strides=self.strides) if self.use_1x1conv else None
        self.bn4 = nn.BatchNorm(not self.training) if self.use_1x1conv else None

    def __call__(self, X: Any) -> Any:
        """Return the block's output."""
        change = nn.relu(self.bn1(self.conv1(X)))
        change = nn.relu(self.bn2(self.conv2(change)))
        change = self.bn3(self.conv3(change))
        if self.conv4 is not None and self.bn4 is not None:
            X = self.bn4(self.conv4(X))
        return nn.relu(jnp.add(change, X))
