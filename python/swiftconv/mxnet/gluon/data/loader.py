"""Loaders: batches of a dataset, in order or at random."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy

from ... import numpy as np
from ...array import ndarray
from ...context import Context
from .dataset import ArrayDataset, ChangedFirst


class Sampler:
    """The base of samplers: an order of numbers."""

    def __iter__(self) -> Iterator[Any]:
        # Abstract, as the length is: each sampler below has its own order.
        raise NotImplementedError

    def __len__(self) -> int:
        # Abstract: see above.
        raise NotImplementedError


class SequentialSampler(Sampler):
    """The numbers from `start`, in order."""

    def __init__(self, length: int, start: int = 0) -> None:
        self._range = range(start, start + length)

    def __iter__(self) -> Iterator[int]:
        return iter(self._range)

    def __len__(self) -> int:
        return len(self._range)


class RandomSampler(Sampler):
    """The numbers below `length` in random order, from NumPy's global generator as in the framework."""

    def __init__(self, length: int) -> None:
        self._length = length

    def __iter__(self) -> Iterator[int]:
        order = numpy.arange(self._length)
        numpy.random.shuffle(order)
        return iter(order.tolist())

    def __len__(self) -> int:
        return self._length


class BatchSampler(Sampler):
    """Lists of `batch_size` numbers; what is left over is kept, discarded, or rolled over to the next epoch.

    Example
    -------
    >>> from swiftconv.mxnet.gluon import data
    >>> list(data.BatchSampler(data.SequentialSampler(5), 2, "keep"))
    [[0, 1], [2, 3], [4]]
    """

    def __init__(self, sampler: Sampler, batch_size: int, last_batch: str = "keep") -> None:
        if last_batch not in ("keep", "discard", "rollover"):
            raise ValueError(f"last_batch must be one of 'keep', 'discard', or 'rollover', but got {last_batch}")
        self._sampler, self._batch_size, self._last_batch = sampler, int(batch_size), last_batch
        if self._batch_size < 1:
            raise ValueError(f"BatchSampler: batch_size is {batch_size}, expected at least 1")
        self._kept: list[int] = []

    def __iter__(self) -> Iterator[list[int]]:
        batch, self._kept = self._kept, []
        for each in self._sampler:
            batch.append(each)
            if len(batch) == self._batch_size:
                yield batch
                batch = []
        if batch and self._last_batch == "keep":
            yield batch
        elif self._last_batch == "rollover":
            self._kept = batch

    def __len__(self) -> int:
        count = len(self._sampler) + len(self._kept)
        return -(-count // self._batch_size) if self._last_batch == "keep" else count // self._batch_size


def default_batchify_fn(data: Sequence[Any]) -> Any:
    """Return samples as a batch: arrays joined along a new first axis, tuples entry by entry."""
    first = data[0]
    if isinstance(first, ndarray):
        return np.stack(data)
    if isinstance(first, (tuple, list)):
        return [default_batchify_fn(each) for each in zip(*data, strict=True)]
    values = numpy.asarray(data)
    return np.array(values, dtype=values.dtype)


class DataLoader:
    """Batches of a dataset, each a list with an array for every entry of a sample.

    Parameters
    ----------
    dataset : Dataset or sequence
        The samples.
    batch_size : int, optional
        How many samples a batch has.
    shuffle : bool
        Whether the order is random.
    sampler, batch_sampler : Sampler, optional
        Another order.
    last_batch : {"keep", "discard", "rollover"}, optional
        What happens to a batch that is not full.
    batchify_fn : callable, optional
        Makes a batch of a list of samples.
    num_workers : int
        There are no worker processes, as computations have threads of their own; but batches say, as they would with
        workers, that they are in shared memory: ``cpu_shared(0)``.
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = None,
        shuffle: bool = False,
        sampler: Any = None,
        last_batch: str | None = None,
        batch_sampler: Any = None,
        batchify_fn: Callable[..., Any] | None = None,
        num_workers: int = 0,
        thread_pool: bool = False,
        **_: Any,
    ) -> None:
        self._dataset = dataset
        if batch_sampler is None:
            if batch_size is None:
                raise ValueError("batch_size must be specified unless batch_sampler is specified")
            if sampler is not None and shuffle:
                raise ValueError("shuffle must not be specified if sampler is specified")
            if sampler is None:
                sampler = RandomSampler(len(dataset)) if shuffle else SequentialSampler(len(dataset))
            batch_sampler = BatchSampler(sampler, batch_size, last_batch or "keep")
        self._batch_sampler = batch_sampler
        self._batchify_fn = batchify_fn
        self._place = Context("cpu_shared" if num_workers > 0 and not thread_pool else "cpu")

    def __iter__(self) -> Iterator[Any]:
        for places in self._batch_sampler:
            yield self._placed(self._batch(places))

    def _placed(self, batch: Any) -> Any:
        """A batch whose arrays know where they are."""
        if isinstance(batch, (list, tuple)):
            return [self._placed(each) for each in batch]
        if isinstance(batch, ndarray):
            batch._place = self._place
        return batch

    def _batch(self, places: list[int]) -> Any:
        if self._batchify_fn is None:
            whole = self._at_once(places)
            if whole is not None:
                return whole
        return (self._batchify_fn or default_batchify_fn)([self._dataset[i] for i in places])

    def _at_once(self, places: list[int]) -> Any:
        """A batch without a loop over samples, where the dataset allows it."""
        if isinstance(self._dataset, ChangedFirst):
            return self._dataset.batch(places)
        if type(self._dataset) is ArrayDataset and all(isinstance(each, ndarray) for each in self._dataset._data):
            picked = [each[numpy.asarray(places)] for each in self._dataset._data]
            return picked[0] if len(picked) == 1 else picked
        return None

    def __len__(self) -> int:
        return len(self._batch_sampler)
