"""What the book's data has in every dialect: the names of Fashion-MNIST's classes, and which samples are for what."""

from __future__ import annotations

from typing import Any

import numpy

from .plots import show_images
from .training import DataModuleBase

__all__ = ["FashionMNISTBase", "SyntheticRegressionBase", "text_labels"]

_LABELS = ["t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"]


def text_labels(labels: Any) -> list[str]:
    """Return the names of labels.

    Example
    -------
    >>> from swiftconv.dialects.datasets import text_labels
    >>> text_labels([9, 8])
    ['ankle boot', 'bag']
    """
    return [_LABELS[int(each)] for each in labels]


class FashionMNISTBase(DataModuleBase):
    """Pictures of clothes in ten classes, of which a dialect says where they come from and how they are batched.

    `channel_axis` is the axis of the one channel in its batches.
    """

    channel_axis = 1

    def text_labels(self, indices: Any) -> list[str]:
        """Return the names of labels."""
        return text_labels(indices)

    def visualize(self, batch: Any, nrows: int = 1, ncols: int = 8, labels: Any = ()) -> None:
        """Show pictures of a batch with their names."""
        X, y = batch
        pictures = numpy.asarray(X).squeeze(self.channel_axis)
        show_images(pictures, nrows, ncols, titles=list(labels) or self.text_labels(y))


class SyntheticRegressionBase(DataModuleBase):
    """Points ``self.X`` along a line or plane and their heights ``self.y``, those for training first."""

    def get_dataloader(self, train: bool) -> Any:
        """Return a loader of ``X`` and ``y``."""
        picked = slice(0, self.num_train) if train else slice(self.num_train, None)
        return self.get_tensorloader((self.X, self.y), train, picked)
