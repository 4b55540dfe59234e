"""Other shapes and orders of the same elements. Results are views that share the tensor's memory wherever possible."""

from __future__ import annotations

from collections.abc import Sequence
from operator import index
from typing import TYPE_CHECKING

from .._arguments import normal_axis, sizes
from .._core import apply, operators

if TYPE_CHECKING:
    from ..tensor import Tensor

__all__ = [
    "broadcast_tensors",
    "broadcast_to",
    "clone",
    "diagonal",
    "flatten",
    "flip",
    "meshgrid",
    "movedim",
    "narrow",
    "numel",
    "permute",
    "ravel",
    "reshape",
    "roll",
    "select",
    "squeeze",
    "swapaxes",
    "t",
    "tile",
    "transpose",
    "unsqueeze",
]

_CLONE = operators["clone"]
_RESHAPE = operators["reshape"]
_PERMUTE = operators["permute"]
_EXPAND = operators["expand"]
_FLIP = operators["flip"]
_DIAGONAL = operators["diagonal"]
_ROLL = operators["roll"]


def clone(input: Tensor) -> Tensor:
    """Return a copy on memory of its own, through which gradients flow.

    Example
    -------
    >>> x = sc.ones(2)
    >>> y = x.clone()
    >>> y[0] = 5
    >>> x
    tensor([1., 1.])
    """
    return apply(_CLONE, input)


def numel(input: Tensor) -> int:
    """Return the number of elements.

    Example
    -------
    >>> sc.numel(sc.zeros(2, 3))
    6
    """
    return input.numel()


def reshape(input: Tensor, shape: Sequence[int]) -> Tensor:
    """Return the elements in another shape; a view if the memory's layout allows, a copy otherwise.

    Parameters
    ----------
    input : Tensor
        Any shape.
    shape : sequence of int
        One entry may be -1: it follows from the others.

    Raises
    ------
    ValueError
        When the number of elements differs.

    Example
    -------
    >>> sc.reshape(sc.arange(6), (2, -1))
    tensor([[0, 1, 2],
            [3, 4, 5]])
    """
    return apply(_RESHAPE, input, sizes((shape,), "reshape"))


def ravel(input: Tensor) -> Tensor:
    """Return the elements with a single axis.

    Example
    -------
    >>> sc.ravel(sc.ones(2, 2))
    tensor([1., 1., 1., 1.])
    """
    return apply(_RESHAPE, input, (-1,) if input.numel() else (0,))


def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """Return the elements with the axes from `start_dim` to `end_dim` joined into one.

    Example
    -------
    >>> sc.flatten(sc.zeros(2, 3, 4), 1).shape
    swiftconv.Size([2, 12])
    """
    shape = tuple(input.shape)
    if not shape:
        return apply(_RESHAPE, input, (1,))
    first = normal_axis(start_dim, len(shape), "flatten")
    last = normal_axis(end_dim, len(shape), "flatten")
    if first > last:
        raise ValueError(f"flatten: start_dim {start_dim} comes after end_dim {end_dim}")
    joined = 1
    for size in shape[first : last + 1]:
        joined *= size
    return apply(_RESHAPE, input, (*shape[:first], joined, *shape[last + 1 :]))


def permute(input: Tensor, dims: Sequence[int]) -> Tensor:
    """Return a view with the axes in another order.

    Example
    -------
    >>> sc.permute(sc.zeros(2, 3, 4), (2, 0, 1)).shape
    swiftconv.Size([4, 2, 3])
    """
    return apply(_PERMUTE, input, sizes((dims,), "permute"))


def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """Return a view with two axes exchanged.

    Example
    -------
    >>> sc.transpose(sc.tensor([[1, 2], [3, 4]]), 0, 1)
    tensor([[1, 3],
            [2, 4]])
    """
    rank = input.ndim
    if rank == 0:
        return input
    order = list(range(rank))
    first, second = normal_axis(index(dim0), rank, "transpose"), normal_axis(index(dim1), rank, "transpose")
    order[first], order[second] = order[second], order[first]
    return apply(_PERMUTE, input, tuple(order))


