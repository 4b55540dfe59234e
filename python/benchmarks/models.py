"""The book's LeNet and ResNet-18, written once for every library with PyTorch's names."""

from __future__ import annotations

from typing import Any

import numpy as np


def lenet(nn: Any) -> Any:
    """LeNet for grey images of 28 × 28 pixels (Dive into Deep Learning, section 7.6)."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.Sigmoid(), nn.AvgPool2d(2, 2),
        nn.Conv2d(6, 16, 5), nn.Sigmoid(), nn.AvgPool2d(2, 2), nn.Flatten(),
        nn.Linear(400, 120), nn.Sigmoid(), nn.Linear(120, 84), nn.Sigmoid(), nn.Linear(84, 10),
    )  # fmt: skip


def resnet18(nn: Any) -> Any:
    """ResNet-18 for grey images (Dive into Deep Learning, section 8.6)."""

    class Residual(nn.Module):
        def __init__(self, inputs: int, outputs: int, stride: int) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1, stride=stride)
            self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)
            self.conv3 = nn.Conv2d(inputs, outputs, 1, stride=stride) if stride > 1 else None
            self.bn1, self.bn2 = nn.BatchNorm2d(outputs), nn.BatchNorm2d(outputs)
            self.relu = nn.ReLU()

        def forward(self, x: Any) -> Any:
            y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
            return self.relu(y + (x if self.conv3 is None else self.conv3(x)))

    layers = [nn.Conv2d(1, 64, 7, stride=2, padding=3), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    inputs = 64
    for outputs in (64, 128, 256, 512):
        layers += [Residual(inputs, outputs, 2 if outputs > inputs else 1), Residual(outputs, outputs, 1)]
        inputs = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten(), nn.Linear(512, 10))


def set_parameters(peer: Any, model: Any, seed: int) -> None:
    """Give every parameter values that depend on its place and shape alone."""
    generator = np.random.default_rng(seed)
    with peer.module.no_grad():
        for parameter in model.parameters():
            shape = tuple(parameter.shape)
            if len(shape) == 1:
                values = 1 + 0.1 * generator.standard_normal(shape)
            else:
                values = generator.standard_normal(shape) / np.sqrt(np.prod(shape[1:]))
            parameter.copy_(peer.tensor(values.astype(np.float32)))
