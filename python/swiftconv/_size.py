"""The type of ``Tensor.shape``."""

from __future__ import annotations

from typing import Any, SupportsIndex, overload


class Size(tuple[int, ...]):
    """A shape: a tuple of sizes that prints as PyTorch's does.

    Slices and sums of sizes stay sizes.

    Example
    -------
    >>> shape = sc.zeros(2, 3).shape
    >>> shape, shape[1:], (1,) + shape
    (swiftconv.Size([2, 3]), swiftconv.Size([3]), swiftconv.Size([1, 2, 3]))
    >>> shape.numel()
    6
    """

    __slots__ = ()

    def __repr__(self) -> str:
        # The class's module is "torch" while that dialect is loaded.
        return f"{Size.__module__.partition('.')[0]}.Size([{', '.join(map(repr, self))}])"

    __str__ = __repr__

    def numel(self) -> int:
        """Return the number of elements of a tensor of this shape.

        Example
        -------
        >>> sc.Size((2, 3)).numel()
        6
        """
        count = 1
        for size in self:
            count *= size
        return count

    @overload
    def __getitem__(self, index: SupportsIndex, /) -> int: ...
    @overload
    def __getitem__(self, index: slice, /) -> Size: ...
    def __getitem__(self, index: Any, /) -> Any:
        result = tuple.__getitem__(self, index)
        return Size(result) if isinstance(index, slice) else result

    def __add__(self, other: Any) -> Size:
        result = tuple.__add__(self, tuple(other) if isinstance(other, list) else other)
        return result if result is NotImplemented else Size(result)

    def __radd__(self, other: Any) -> Size:
        if not isinstance(other, (tuple, list)):
            return NotImplemented
        return Size((*other, *self))

    def __mul__(self, count: Any) -> Size:
        return Size(tuple.__mul__(self, count))

    __rmul__ = __mul__
