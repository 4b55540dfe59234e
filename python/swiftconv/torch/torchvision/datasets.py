"""``torchvision.datasets``."""

from __future__ import annotations

from swiftconv.data import MNIST, FashionMNIST
from swiftconv.dialects.switch import missing

__all__ = ["MNIST", "FashionMNIST"]

__getattr__ = missing("torch", "torchvision.datasets", globals())
