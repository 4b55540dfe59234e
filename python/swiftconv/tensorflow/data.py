"""``tf.data``: chains of datasets.

A dataset knows, for one iteration, how many elements there are and how to get the one at a place. What is mapped is
computed when it is asked for, so that shuffling mapped batches keeps none of them in memory.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy

from ..dialects import missing as _missing
from . import random as _random
from ._math import concat, gather, stack
from ._nest import flat, mapped
from ._shape import TensorSpec
from ._tensor import convert

__all__ = ["AUTOTUNE", "Dataset", "experimental"]

AUTOTUNE = -1


class _Plan:
    """One iteration: the number of elements, which may be infinite, and access to one or to several as a batch."""

    def __init__(
        self, count: float, at: Callable[[int], Any], many: Callable[[Any], Any] | None = None, batched: bool = False
    ) -> None:
        self.count, self.at, self.batched = count, at, batched
        self.many = many or (lambda places: mapped(lambda *parts: stack(parts), *[at(int(each)) for each in places]))


def _call(function: Callable[..., Any], element: Any) -> Any:
    result = function(*element) if isinstance(element, tuple) else function(element)
    return tuple(result) if isinstance(result, list) else result


class Dataset:
    """Elements, each a tensor or a structure of tensors.

    Example
    -------
    >>> import swiftconv.tensorflow as tf
    >>> numbers = tf.data.Dataset.from_tensor_slices([1, 2, 3]).map(lambda x: x * 2).batch(2)
    >>> [batch.numpy().tolist() for batch in numbers], len(numbers)
    ([[2, 4], [6]], 2)
    """

    def __init__(self, plan: Callable[[], _Plan], kind: str = "") -> None:
        self._plan = plan
        # What TensorFlow calls this kind of dataset.
        self._kind = f"{kind}Dataset"

    @staticmethod
    def from_tensor_slices(tensors: Any) -> Dataset:
        """Return the parts of tensors along their first axes."""
        held = mapped(convert, tuple(tensors) if isinstance(tensors, tuple) else _one(tensors))
        counts = list(dict.fromkeys(len(each) for each in flat(held)))
        if len(counts) != 1:
            raise ValueError(f"Dimensions {counts[0]} and {counts[1]} are not compatible")

        def many(places: Any) -> Any:
            first, last = int(places[0]), int(places[-1])
            if last - first + 1 == len(places) and (len(places) < 2 or (numpy.diff(places) == 1).all()):
                return mapped(lambda each: each[first : last + 1], held)
            return mapped(lambda each: gather(each, numpy.asarray(places, "int64")), held)

        count = len(flat(held)[0])
        return Dataset(lambda: _Plan(count, lambda place: mapped(lambda each: each[place], held), many), "_TensorSlice")

    @staticmethod
    def from_tensors(tensors: Any) -> Dataset:
        """Return a dataset of one element."""
        held = mapped(convert, tensors)
        return Dataset(lambda: _Plan(1, lambda place: held), "_Tensor")

    @staticmethod
    def from_generator(generator: Callable[..., Any], *_: Any, **__: Any) -> Dataset:
        """Return what a generator gives; every iteration runs it to its end first."""

        def plan() -> _Plan:
            elements = [mapped(convert, each) for each in generator()]
            return _Plan(len(elements), elements.__getitem__)

        return Dataset(plan, "_FlatMap")

    @staticmethod
    def range(*arguments: int, **_: Any) -> Dataset:
        """Return the numbers of Python's `range` as int64."""
        return Dataset(Dataset.from_tensor_slices(numpy.arange(*arguments, dtype="int64"))._plan, "_Range")

    @staticmethod
    def zip(datasets: Any, *more: Any) -> Dataset:
        """Return pairs, or longer tuples, of elements at the same place."""
        parts = (datasets, *more) if more or isinstance(datasets, Dataset) else tuple(datasets)

        def plan() -> _Plan:
            plans = [each._plan() for each in parts]
            return _Plan(min(each.count for each in plans), lambda place: tuple(each.at(place) for each in plans))

        return Dataset(plan, "_Zip")

    def map(self, map_func: Callable[..., Any], num_parallel_calls: Any = None, **_: Any) -> Dataset:
        """Return a function of every element; the parts of a tuple are its arguments."""

        def plan() -> _Plan:
            source = self._plan()
            return _Plan(source.count, lambda place: _call(map_func, source.at(place)), batched=source.batched)

        return Dataset(plan, "_Map" if num_parallel_calls is None else "_ParallelMap")

    def batch(self, batch_size: int, drop_remainder: bool = False, **_: Any) -> Dataset:
        """Return so many elements at a time, as one with another axis in front."""
        size = int(batch_size)
        if size <= 0:
            raise ValueError("batch_size must be greater than zero.")

        def plan() -> _Plan:
            source = self._plan()
            count = source.count if math.isinf(source.count) else -(-source.count // size)
            if drop_remainder and not math.isinf(source.count):
                count = source.count // size
            return _Plan(
                count,
                lambda place: source.many(numpy.arange(place * size, min((place + 1) * size, source.count))),
                batched=not drop_remainder,
            )

        return Dataset(plan, "_Batch")

    def unbatch(self) -> Dataset:
        """Return the elements of batches one by one."""

        def plan() -> _Plan:
            joined = mapped(lambda *parts: concat(parts, 0), *list(self))
            return Dataset.from_tensor_slices(joined)._plan()

        return Dataset(plan, "_Unbatch")

    def shuffle(self, buffer_size: int, seed: int | None = None, reshuffle_each_iteration: bool = True) -> Dataset:
        """Return the elements in random order: each is drawn from the next `buffer_size`."""
        size = int(buffer_size)
        if size <= 0:
            raise ValueError("buffer_size must be greater than zero.")
        fixed: list[Any] = []

        def plan() -> _Plan:
            source = self._plan()
            if math.isinf(source.count):
                raise ValueError("shuffle: shuffle before repeat(); a dataset without an end cannot be shuffled")
            if not fixed or reshuffle_each_iteration:
                fixed[:] = [_order(int(source.count), size, _random.generator_for(seed))]
            order = fixed[0]
            return _Plan(
                source.count,
                lambda place: source.at(int(order[place])),
                lambda p: source.many(order[p]),
                source.batched,
            )

        return Dataset(plan, "_Shuffle")

    def repeat(self, count: int | None = None) -> Dataset:
        """Return the elements again and again, without an end if no count is given."""

        def plan() -> _Plan:
            rounds = {0: self._plan()}
            each = rounds[0].count
            total = math.inf if count is None or count < 0 else each * count

            def at(place: int) -> Any:
                number, within = divmod(place, each)
                if number not in rounds:
                    rounds.clear()
                    rounds[number] = self._plan()
                return rounds[number].at(int(within))

            return _Plan(total if each else 0, at, batched=rounds[0].batched)

        return Dataset(plan, "_Repeat")

    def take(self, count: int) -> Dataset:
        """Return the first elements."""

        def plan() -> _Plan:
            source = self._plan()
            return _Plan(
                source.count if count < 0 else min(count, source.count), source.at, source.many, source.batched
            )

        return Dataset(plan, "_Take")

    def skip(self, count: int) -> Dataset:
        """Return all but the first elements."""

        def plan() -> _Plan:
            source = self._plan()
            return _Plan(
                max(source.count - count, 0),
                lambda place: source.at(place + count),
                lambda places: source.many(numpy.asarray(places) + count),
                source.batched,
            )

        return Dataset(plan, "_Skip")

    def enumerate(self, start: int = 0) -> Dataset:
        """Return pairs of a number and an element."""

        def plan() -> _Plan:
            source = self._plan()
            return _Plan(source.count, lambda place: (convert(numpy.int64(place + start)), source.at(place)))

        return Dataset(plan, "_Zip")

    def filter(self, predicate: Callable[..., Any]) -> Dataset:
        """Return the elements for which a function holds."""

        def plan() -> _Plan:
            kept = [each for each in self if bool(_call(predicate, each))]
            return _Plan(len(kept), kept.__getitem__)

        return Dataset(plan, "_Filter")

    def cache(self, filename: str = "") -> Dataset:
        """Return the same elements, kept in memory once they have been computed."""
        known: dict[int, Any] = {}

        def plan() -> _Plan:
            source = self._plan()

            def at(place: int) -> Any:
                if place not in known:
                    known[place] = source.at(place)
                return known[place]

            return _Plan(source.count, at, batched=source.batched)

        return Dataset(plan, "Cache")

    def prefetch(self, buffer_size: int = AUTOTUNE) -> Dataset:
        """Return the same elements; nothing is computed in advance."""
        return Dataset(self._plan, "_Prefetch")

    def as_numpy_iterator(self) -> Iterator[Any]:
        """Give the elements as NumPy arrays."""
        return (mapped(lambda each: each.numpy(), element) for element in self)

    def cardinality(self) -> Any:
        """Return the number of elements, -1 if there is no end."""
        count = self._plan().count
        return convert(numpy.int64(-1 if math.isinf(count) else count))

    @property
    def element_spec(self) -> Any:
        """Shapes and dtypes of the elements; the size of batches is unknown."""
        plan = self._plan()
        return mapped(
            lambda each: TensorSpec((None, *each.shape[1:]) if plan.batched else each.shape, each.dtype), plan.at(0)
        )

    def __repr__(self) -> str:
        return f"<{self._kind} element_spec={self.element_spec}>"

    def __iter__(self) -> Iterator[Any]:
        plan = self._plan()
        place = 0
        while place < plan.count:
            yield plan.at(place)
            place += 1

    def __len__(self) -> int:
        count = self._plan().count
        if math.isinf(count):
            raise TypeError("The dataset is infinite.")
        return int(count)

    def __bool__(self) -> bool:
        return True


def _one(tensors: Any) -> Any:
    """Return a list as one tensor, as TensorFlow does, and everything else as it is."""
    return convert(tensors) if isinstance(tensors, list) else tensors


def _order(count: int, size: int, generator: numpy.random.Generator) -> Any:
    """Return the places in the order in which a buffer of `size` gives them."""
    if size >= count:
        return generator.permutation(count)
    buffer = list(range(size))
    order = []
    for following in range(size, count + size):
        chosen = int(generator.integers(len(buffer)))
        order.append(buffer[chosen])
        if following < count:
            buffer[chosen] = following
        else:
            buffer[chosen] = buffer[-1]
            buffer.pop()
    return numpy.array(order)


Dataset.__qualname__ = Dataset.__name__ = "DatasetV2"
Dataset.__module__ = "tensorflow.python.data.ops.dataset_ops"


class experimental:
    """``tf.data.experimental``."""

    AUTOTUNE = AUTOTUNE

    @staticmethod
    def cardinality(dataset: Dataset) -> Any:
        """Return the number of elements, -1 if there is no end."""
        return dataset.cardinality()


__getattr__ = _missing("tensorflow", "tensorflow.data", globals())
