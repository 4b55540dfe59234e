"""Datasets: samples by their number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any


class Dataset:
    """The base of datasets: a subclass has ``__getitem__`` and ``__len__``.

    Example
    -------
    >>> from swiftconv.mxnet.gluon import data
    >>> doubled = data.SimpleDataset([1, 2, 3]).transform(lambda x: 2 * x)
    >>> doubled[2], len(doubled)
    (6, 3)
    """

    def __getitem__(self, idx: int) -> Any:
        # Abstract, as the length is: only a subclass knows its samples.
        raise NotImplementedError

    def __len__(self) -> int:
        # Abstract: see above.
        raise NotImplementedError

    def take(self, count: int | None) -> Dataset:
        """Return the first samples."""
        return _Picked(self, range(len(self) if count is None else min(count, len(self))))

    def filter(self, fn: Callable[[Any], bool]) -> Dataset:
        """Return the samples for which a function is true."""
        return _Picked(self, [i for i in range(len(self)) if fn(self[i])])

    def transform(self, fn: Callable[..., Any], lazy: bool = True) -> Dataset:
        """Return the samples changed by a function; when they are asked for, if `lazy`."""
        changed = _Changed(self, fn)
        return changed if lazy else SimpleDataset([changed[i] for i in range(len(changed))])

    def transform_first(self, fn: Callable[[Any], Any], lazy: bool = True) -> Dataset:
        """Return the samples with the first entry of each changed by a function."""
        changed = ChangedFirst(self, fn)
        return changed if lazy else SimpleDataset([changed[i] for i in range(len(changed))])


class SimpleDataset(Dataset):
    """A list as a dataset."""

    def __init__(self, data: Sequence[Any]) -> None:
        self._data = data

    def __getitem__(self, idx: int) -> Any:
        return self._data[idx]

    def __len__(self) -> int:
        return len(self._data)


class ArrayDataset(Dataset):
    """Arrays of equal length; a sample is a tuple with an entry of each."""

    def __init__(self, *args: Any) -> None:
        if not args or any(len(each) != len(args[0]) for each in args):
            raise ValueError(f"ArrayDataset: expected arrays of equal length, got {[len(each) for each in args]}")
        self._data = args

    def __getitem__(self, idx: int) -> Any:
        return self._data[0][idx] if len(self._data) == 1 else tuple(each[idx] for each in self._data)

    def __len__(self) -> int:
        return len(self._data[0])


class _Picked(Dataset):
    def __init__(self, dataset: Dataset, places: Sequence[int]) -> None:
        self._dataset, self._places = dataset, places

    def __getitem__(self, idx: int) -> Any:
        return self._dataset[self._places[idx]]

    def __len__(self) -> int:
        return len(self._places)


class _Changed(Dataset):
    def __init__(self, dataset: Dataset, fn: Callable[..., Any]) -> None:
        self._dataset, self._fn = dataset, fn

    def __getitem__(self, idx: int) -> Any:
        sample = self._dataset[idx]
        return self._fn(*sample) if isinstance(sample, tuple) else self._fn(sample)

    def __len__(self) -> int:
        return len(self._dataset)


class ChangedFirst(Dataset):
    """Samples whose first entry a function changes."""

    def __init__(self, dataset: Dataset, fn: Callable[[Any], Any]) -> None:
        self._dataset, self._fn = dataset, fn

    def __getitem__(self, idx: int) -> Any:
        sample = self._dataset[idx]
        return (self._fn(sample[0]), *sample[1:]) if isinstance(sample, tuple) else self._fn(sample)

    def __len__(self) -> int:
        return len(self._dataset)

    def batch(self, places: Sequence[int]) -> Any:
        """Return a whole batch at once, if the dataset and the function can; otherwise None."""
        fetch, change = getattr(self._dataset, "fetch", None), getattr(self._fn, "change_batch", None)
        if fetch is None or change is None:
            return None
        images, *others = fetch(places)
        return [change(images), *others]
