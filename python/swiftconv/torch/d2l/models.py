"""The book's models, and the parts of its networks."""

from __future__ import annotations

from typing import Any

import swiftconv as sc
from swiftconv import nn
from swiftconv.correlation import corr2d
from swiftconv.dialects.board import HyperParameters
from swiftconv.nn import functional as F

from .training import Classifier, Module

__all__ = [
    "LeNet",
    "LinearRegression",
    "LinearRegressionScratch",
    "ResNeXtBlock",
    "Residual",
    "SGD",
    "SoftmaxRegression",
    "corr2d",
    "cross_entropy",
    "init_cnn",
    "relu",
]


def init_cnn(module: Any) -> None:
    """Draw the weight of a `Linear` or `Conv2d` by Xavier's rule; meant for ``net.apply``."""
    if type(module) in (nn.Linear, nn.Conv2d):
        nn.init.xavier_uniform_(module.weight)


def relu(X: Any) -> Any:
    """Return the elements, with 0 for those below."""
    return sc.relu(X)


def cross_entropy(y_hat: Any, y: Any) -> Any:
    """Return the mean cross-entropy of probabilities and labels."""
    return -sc.log(y_hat[list(range(len(y_hat))), y]).mean()


class SGD(HyperParameters):
    """Gradient descent on a list of parameters."""

    def __init__(self, params: Any, lr: float) -> None:
        self.save_hyperparameters()

    def step(self) -> None:
        """Take a step against the gradients."""
        for param in self.params:
            param -= self.lr * param.grad

    def zero_grad(self) -> None:
        """Set the gradients to 0."""
        for param in self.params:
            if param.grad is not None:
                param.grad.zero_()


class LinearRegressionScratch(Module):
    """A line or plane, with weights that are plain tensors."""

    def __init__(self, num_inputs: int, lr: float, sigma: float = 0.01) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.w = sc.normal(0, sigma, (num_inputs, 1), requires_grad=True)
        self.b = sc.zeros(1, requires_grad=True)

    def forward(self, X: Any) -> Any:
        """Return ``X w + b``."""
        return sc.matmul(X, self.w) + self.b

    def loss(self, y_hat: Any, y: Any) -> Any:
        """Return half the mean squared error."""
        return ((y_hat - y) ** 2 / 2).mean()

    def configure_optimizers(self) -> SGD:
        """Return gradient descent for the two tensors."""
        return SGD([self.w, self.b], self.lr)


class LinearRegression(Module):
    """A line or plane, as a layer."""

    def __init__(self, lr: float) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.net = nn.LazyLinear(1)
        self.net.weight.data.normal_(0, 0.01)
        self.net.bias.data.fill_(0)

    def forward(self, X: Any) -> Any:
        """Return the layer's output."""
        return self.net(X)

    def loss(self, y_hat: Any, y: Any) -> Any:
        """Return the mean squared error."""
        return F.mse_loss(y_hat, y)

    def get_w_b(self) -> tuple[Any, Any]:
        """Return the weight and the bias."""
        return self.net.weight.data, self.net.bias.data


class SoftmaxRegression(Classifier):
    """One linear layer on flattened inputs."""

    def __init__(self, num_outputs: int, lr: float) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.net = nn.Sequential(nn.Flatten(), nn.LazyLinear(num_outputs))


class LeNet(Classifier):
    """The network of LeCun and others, with sigmoids and average pooling.

    Source
    ------
    Dive into Deep Learning, section 7.6.
    """

    def __init__(self, lr: float = 0.1, num_classes: int = 10) -> None:
        super().__init__()
        self.save_hyperparameters()
        features: list[Any] = []
        for channels, padding in ((6, 2), (16, 0)):
            features += [nn.LazyConv2d(channels, kernel_size=5, padding=padding), nn.Sigmoid()]
            features += [nn.AvgPool2d(kernel_size=2, stride=2)]
        dense = [nn.LazyLinear(120), nn.Sigmoid(), nn.LazyLinear(84), nn.Sigmoid(), nn.LazyLinear(num_classes)]
        self.net = nn.Sequential(*features, nn.Flatten(), *dense)


class Residual(nn.Module):
    """Two 3 × 3 convolutions with batch normalisation, added to their input.

    Parameters
    ----------
    num_channels : int
        The channels of the output.
    use_1x1conv : bool
        Whether a 1 × 1 convolution brings the input to the output's shape.
    strides : int
        The step of the first convolution.
    """

    def __init__(self, num_channels: int, use_1x1conv: bool = False, strides: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.LazyConv2d(num_channels, kernel_size=3, padding=1, stride=strides)
        self.conv2 = nn.LazyConv2d(num_channels, kernel_size=3, padding=1)
        self.conv3 = nn.LazyConv2d(num_channels, kernel_size=1, stride=strides) if use_1x1conv else None
        self.bn1 = nn.LazyBatchNorm2d()
        self.bn2 = nn.LazyBatchNorm2d()

    def forward(self, X: Any) -> Any:
        """Return the block's output."""
        change = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(X)))))
        return F.relu(change + (self.conv3(X) if self.conv3 is not None else X))


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
    strides : int
        The step of the 3 × 3 convolution.
    """

    def __init__(
        self, num_channels: int, groups: int, bot_mul: float, use_1x1conv: bool = False, strides: int = 1
    ) -> None:
        super().__init__()
        narrow = int(round(num_channels * bot_mul))
        self.conv1 = nn.LazyConv2d(narrow, kernel_size=1, stride=1)
        self.conv2 = nn.LazyConv2d(narrow, kernel_size=3, stride=strides, padding=1, groups=narrow // groups)
        self.conv3 = nn.LazyConv2d(num_channels, kernel_size=1, stride=1)
        self.bn1 = nn.LazyBatchNorm2d()
        self.bn2 = nn.LazyBatchNorm2d()
        self.bn3 = nn.LazyBatchNorm2d()
        self.conv4 = nn.LazyConv2d(num_channels, kernel_size=1, stride=strides) if use_1x1conv else None
        self.bn4 = nn.LazyBatchNorm2d() if use_1x1conv else None

    def forward(self, X: Any) -> Any:
        """Return the block's output."""
        change = F.relu(self.bn1(self.conv1(X)))
        change = F.relu(self.bn2(self.conv2(change)))
        change = self.bn3(self.conv3(change))
        if self.conv4 is not None and self.bn4 is not None:
            X = self.bn4(self.conv4(X))
        return F.relu(change + X)
