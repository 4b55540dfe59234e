"""Collections of samples, and parts and unions of them."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from operator import index as as_index
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ..random import default_generator

if TYPE_CHECKING:
    import numpy

    from ..tensor import Tensor

Sample = TypeVar("Sample", covariant=True)


def position(index: Any, count: int, name: str) -> int:
    """Return an index counted from the front; raises IndexError when there is no such sample."""
    number = as_index(index)
    if not -count <= number < count:
        raise IndexError(f"{name}: index {number} is out of range for {count} samples")
    return number % count


class Dataset(Generic[Sample]):
    """The base class of collections: a subclass says what sample number `index` is, and how many there are.

    Example
    -------
    >>> class Squares(sc.data.Dataset):
    ...     def __getitem__(self, index):
    ...         return index**2
    ...
    ...     def __len__(self):
    ...         return 5
    >>> both = Squares() + Squares()
    >>> len(both), both[7]
    (10, 4)
    """

    def __getitem__(self, index: Any) -> Sample:
        # An abstract method: only a subclass knows its samples, and one that is iterated over has no numbers for them.
        raise NotImplementedError(f"{type(self).__name__}: __getitem__ is missing")

    def __add__(self, other: Dataset[Any]) -> ConcatDataset[Any]:
        return ConcatDataset([self, other])


class TensorDataset(Dataset["tuple[Tensor, ...]"]):
    """Samples along the first axis of tensors.

    Parameters
    ----------
    *tensors : Tensor
        ``(n, ...)``, with the same `n`.

    Raises
    ------
    ValueError
        When there is no tensor, or when their first axes differ.

    Example
    -------
    >>> dataset = sc.data.TensorDataset(sc.tensor([[0.0, 1.0], [2.0, 3.0]]), sc.tensor([5, 6]))
    >>> dataset[1]
    (tensor([2., 3.]), tensor(6))
    """

    def __init__(self, *tensors: Tensor) -> None:
        shapes = [tuple(tensor.shape) for tensor in tensors]
        if not shapes or any(not shape or shape[0] != shapes[0][0] for shape in shapes):
            raise ValueError(f"TensorDataset: the first axes of all tensors must be equally long, got shapes {shapes}")
        self.tensors = tensors

    def __getitem__(self, index: Any) -> tuple[Tensor, ...]:
        return tuple(tensor[index] for tensor in self.tensors)

    def __len__(self) -> int:
        return self.tensors[0].shape[0]


class Subset(Dataset[Sample]):
    """Some samples of a dataset.

    Parameters
    ----------
    dataset : Dataset
        Where the samples come from.
    indices : sequence of int
        Which ones, and in which order.

    Example
    -------
    >>> sc.data.Subset(["a", "b", "c"], [2, 0])[0]
    'c'
    """

    def __init__(self, dataset: Dataset[Sample], indices: Sequence[int]) -> None:
        self.dataset = dataset
        self.indices = indices

    def __getitem__(self, index: Any) -> Sample:
        return self.dataset[self.indices[position(index, len(self), "Subset")]]

    def __len__(self) -> int:
        return len(self.indices)


class ConcatDataset(Dataset[Sample]):
    """The samples of several datasets, one dataset after the other.

    Parameters
    ----------
    datasets : iterable of Dataset
        At least one.

    Example
    -------
    >>> sc.data.ConcatDataset([["a", "b"], ["c"]])[-1]
    'c'
    """

    def __init__(self, datasets: Iterable[Dataset[Sample]]) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            raise ValueError("ConcatDataset: expected at least one dataset")
        self.cumulative_sizes = list(accumulate(map(len, self.datasets)))  # type: ignore[arg-type]

    def __getitem__(self, index: Any) -> Sample:
        number = position(index, len(self), "ConcatDataset")
        part = bisect_right(self.cumulative_sizes, number)
        return self.datasets[part][number - (self.cumulative_sizes[part - 1] if part else 0)]

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]


def random_split(
    dataset: Dataset[Sample], lengths: Sequence[float], generator: numpy.random.Generator | int | None = None
) -> list[Subset[Sample]]:
    """Divide a dataset at random into parts that have no sample in common.

    Parameters
    ----------
    dataset : Dataset
        With a length.
    lengths : sequence of int or of float
        The sizes of the parts; or, when they add up to 1, their shares. What rounding leaves over goes to the first
        parts, one sample each.
    generator : numpy.random.Generator or int, optional
        Where the random numbers come from, or a seed; see `manual_seed`.

    Raises
    ------
    ValueError
        When the sizes do not add up to the dataset's.

    Example
    -------
    >>> [len(part) for part in sc.data.random_split(range(10), [0.75, 0.25])]
    [8, 2]
    """
    count = len(dataset)  # type: ignore[arg-type]
    sizes = _part_sizes(lengths, count)
    order = (default_generator() if generator is None else as_generator(generator)).permutation(count).tolist()
    ends = list(accumulate(sizes))
    return [Subset(dataset, order[end - size : end]) for size, end in zip(sizes, ends, strict=True)]


def _part_sizes(lengths: Sequence[float], count: int) -> list[int]:
    if any(length < 0 for length in lengths):
        raise ValueError(f"random_split: lengths must not be negative, got {list(lengths)}")
    if math.isclose(sum(lengths), 1) and sum(lengths) <= 1.0 + 1e-9 and not (count == 1 and 1 in lengths):
        sizes = [math.floor(count * length) for length in lengths]
        for part in range(count - sum(sizes)):
            sizes[part % len(sizes)] += 1
        return sizes
    if sum(lengths) != count or any(length != int(length) for length in lengths):
        raise ValueError(f"random_split: lengths {list(lengths)} add up to {sum(lengths)}, the dataset has {count}")
    return [int(length) for length in lengths]


def as_generator(value: numpy.random.Generator | int) -> numpy.random.Generator:
    """Return a generator of random numbers, from one or from a seed."""
    if hasattr(value, "permutation"):
        return value  # type: ignore[return-value]
    import numpy

    try:
        return numpy.random.default_rng(abs(as_index(value)))
    except TypeError:
        raise TypeError(
            f"generator: expected a numpy.random.Generator or a whole number, got {type(value).__name__}"
        ) from None
