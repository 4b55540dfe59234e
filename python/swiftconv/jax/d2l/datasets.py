"""The book's data: Fashion-MNIST, and points along a noisy line."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy

from ...dialects.datasets import FashionMNISTBase, SyntheticRegressionBase
from .. import numpy as jnp
from .. import random
from .aliases import get_key
from .training import DataModule

__all__ = ["ArrayLoader", "FashionMNIST", "SyntheticRegressionData"]


class ArrayLoader:
    """Batches of arrays as tuples of NumPy arrays.

    Parameters
    ----------
    arrays : sequence of arrays
        One entry of each is a sample.
    batch_size : int
        How many samples a batch has.
    shuffle : bool
        Whether samples come in a new order each time.
    change : callable, optional
        What is done with a batch before it is given.
    by_batch : bool
        Shuffle whole batches only.
    """

    def __init__(
        self, arrays: Sequence[Any], batch_size: int, shuffle: bool, change: Any = None, by_batch: bool = False
    ) -> None:
        self.arrays = [numpy.asarray(each) for each in arrays]
        self.batch_size, self.shuffle, self.change, self.by_batch = batch_size, shuffle, change, by_batch

    def __len__(self) -> int:
        return math.ceil(len(self.arrays[0]) / self.batch_size)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        order = numpy.arange(len(self.arrays[0]))
        starts = numpy.arange(0, len(order), self.batch_size)
        if self.shuffle:
            numpy.random.default_rng().shuffle(starts if self.by_batch else order)
        for start in starts:
            picked = order[start : start + self.batch_size]
            batch = tuple(each[picked] for each in self.arrays)
            yield batch if self.change is None else self.change(*batch)


class FashionMNIST(FashionMNISTBase, DataModule):
    """Pictures of clothes in ten classes.

    Parameters
    ----------
    batch_size : int
        How many pictures a batch has.
    resize : (int, int)
        The height and width that pictures are scaled to.
    """

    channel_axis = -1

    def __init__(self, batch_size: int = 64, resize: tuple[int, int] = (28, 28)) -> None:
        super().__init__()
        self.save_hyperparameters()
        from ...tensorflow.keras.datasets import fashion_mnist

        self.train, self.val = fashion_mnist.load_data()

    def _prepared(self, images: numpy.ndarray, labels: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
        pixels = images[..., None].astype(numpy.float32) / numpy.float32(255)
        if tuple(self.resize) != images.shape[1:]:
            from ...tensorflow.image import resize_with_pad

            pixels = resize_with_pad(pixels, *self.resize).numpy()
        return pixels, labels.astype(numpy.int32)

    def get_dataloader(self, train: bool) -> ArrayLoader:
        """Return a loader of float32 pictures ``(N, H, W, 1)`` and their labels."""
        data = self.train if train else self.val
        return ArrayLoader(data, self.batch_size, train, self._prepared, by_batch=True)


class SyntheticRegressionData(SyntheticRegressionBase, DataModule):
    """Points along a line or plane, with noise.

    Parameters
    ----------
    w, b
        The slope ``(n,)`` or ``(n, 1)`` and the height.
    noise : float
        The standard deviation of the noise.
    num_train, num_val, batch_size : int
        How many samples there are, and in a batch.
    """

    def __init__(
        self, w: Any, b: Any, noise: float = 0.01, num_train: int = 1000, num_val: int = 1000, batch_size: int = 32
    ) -> None:
        super().__init__()
        self.save_hyperparameters()
        count = num_train + num_val
        first, second = random.split(get_key())
        self.X = random.normal(first, (count, w.shape[0]))
        self.y = jnp.matmul(self.X, w.reshape((-1, 1))) + b + random.normal(second, (count, 1)) * noise
