"""Putting tensors together, and taking them apart."""

from __future__ import annotations

from collections.abc import Sequence
from operator import index
from typing import TYPE_CHECKING

from .._arguments import normal_axis, one_axis
from .._core import apply, operators

if TYPE_CHECKING:
    from ..tensor import Tensor

__all__ = ["cat", "chunk", "concat", "concatenate", "hstack", "split", "stack", "unbind", "vstack"]

_CAT = operators["cat"]
_STACK = operators["stack"]


def cat(tensors: Sequence[Tensor], dim: int = 0, *, axis: int | None = None) -> Tensor:
    """Join tensors along an axis that they have.

    Parameters
    ----------
    tensors : sequence of Tensor
        Equal shapes, but for `dim`.
    dim : int
        The axis; counted from the end when negative.

    Raises
    ------
    ValueError
        When there is no tensor, or when the shapes differ elsewhere.

    Example
    -------
    >>> sc.cat((sc.zeros(1, 2), sc.ones(2, 2)))
    tensor([[0., 0.],
            [1., 1.],
            [1., 1.]])
    """
    return apply(_CAT, tensors, one_axis(dim if axis is None else None, axis, "cat"))


def stack(tensors: Sequence[Tensor], dim: int = 0, *, axis: int | None = None) -> Tensor:
    """Put tensors of one shape side by side along a new axis.

    Parameters
    ----------
    tensors : sequence of Tensor
        Equal shapes.
    dim : int
        Where the new axis is in the result.

    Raises
    ------
    ValueError
        When there is no tensor, or when the shapes differ.

    Example
    -------
    >>> sc.stack((sc.zeros(2), sc.ones(2)), dim=1)
    tensor([[0., 1.],
            [0., 1.]])
    """
    return apply(_STACK, tensors, one_axis(dim if axis is None else None, axis, "stack"))


def hstack(tensors: Sequence[Tensor]) -> Tensor:
    """Join tensors along the second axis; vectors along their only one.

    Example
    -------
    >>> sc.hstack((sc.zeros(2), sc.ones(1)))
    tensor([0., 0., 1.])
    """
    parts = [part.reshape(1) if part.ndim == 0 else part for part in tensors]
    return apply(_CAT, parts, 0 if not parts or parts[0].ndim == 1 else 1)


def vstack(tensors: Sequence[Tensor]) -> Tensor:
    """Join tensors along the first axis; vectors become rows.

    Example
    -------
    >>> sc.vstack((sc.zeros(2), sc.ones(2)))
    tensor([[0., 0.],
            [1., 1.]])
    """
    return apply(_CAT, [part.reshape(1, -1) if part.ndim < 2 else part for part in tensors], 0)


def _part(input: Tensor, dim: int, which: int | slice) -> Tensor:
    return input[(slice(None),) * dim + (which,)]


def unbind(input: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """Return views of all entries along an axis, without that axis.

    Example
    -------
    >>> sc.unbind(sc.tensor([[1, 2], [3, 4]]))
    (tensor([1, 2]), tensor([3, 4]))
    """
    if input.ndim == 0:
        raise IndexError("unbind: a tensor without axes has no entries")
    dim = normal_axis(dim, input.ndim, "unbind")
    return tuple(_part(input, dim, place) for place in range(input.shape[dim]))


def split(tensor: Tensor, split_size_or_sections: int | Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
    """Return views of consecutive parts along an axis.

    Parameters
    ----------
    tensor : Tensor
        At least one axis.
    split_size_or_sections : int or sequence of int
        The size of every part but perhaps the last, or the sizes of all parts.
    dim : int
        The axis.

    Raises
    ------
    ValueError
        When the sizes are not positive or do not add up to the size of the axis.

    Example
    -------
    >>> sc.split(sc.arange(5), 2)
    (tensor([0, 1]), tensor([2, 3]), tensor([4]))
    """
    dim = normal_axis(dim, tensor.ndim, "split")
    size = tensor.shape[dim]
    if not isinstance(split_size_or_sections, (tuple, list)):
        step = index(split_size_or_sections)
        if step < 1:
            raise ValueError(f"split: the size of a part must be positive, got {step}")
        return tuple(_part(tensor, dim, slice(start, start + step)) for start in range(0, max(size, 1), step))
    sections = list(split_size_or_sections)
    if sum(sections) != size or min(sections, default=0) < 0:
        raise ValueError(f"split: the sizes {sections} must add up to the size {size} of axis {dim}")
    parts, start = [], 0
    for section in sections:
        parts.append(_part(tensor, dim, slice(start, start + section)))
        start += section
    return tuple(parts)


def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """Return views of at most `chunks` parts of nearly equal size along an axis.

    Example
    -------
    >>> sc.chunk(sc.arange(5), 2)
    (tensor([0, 1, 2]), tensor([3, 4]))
    """
    if chunks < 1:
        raise ValueError(f"chunk: the number of parts must be positive, got {chunks}")
    size = input.shape[normal_axis(dim, input.ndim, "chunk")]
    return split(input, max(1, -(-size // chunks)), dim)


concat = cat
concatenate = cat
