"""Elements in order. NumPy finds the order; the elements are gathered, so that gradients go back to their places."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy

from .._arguments import normal_axis
from .._core import from_buffer
from .indexing import gather
from .reduction import Extremes

if TYPE_CHECKING:
    from ..tensor import Tensor

__all__ = ["argsort", "sort", "topk"]


class _Sort(Extremes):
    __slots__ = ()


class _Topk(Extremes):
    __slots__ = ()


# The names that PyTorch gives these in print.
_Sort.__name__, _Topk.__name__ = "sort", "topk"
_Sort.__module__ = _Topk.__module__ = "swiftconv.return_types"


def _order(values: numpy.ndarray, axis: int, descending: bool) -> numpy.ndarray:
    """The positions in order; equal elements keep theirs, and what is not a number counts as the largest."""
    if not descending:
        return values.argsort(axis, kind="stable")
    # In reverse twice, so that equal elements keep their order.
    last = values.shape[axis] - 1
    return last - numpy.flip(numpy.flip(values, axis).argsort(axis, kind="stable"), axis)


def _sorted_positions(input: Tensor, dim: int, descending: bool, name: str, count: int | None = None) -> Tensor:
    if input.ndim == 0:
        normal_axis(dim, 1, name)
        axis, values = 0, input.detach().reshape(1).numpy()
    else:
        axis, values = normal_axis(dim, input.ndim, name), input.detach().numpy()
    if count is not None and not 0 <= count <= values.shape[axis]:
        raise ValueError(
            f"{name}: k is {count}, but axis {dim} of shape {tuple(input.shape)} has {values.shape[axis]} elements"
        )
    order = _order(values, axis, descending)
    if count is not None:
        order = order.take(range(count), axis)
    if input.ndim == 0 and order.size == 1:
        order = order.reshape(())
    return from_buffer(numpy.ascontiguousarray(order, numpy.int64).reshape(order.shape))


def argsort(input: Tensor, dim: int = -1, descending: bool = False, stable: bool = False) -> Tensor:
    """Return the positions along an axis in the order of their elements.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype. NaN counts as larger than all numbers.
    dim : int
        The axis.
    descending : bool
        From the largest to the smallest.
    stable : bool
        Equal elements keep their order in any case.

    Returns
    -------
    Tensor
        The shape of `input`, int64.

    Raises
    ------
    IndexError
        When there is no such axis.

    Example
    -------
    >>> sc.argsort(sc.tensor([3, 1, 2]))
    tensor([1, 2, 0])
    """
    return _sorted_positions(input, dim, descending, "argsort")


def sort(input: Tensor, dim: int = -1, descending: bool = False, stable: bool = False) -> _Sort:
    """Return the elements in order along an axis, and where they were.

    Parameters
    ----------
    input, dim, descending, stable
        As for `argsort`.

    Returns
    -------
    (values, indices)
        The shape of `input`; `values` has its dtype and its gradient, `indices` is int64.

    Raises
    ------
    IndexError
        When there is no such axis.

    Example
    -------
    >>> values, indices = sc.sort(sc.tensor([3.0, 1.0, 2.0]), descending=True)
    >>> values, indices
    (tensor([3., 2., 1.]), tensor([0, 2, 1]))
    """
    indices = _sorted_positions(input, dim, descending, "sort")
    return _Sort(gather(input, dim, indices), indices)


def topk(input: Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> _Topk:
    """Return the `k` largest elements along an axis, and where they are.

    Parameters
    ----------
    input : Tensor
        Any shape and dtype. NaN counts as larger than all numbers.
    k : int
        How many.
    dim : int
        The axis.
    largest : bool
        False for the smallest ones.
    sorted : bool
        They come in order in any case.

    Returns
    -------
    (values, indices)
        The shape of `input` with `k` elements along the axis. Of equal elements, the first ones are taken.

    Raises
    ------
    IndexError
        When there is no such axis.
    ValueError
        When the axis has fewer than `k` elements.

    Example
    -------
    >>> scores = sc.tensor([[0.1, 0.7, 0.2], [0.5, 0.2, 0.3]])
    >>> values, classes = sc.topk(scores, 2)
    >>> classes
    tensor([[1, 2],
            [0, 2]])
    """
    indices = _sorted_positions(input, dim, largest, "topk", k)
    return _Topk(gather(input, dim, indices), indices)