def t(input: Tensor) -> Tensor:
    """Return a view of a matrix with rows and columns exchanged; vectors stay as they are.

    Raises
    ------
    ValueError
        When there are more than two axes.

    Example
    -------
    >>> sc.t(sc.tensor([[1, 2], [3, 4]]))
    tensor([[1, 3],
            [2, 4]])
    """
    rank = input.ndim
    if rank > 2:
        raise ValueError(f"t: expected at most 2 axes, got shape {tuple(input.shape)}; use permute or transpose")
    return apply(_PERMUTE, input, (1, 0)) if rank == 2 else input


def movedim(input: Tensor, source: int | Sequence[int], destination: int | Sequence[int]) -> Tensor:
    """Return a view with some axes moved to other places; the others keep their order.

    Example
    -------
    >>> sc.movedim(sc.zeros(2, 3, 4), 0, -1).shape
    swiftconv.Size([3, 4, 2])
    """
    rank = input.ndim
    moved = [normal_axis(axis, rank, "movedim") for axis in sizes((source,), "movedim")]
    places = [normal_axis(axis, rank, "movedim") for axis in sizes((destination,), "movedim")]
    if len(moved) != len(places) or len(set(moved)) != len(moved) or len(set(places)) != len(places):
        raise ValueError(f"movedim: {source} and {destination} must name as many axes, each one once")
    rest = iter([axis for axis in range(rank) if axis not in moved])
    arranged = dict(zip(places, moved, strict=True))
    return apply(_PERMUTE, input, tuple(arranged[place] if place in arranged else next(rest) for place in range(rank)))


def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """Return a view with a new axis of size 1 at `dim`.

    Example
    -------
    >>> sc.unsqueeze(sc.tensor([1, 2]), 1)
    tensor([[1],
            [2]])
    """
    place = normal_axis(index(dim), input.ndim + 1, "unsqueeze")
    return input[(slice(None),) * place + (None,)]


def squeeze(input: Tensor, dim: int | Sequence[int] | None = None) -> Tensor:
    """Return a view without axes of size 1: all of them, or those of `dim` that have size 1.

    Example
    -------
    >>> sc.squeeze(sc.zeros(1, 2, 1)).shape
    swiftconv.Size([2])
    """
    shape = input.shape
    if dim is None:
        wanted = set(range(len(shape)))
    elif not shape:
        return input
    else:
        wanted = {normal_axis(axis, len(shape), "squeeze") for axis in sizes((dim,), "squeeze")}
    entries = [0 if axis in wanted and size == 1 else slice(None) for axis, size in enumerate(shape)]
    return input[tuple(entries)]


def broadcast_to(input: Tensor, size: Sequence[int]) -> Tensor:
    """Return a view that repeats axes of size 1, and new leading axes, without a copy.

    Raises
    ------
    ValueError
        When the shapes do not fit.

    Example
    -------
    >>> sc.broadcast_to(sc.tensor([1, 2]), (2, 2))
    tensor([[1, 2],
            [1, 2]])
    """
    return apply(_EXPAND, input, sizes((size,), "broadcast_to"))


def broadcast_tensors(*tensors: Tensor) -> tuple[Tensor, ...]:
    """Return views of all tensors in their common shape.

    Example
    -------
    >>> a, b = sc.broadcast_tensors(sc.zeros(2, 1), sc.zeros(3))
    >>> a.shape, b.shape
    (swiftconv.Size([2, 3]), swiftconv.Size([2, 3]))
    """
    rank = max((tensor.ndim for tensor in tensors), default=0)
    shape = [1] * rank
    for tensor in tensors:
        for axis, size in enumerate(tensor.shape, rank - tensor.ndim):
            if size != 1:
                if shape[axis] not in (1, size):
                    shapes = ", ".join(str(tuple(each.shape)) for each in tensors)
                    raise ValueError(f"broadcast_tensors: shapes {shapes} do not broadcast")
                shape[axis] = size
    return tuple(apply(_EXPAND, tensor, tuple(shape)) for tensor in tensors)


