"""What several models are built of."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .. import nn
from ..nn import init

if TYPE_CHECKING:
    from ..tensor import Tensor


def classified(model: Any, features: Tensor) -> Tensor:
    """What all models end with: average each channel over the image, and feed that to ``model.classifier``."""
    return model.classifier(nn.functional.adaptive_avg_pool2d(features, (1, 1)).flatten(1))


def initialize(model: nn.Module, convolution: Callable[[Any], Any], linear: Callable[[Any], Any]) -> None:
    """Give the convolutions and fully connected layers of a model new weights, and no bias."""
    for module in model.modules():
        fill = {nn.Conv2d: convolution, nn.Linear: linear}.get(type(module))
        if fill is not None:
            fill(module.weight)
            if module.bias is not None:
                init.zeros_(module.bias)


def fan_out_normal(weight: Any) -> None:
    """Draw the weights before ReLU so that the backward pass keeps its variance."""
    init.kaiming_normal_(weight, mode="fan_out", nonlinearity="relu")


def small_normal(weight: Any) -> None:
    """Draw the weights of the last layers of several models."""
    init.normal_(weight, 0, 0.01)
