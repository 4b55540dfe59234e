"""In which order the samples of a dataset are taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sized
from operator import index as as_index
from typing import TYPE_CHECKING

from ..random import default_generator
from .dataset import as_generator

if TYPE_CHECKING:
    import numpy


class SequentialSampler:
    """The indices of all samples in order.

    Example
    -------
    >>> list(sc.data.SequentialSampler("abc"))
    [0, 1, 2]
    """

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        return len(self.data_source)


class RandomSampler:
    """The indices of all samples in an order that is new every time.

    Parameters
    ----------
    data_source : Dataset
        With a length.
    generator : numpy.random.Generator or int, optional
        Where the random numbers come from, or a seed; see `manual_seed`.

    Example
    -------
    >>> sorted(sc.data.RandomSampler("abc"))
    [0, 1, 2]
    """

    def __init__(self, data_source: Sized, generator: numpy.random.Generator | int | None = None) -> None:
        self.data_source = data_source
        self.generator = None if generator is None else as_generator(generator)

    def __iter__(self) -> Iterator[int]:
        generator = default_generator() if self.generator is None else self.generator
        return iter(generator.permutation(len(self.data_source)).tolist())

    def __len__(self) -> int:
        return len(self.data_source)


class BatchSampler:
    """Lists of indices, one list for each batch.

    Parameters
    ----------
    sampler : iterable of int
        The indices.
    batch_size : int
        How many belong to a batch.
    drop_last : bool
        Whether to leave out a last batch that is smaller.

    Example
    -------
    >>> list(sc.data.BatchSampler(range(5), batch_size=2, drop_last=False))
    [[0, 1], [2, 3], [4]]
    """

    def __init__(self, sampler: Iterable[int], batch_size: int, drop_last: bool) -> None:
        try:
            self.batch_size = as_index(batch_size)
        except TypeError:
            raise TypeError(f"batch_size: expected a whole number, got {batch_size!r}") from None
        if self.batch_size < 1:
            raise ValueError(f"batch_size: expected 1 or more, got {self.batch_size}")
        self.sampler = sampler
        self.drop_last = drop_last

    def __iter__(self) -> Iterator[list[int]]:
        batch = []
        for index in self.sampler:
            batch.append(index)
            if len(batch) == self.batch_size:
                yield batch
                batch = []
        if batch and not self.drop_last:
            yield batch

    def __len__(self) -> int:
        count = len(self.sampler)  # type: ignore[arg-type]
        return count // self.batch_size if self.drop_last else -(-count // self.batch_size)
