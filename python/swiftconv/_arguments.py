"""Small readers of arguments that come in several spellings."""

from __future__ import annotations

from collections.abc import Sequence
from operator import index
from typing import Any


def sizes(arguments: tuple[Any, ...], name: str = "size") -> tuple[int, ...]:
    """Return a shape given as ``2, 3`` or as ``(2, 3)``."""
    if len(arguments) == 1:
        first = arguments[0]
        if isinstance(first, (tuple, list)):
            arguments = tuple(first)
    try:
        return tuple(map(index, arguments))
    except TypeError:
        raise TypeError(f"{name}: expected whole numbers, got {arguments!r}") from None


def creation_size(arguments: tuple[Any, ...], size: Any, name: str) -> tuple[int, ...]:
    """Return the shape of a new tensor, given by position or by the keyword ``size``."""
    if size is not None:
        if arguments:
            raise TypeError(f"{name}: the size is given twice")
        arguments = (size,)
    shape = sizes(arguments, name)
    for each in shape:
        if each < 0:
            raise ValueError(f"{name}: size {shape} has a negative entry")
    return shape


def axes(dim: Any, axis: Any, name: str) -> tuple[int, ...]:
    """Return the axes of a reduction, given as PyTorch's ``dim`` or as NumPy's ``axis``; none stand for all."""
    if dim is None:
        if axis is None:
            return ()
        dim = axis
    elif axis is not None:
        raise TypeError(f"{name}: dim and axis are the same argument; give one of them")
    given = tuple(dim) if isinstance(dim, (tuple, list)) else (dim,)
    # True would count as 1: it was meant for another parameter.
    if not any(isinstance(each, bool) for each in given):
        try:
            return tuple(map(index, given))
        except TypeError:
            pass
    raise TypeError(f"{name}: dim must be a whole number or a tuple of them, got {dim!r}")


def one_axis(dim: Any, axis: Any, name: str) -> int:
    """Return the single axis that an operation needs."""
    found = axes(dim, axis, name)
    if len(found) != 1:
        raise TypeError(f"{name}: dim must be one whole number, got {dim if axis is None else axis!r}")
    return found[0]


def normal_axis(dim: int, rank: int, name: str) -> int:
    """Return `dim` counted from the front."""
    if not -rank <= dim < rank:
        raise IndexError(
            f"{name}: dim {dim} is out of range for a tensor with {rank} dimensions; expected {-rank} to {rank - 1}"
        )
    return dim + rank if dim < 0 else dim


def repeated(value: int | Sequence[int], count: int, name: str) -> tuple[int, ...]:
    """Return one number per spatial axis, from one for all of them or from a sequence."""
    if isinstance(value, (tuple, list)):
        result = sizes((value,), name)
        if len(result) == 1:
            return result * count
        if len(result) != count:
            raise ValueError(f"{name}: expected one number or {count}, got {tuple(value)!r}")
        return result
    try:
        return (index(value),) * count
    except TypeError:
        raise TypeError(f"{name}: expected a whole number or {count} of them, got {value!r}") from None