def meshgrid(*tensors: Tensor, indexing: str = "ij") -> tuple[Tensor, ...]:
    """Return the coordinates of a grid spanned by vectors.

    Parameters
    ----------
    *tensors : Tensor
        Vectors, ``(n_1,)`` to ``(n_k,)``.
    indexing : {"ij", "xy"}
        "xy" exchanges the first two axes of the results.

    Example
    -------
    >>> rows, columns = sc.meshgrid(sc.arange(2), sc.arange(3))
    >>> rows
    tensor([[0, 0, 0],
            [1, 1, 1]])
    """
    if len(tensors) == 1 and isinstance(tensors[0], (tuple, list)):
        tensors = tuple(tensors[0])
    if indexing not in ("ij", "xy"):
        raise ValueError(f"meshgrid: indexing must be 'ij' or 'xy', got {indexing!r}")
    for tensor in tensors:
        if tensor.ndim > 1:
            raise ValueError(f"meshgrid: expected vectors, got a tensor of shape {tuple(tensor.shape)}")
    shape = tuple(tensor.numel() for tensor in tensors)
    grids = tuple(
        apply(_EXPAND, apply(_RESHAPE, tensor, (shape[place],) + (1,) * (len(shape) - 1 - place)), shape)
        for place, tensor in enumerate(tensors)
    )
    is_swapped = indexing == "xy" and len(grids) > 1
    return tuple(transpose(grid, 0, 1) for grid in grids) if is_swapped else grids


def tile(input: Tensor, dims: Sequence[int]) -> Tensor:
    """Return copies of the tensor side by side, `dims` many along each axis.

    Example
    -------
    >>> sc.tile(sc.tensor([1, 2]), (2, 2))
    tensor([[1, 2, 1, 2],
            [1, 2, 1, 2]])
    """
    counts = sizes((dims,), "tile")
    if min(counts, default=0) < 0:
        raise ValueError(f"tile: the numbers of copies must not be negative, got {counts}")
    counts = (1,) * (input.ndim - len(counts)) + counts
    shape = (1,) * (len(counts) - input.ndim) + tuple(input.shape)
    between = [each for size in shape for each in (1, size)]
    repeated = [each for pair in zip(counts, shape, strict=True) for each in pair]
    spread = apply(_EXPAND, apply(_RESHAPE, input, tuple(between)), tuple(repeated))
    return apply(_CLONE, spread).reshape(tuple(count * size for count, size in zip(counts, shape, strict=True)))


def flip(input: Tensor, dims: Sequence[int]) -> Tensor:
    """Return the elements in reverse order along some axes.

    Example
    -------
    >>> sc.flip(sc.arange(3), (0,))
    tensor([2, 1, 0])
    """
    return apply(_FLIP, input, sizes((dims,), "flip"))


def roll(input: Tensor, shifts: int | Sequence[int], dims: int | Sequence[int] | None = None) -> Tensor:
    """Return the elements moved along axes; what leaves at one end enters at the other.

    Parameters
    ----------
    shifts : int or sequence of int
        How far along each axis.
    dims : int or sequence of int, optional
        The axes; without them, the tensor is treated as if it had one.

    Example
    -------
    >>> sc.roll(sc.arange(4), 1)
    tensor([3, 0, 1, 2])
    """
    distances = sizes((shifts,), "roll")
    if dims is None:
        return apply(_ROLL, ravel(input), distances, (0,)).reshape(tuple(input.shape))
    return apply(_ROLL, input, distances, sizes((dims,), "roll"))


def diagonal(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """Return a view of the elements whose indices on two axes differ by `offset`, as the last axis.

    Example
    -------
    >>> sc.diagonal(sc.tensor([[1, 2], [3, 4]]))
    tensor([1, 4])
    """
    return apply(_DIAGONAL, input, offset, dim1, dim2)


def select(input: Tensor, dim: int, index: int) -> Tensor:
    """Return a view of one entry along an axis, without that axis.

    Example
    -------
    >>> sc.select(sc.tensor([[1, 2], [3, 4]]), 1, 0)
    tensor([1, 3])
    """
    return input[(slice(None),) * normal_axis(dim, input.ndim, "select") + (index,)]


def narrow(input: Tensor, dim: int, start: int, length: int) -> Tensor:
    """Return a view of `length` entries along an axis.

    Example
    -------
    >>> sc.narrow(sc.arange(5), 0, 1, 3)
    tensor([1, 2, 3])
    """
    place = normal_axis(dim, input.ndim, "narrow")
    size = input.shape[place]
    first = start + size if start < 0 else start
    if length < 0 or not 0 <= first <= size - length:
        raise ValueError(f"narrow: {length} entries from {start} do not lie within axis {dim} of size {size}")
    return input[(slice(None),) * place + (slice(first, first + length),)]


swapaxes = transpose
