"""Going through a dataset in batches."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from operator import index as as_index
from typing import TYPE_CHECKING, Any

from ..random import default_generator, drawing_from
from .collate import default_collate
from .dataset import Dataset, as_generator
from .sampler import BatchSampler, RandomSampler, SequentialSampler

if TYPE_CHECKING:
    import numpy


class DataLoader:
    """Goes through a dataset in batches, again with every ``for`` loop.

    Random numbers that are drawn while a batch is made, as by random transforms, depend on the generator's state when
    the loop begins and on the batch's number; so they are the same for any number of workers.

    Parameters
    ----------
    dataset : Dataset
        Anything with ``dataset[index]`` and a length.
    batch_size : int
        How many samples a batch has.
    shuffle : bool
        Whether to take the samples in a new random order every time.
    sampler : iterable of int, optional
        The indices to take, instead of `shuffle`.
    batch_sampler : iterable of list of int, optional
        The indices of each batch, instead of `batch_size`, `shuffle`, `sampler` and `drop_last`.
    num_workers : int
        How many threads make batches in advance; with 0, each batch is made when it is asked for. They are threads and
        not processes: no process is forked, and samples need not be copied between processes.
    collate_fn : callable, optional
        Makes a batch out of a list of samples; `default_collate` unless given.
    pin_memory, persistent_workers
        Accepted, without an effect.
    drop_last : bool
        Whether to leave out a last batch that is smaller.
    generator : numpy.random.Generator or int, optional
        Where the random numbers come from, or a seed; see `manual_seed`.
    prefetch_factor : int, optional
        How many batches each worker makes in advance; 2 unless given.

    Raises
    ------
    ValueError
        For options that exclude each other, and numbers that are too small. An exception while a batch is made is
        raised by the loop, with a note that says for which batch.

    Example
    -------
    >>> dataset = sc.data.TensorDataset(sc.arange(5), sc.arange(5) * 10)
    >>> for X, y in sc.data.DataLoader(dataset, batch_size=2, num_workers=1):
    ...     print(X, y)
    tensor([0, 1]) tensor([ 0, 10])
    tensor([2, 3]) tensor([20, 30])
    tensor([4]) tensor([40])
    """

    def __init__(
        self,
        dataset: Dataset[Any],
        batch_size: int = 1,
        shuffle: bool = False,
        sampler: Iterable[int] | None = None,
        batch_sampler: Iterable[list[int]] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        *,
        generator: numpy.random.Generator | int | None = None,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
    ) -> None:
        if sampler is not None and shuffle:
            raise ValueError("DataLoader: sampler and shuffle exclude each other; the sampler says the order")
        if batch_sampler is not None and (batch_size != 1 or shuffle or sampler is not None or drop_last):
            raise ValueError("DataLoader: batch_sampler excludes batch_size, shuffle, sampler and drop_last")
        self.dataset = dataset
        self.num_workers = _number(num_workers, 0, "num_workers")
        self.prefetch_factor = 2 if prefetch_factor is None else _number(prefetch_factor, 1, "prefetch_factor")
        self.collate_fn = default_collate if collate_fn is None else collate_fn
        self.generator = None if generator is None else as_generator(generator)
        if batch_sampler is not None:
            self.batch_sampler, self.batch_size, self.drop_last = batch_sampler, None, False
            return
        if sampler is None:
            sampler = RandomSampler(dataset, self.generator) if shuffle else SequentialSampler(dataset)  # type: ignore[arg-type]
        self.sampler = sampler
        self.batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.batch_size, self.drop_last = self.batch_sampler.batch_size, drop_last

    def __len__(self) -> int:
        """How many batches there are."""
        return len(self.batch_sampler)  # type: ignore[arg-type]

    def __iter__(self) -> Iterator[Any]:
        generator = default_generator() if self.generator is None else self.generator
        seed = int(generator.integers(2**63))
        batches = enumerate(self.batch_sampler)
        if self.num_workers == 0:
            return (self._batch(seed, number, indices) for number, indices in batches)
        return self._in_advance(seed, batches)

    def _batch(self, seed: int, number: int, indices: list[int]) -> Any:
        """One batch, made with random numbers of its own."""
        import numpy

        try:
            with drawing_from(numpy.random.default_rng([seed, number])):
                return self.collate_fn([self.dataset[index] for index in indices])
        except Exception as error:
            shown = ", ".join(map(str, indices[:8])) + (", ..." if len(indices) > 8 else "")
            error.add_note(f"DataLoader: raised while making batch {number}, of the samples {shown}")
            raise

    def _in_advance(self, seed: int, batches: Iterator[tuple[int, list[int]]]) -> Iterator[Any]:
        from concurrent.futures import ThreadPoolExecutor

        pool = ThreadPoolExecutor(self.num_workers, thread_name_prefix="swiftconv-loader")

        def started(count: int) -> Iterator[Any]:
            return (pool.submit(self._batch, seed, *batch) for batch in islice(batches, count))

        try:
            waiting = deque(started(self.num_workers * self.prefetch_factor))
            while waiting:
                batch = waiting.popleft().result()
                waiting.extend(started(1))
                yield batch
        finally:
            # Also when the loop is left early: what has not begun is dropped, and the threads end by themselves.
            pool.shutdown(wait=False, cancel_futures=True)


def _number(value: Any, least: int, name: str) -> int:
    try:
        number = as_index(value)
    except TypeError:
        raise TypeError(f"DataLoader: {name} must be a whole number, got {value!r}") from None
    if number < least:
        raise ValueError(f"DataLoader: {name} must be {least} or more, got {number}")
    return number
