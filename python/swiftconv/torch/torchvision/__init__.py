"""``torchvision``, of which the book uses Fashion-MNIST and the transforms."""

from __future__ import annotations

from swiftconv.dialects.switch import missing

from . import datasets, transforms

__all__ = ["datasets", "transforms"]

__version__ = "0.15.2+swiftconv"

__getattr__ = missing("torch", "torchvision", globals())
