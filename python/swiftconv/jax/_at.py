"""Changed copies of arrays, which are immutable: ``x.at[index].set(value)``."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy

import swiftconv as sc

from .._core import TensorBase
from . import _errors
from ._array import _NUMBERS, Array, as_array, binary, native_index

__all__ = ["At"]


class At:
    """What ``x.at`` gives; with an index, the place to change."""

    __slots__ = ("_array", "_index", "_is_outside", "_turned")

    def __init__(self, source: Array, index: Any = ...) -> None:
        self._array = source
        self._index, self._turned = native_index(index, source.shape)
        self._is_outside = _is_outside(index, source.shape)

    def __getitem__(self, index: Any) -> At:
        return At(self._array, index)

    def _source(self) -> Any:
        """The tensor with its axes in the order that the index is for."""
        tensor = self._array._tensor
        return tensor.flip(self._turned) if self._turned else tensor

    def _with(self, write: Callable[[Any], None]) -> Array:
        """A copy of the array into which a function has written."""
        source = self._array
        if self._is_outside:
            return source
        result = self._source().clone()
        write(result)
        return Array(result.flip(self._turned) if self._turned else result, source.dtype, source.weak_type)

    def _changed(self, values: Any) -> Array:
        def write(result: Any) -> None:
            try:
                result[self._index] = values._tensor.to(result.dtype) if isinstance(values, Array) else values
            except ValueError:
                place = tuple(result[self._index].shape)
                raise _errors.of_target(as_array(values).shape, place) from None

        return self._with(write)

    def _combined(self, operation: Callable[[Any, Any], Any], values: Any) -> Array:
        if _repeats(self._index):
            # One write can add up what meets in a place (`index_put_`), but not multiply or compare it; the last value
            # alone would be a wrong result.
            raise NotImplementedError(
                "at: a place is named twice, for which swiftconv's jax dialect has only set and add"
            )
        return self._changed(operation(self.get(), as_array(values)))

    def get(self) -> Array:
        """Return the values in this place."""
        return Array(self._source()[self._index], self._array.dtype)

    def set(self, values: Any, **hints: Any) -> Array:
        """Return a copy with `values` in this place."""
        return self._changed(as_array(values) if not isinstance(values, _NUMBERS) else values)

    def add(self, values: Any, **hints: Any) -> Array:
        """Return a copy with `values` added in this place; a place that is named twice gets both."""
        added = as_array(values)._tensor.to(self._array._tensor.dtype)
        return self._with(lambda result: result.index_put_(self._index, added, accumulate=True))

    def subtract(self, values: Any, **hints: Any) -> Array:
        """Return a copy with `values` subtracted in this place."""
        return self.add(-as_array(values))

    def multiply(self, values: Any, **hints: Any) -> Array:
        """Return a copy with this place multiplied by `values`."""
        return self._combined(operator.mul, values)

    mul = multiply

    def divide(self, values: Any, **hints: Any) -> Array:
        """Return a copy with this place divided by `values`."""
        return self._combined(operator.truediv, values)

    div = divide

    def power(self, values: Any, **hints: Any) -> Array:
        """Return a copy with this place to the power of `values`."""
        return self._combined(operator.pow, values)

    def min(self, values: Any, **hints: Any) -> Array:
        """Return a copy with the smaller of this place and `values`."""
        return self._combined(lambda a, b: binary(sc.minimum, a, b), values)

    def max(self, values: Any, **hints: Any) -> Array:
        """Return a copy with the larger of this place and `values`."""
        return self._combined(lambda a, b: binary(sc.maximum, a, b), values)

    def apply(self, function: Callable[[Array], Array], **hints: Any) -> Array:
        """Return a copy with a function's values in this place."""
        return self._changed(function(self.get()))


def _is_outside(index: Any, shape: tuple[int, ...]) -> bool:
    """Whether a single place does not exist. Reading gives the last one instead, and writing does nothing."""
    entries = index if isinstance(index, tuple) else (index,)
    places = [
        (each, size) for each, size in zip(entries, shape, strict=False) if isinstance(each, (int, numpy.integer))
    ]
    is_plain = all(isinstance(each, (int, numpy.integer, slice)) for each in entries)
    return is_plain and any(not isinstance(each, bool) and not -size <= each < size for each, size in places)


def _repeats(index: tuple[Any, ...]) -> bool:
    """Whether integer arrays in an index name a place twice."""
    arrays = [each for each in index if isinstance(each, TensorBase)]
    if not arrays or any(each.dtype is sc.bool for each in arrays):
        return False
    together = numpy.stack([each.reshape(-1) for each in numpy.broadcast_arrays(*(each.numpy() for each in arrays))])
    return numpy.unique(together, axis=1).shape[1] < together.shape[1]
