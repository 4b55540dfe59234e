"""Making one batch out of samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy

from .._dtype import float64
from ..conversion import as_tensor, tensor
from ..ops import stack
from ..tensor import Tensor


def default_collate(batch: Sequence[Any]) -> Any:
    """Put samples together into a batch.

    Tensors and arrays are stacked along a new first axis; numbers become a tensor, Python's floats one of float64;
    tuples and lists are put together entry by entry, dictionaries value by value; strings stay as they
    are, in a tuple when they are one of several entries.

    Parameters
    ----------
    batch : sequence
        The samples, all of the same structure.

    Raises
    ------
    TypeError
        When a sample is something else.
    ValueError
        When shapes or lengths differ.

    Example
    -------
    >>> sc.data.default_collate([(sc.tensor([1.0, 2.0]), 0), (sc.tensor([3.0, 4.0]), 1)])
    [tensor([[1., 2.],
            [3., 4.]]), tensor([0, 1])]
    """
    if not batch:
        raise ValueError("default_collate: expected at least one sample")
    first = batch[0]
    if isinstance(first, Tensor):
        return stack(list(batch))
    if isinstance(first, (numpy.ndarray, numpy.generic)):
        return stack([as_tensor(numpy.asarray(each)) for each in batch])
    if isinstance(first, float):
        return tensor(list(batch), dtype=float64)
    if isinstance(first, int):
        return tensor(list(batch))
    if isinstance(first, (str, bytes)):
        return batch
    if isinstance(first, Mapping):
        return {key: default_collate([each[key] for each in batch]) for key in first}
    if isinstance(first, Sequence):
        return _by_entry(first, batch)
    raise TypeError(
        "default_collate: a batch can be made of tensors, arrays, numbers, strings, dictionaries, tuples and lists, "
        f"got {type(first).__name__}; give the DataLoader a collate_fn, or turn images into tensors with ToTensor()"
    )


def _by_entry(first: Sequence[Any], batch: Sequence[Any]) -> Any:
    if any(len(each) != len(first) for each in batch):
        raise ValueError(
            f"default_collate: the samples have {sorted({len(each) for each in batch})} entries; "
            "all must have the same number"
        )
    entries = [default_collate(each) for each in zip(*batch, strict=True)]
    return type(first)(*entries) if hasattr(first, "_fields") else entries
