"""``tf.TensorShape``."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from . import _dtypes


class TensorShape:
    """A shape; sizes that are not known are None.

    Sums and slices of shapes are shapes.

    Example
    -------
    >>> import swiftconv.tensorflow as tf
    >>> shape = tf.TensorShape([2, 3, 4])
    >>> shape, shape[1:], (1,) + shape, shape[-1], len(shape)
    (TensorShape([2, 3, 4]), TensorShape([3, 4]), TensorShape([1, 2, 3, 4]), 4, 3)
    >>> print(shape)
    (2, 3, 4)
    """

    __slots__ = ("_dims",)

    def __init__(self, dims: Any) -> None:
        if dims is None:
            self._dims = None
        elif isinstance(dims, TensorShape):
            self._dims = dims._dims
        elif hasattr(dims, "__index__"):
            self._dims = (int(dims),)
        else:
            self._dims = tuple(None if each is None else int(each) for each in dims)

    @property
    def rank(self) -> int | None:
        """The number of axes."""
        return None if self._dims is None else len(self._dims)

    ndims = rank

    @property
    def dims(self) -> list[int | None] | None:
        """The sizes as a list."""
        return None if self._dims is None else list(self._dims)

    def _known(self) -> tuple[int | None, ...]:
        if self._dims is None:
            raise ValueError("Cannot take the length of shape with unknown rank.")
        return self._dims

    def as_list(self) -> list[int | None]:
        """Return the sizes as a list."""
        return list(self._known())

    def num_elements(self) -> int | None:
        """Return the number of elements; None if a size is not known."""
        return math.prod(self._dims) if self.is_fully_defined() else None

    def is_fully_defined(self) -> bool:
        """Return whether all sizes are known."""
        return self._dims is not None and None not in self._dims

    def concatenate(self, other: Any) -> TensorShape:
        """Return the sizes of both shapes, one after the other."""
        return TensorShape((*self._known(), *TensorShape(other)._known()))

    def is_compatible_with(self, other: Any) -> bool:
        """Return whether a tensor can have both shapes."""
        other = TensorShape(other)
        if self._dims is None or other._dims is None:
            return True
        return len(self) == len(other) and all(
            a == b or a is None or b is None for a, b in zip(self._dims, other._dims, strict=True)
        )

    def assert_is_compatible_with(self, other: Any) -> None:
        """Raise ValueError when no tensor can have both shapes."""
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {TensorShape(other)} are incompatible")

    def __len__(self) -> int:
        return len(self._known())

    def __iter__(self) -> Iterator[int | None]:
        return iter(self._known())

    def __getitem__(self, index: Any) -> Any:
        found = self._known()[index]
        return TensorShape(found) if isinstance(index, slice) else found

    def __add__(self, other: Any) -> TensorShape:
        return self.concatenate(other)

    def __radd__(self, other: Any) -> TensorShape:
        return TensorShape(other).concatenate(self)

    def __bool__(self) -> bool:
        return self._dims is not None

    def __eq__(self, other: Any) -> Any:
        try:
            return self._dims == TensorShape(other)._dims
        except TypeError:
            return NotImplemented

    def __hash__(self) -> int:
        return hash(self._dims)

    def __repr__(self) -> str:
        return f"TensorShape({None if self._dims is None else list(self._dims)})"

    def __str__(self) -> str:
        return "<unknown>" if self._dims is None else str(self._dims)

    def __reduce__(self) -> tuple[Any, ...]:
        return TensorShape, (self._dims,)


TensorShape.__module__ = "tensorflow.python.framework.tensor_shape"


class TensorSpec:
    """A shape and a dtype: what is known of tensors to come.

    Example
    -------
    >>> import swiftconv.tensorflow as tf
    >>> tf.TensorSpec((None, 2), tf.float32)
    TensorSpec(shape=(None, 2), dtype=tf.float32, name=None)
    """

    def __init__(self, shape: Any, dtype: Any = _dtypes.float32, name: str | None = None) -> None:
        self.shape, self.dtype, self.name = TensorShape(shape), _dtypes.as_dtype(dtype), name

    def __repr__(self) -> str:
        return f"TensorSpec(shape={self.shape}, dtype={self.dtype!r}, name={self.name!r})"

    def __eq__(self, other: Any) -> bool:
        mine = (self.shape, self.dtype, self.name)
        return isinstance(other, TensorSpec) and mine == (other.shape, other.dtype, other.name)

    def __hash__(self) -> int:
        return hash((self.shape, self.dtype, self.name))
