"""``torchvision.datasets``."""

from __future__ import annotations

from typing import Any

from swiftconv import data as _native
from swiftconv.dialects.switch import missing

__all__ = ["MNIST", "FashionMNIST"]


def _shown(dataset: Any) -> str:
    """Return a dataset's text as torchvision prints it."""
    lines = [
        f"Dataset {type(dataset).__name__}",
        f"    Number of datapoints: {len(dataset)}",
        f"    Root location: {dataset.root}",
        f"    Split: {'Train' if dataset.train else 'Test'}",
    ]
    if dataset.transform is None and dataset.target_transform is None:
        return "\n".join(lines)
    lines.append("    StandardTransform")
    for title, change in (("Transform: ", dataset.transform), ("Target transform: ", dataset.target_transform)):
        if change is not None:
            first, *rest = repr(change).splitlines()
            lines += [title + first, *(" " * len(title) + line for line in rest)]
    return "\n".join(lines)


class MNIST(_native.MNIST):
    """Handwritten digits; see `swiftconv.data.MNIST`."""

    __repr__ = _shown


class FashionMNIST(_native.FashionMNIST):
    """Pictures of clothes; see `swiftconv.data.FashionMNIST`."""

    __repr__ = _shown


__getattr__ = missing("torch", "torchvision.datasets", globals())
