"""``tensorflow_datasets``: batches of TensorFlow's datasets as NumPy arrays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy

from ..dialects.switch import missing as _missing
from .tree_util import tree_map

__all__ = ["as_numpy"]


class _Numpy:
    """A dataset whose elements are NumPy arrays."""

    def __init__(self, dataset: Any) -> None:
        self.dataset = dataset

    def __len__(self) -> int:
        return len(self.dataset)

    def __iter__(self) -> Iterator[Any]:
        return (tree_map(numpy.asarray, each) for each in self.dataset)


def as_numpy(dataset: Any) -> Any:
    """Return a dataset, or a tree of tensors, with NumPy arrays.

    Example
    -------
    >>> from swiftconv.jax.tensorflow_datasets import as_numpy
    >>> as_numpy((1, 2))
    (array(1), array(2))
    """
    is_tree = isinstance(dataset, (tuple, list, dict)) or not hasattr(dataset, "__iter__") or hasattr(dataset, "shape")
    return tree_map(numpy.asarray, dataset) if is_tree else _Numpy(dataset)


__getattr__ = _missing("jax", "tensorflow_datasets", globals())
