"""Elements by masks and by lists of positions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy

from .. import _dtype
from .._arguments import normal_axis
from .._core import TensorBase, apply, apply_in_place, from_buffer, operators

if TYPE_CHECKING:
    from ..tensor import Tensor

__all__ = ["gather", "index_select", "masked_fill", "masked_select", "nonzero", "take_along_dim", "tril", "triu"]

_GATHER = operators["gather_index"]
_GATHER_ALONG = operators["gather"]
_PUT = operators["put_index"]
_NONZERO = operators["nonzero"]
_WHERE = operators["where"]

_WHOLE = slice(None)


def _as_index(entry: Any) -> Tensor:
    """A mask or positions as a bool or integer tensor."""
    if not isinstance(entry, TensorBase):
        try:
            array = numpy.asarray(entry)
        except ValueError:
            raise IndexError(f"index: {entry!r} has rows of different lengths") from None
        if array.size == 0 and array.dtype.kind == "f":
            array = array.astype(numpy.int64)
        if array.dtype.kind not in "biu":
            raise IndexError(f"index: positions must be whole numbers and masks bool, got dtype {array.dtype}")
        if array.dtype.kind != "b" and array.dtype != numpy.int64:
            array = array.astype(numpy.int64)
        return from_buffer(numpy.require(array, requirements="A"))
    if entry.dtype.is_floating_point:
        raise IndexError(f"index: a tensor used as an index must be an integer or bool tensor, got {entry.dtype}")
    return entry


def _is_scalar_bool(entry: Any) -> bool:
    if isinstance(entry, (bool, numpy.bool_)):
        return True
    return isinstance(entry, TensorBase) and entry.ndim == 0 and entry.dtype is _dtype.bool


def _consumed(entry: Any) -> int:
    """How many axes of the tensor an entry is about."""
    if entry is None or entry is Ellipsis or _is_scalar_bool(entry):
        return 0
    return entry.ndim if isinstance(entry, TensorBase) and entry.dtype is _dtype.bool else 1


def _prepared(index: Any) -> list[Any]:
    """The entries, with lists and arrays as tensors and single positions as integers."""
    entries = []
    for entry in index if isinstance(index, tuple) else (index,):
        if entry is None or entry is Ellipsis or isinstance(entry, (slice, int)) or _is_scalar_bool(entry):
            entries.append(entry)
            continue
        entry = _as_index(entry)
        entries.append(entry.item() if entry.ndim == 0 else entry)
    return entries


def _without_ellipsis(entries: list[Any], rank: int) -> list[Any]:
    places = [place for place, entry in enumerate(entries) if entry is Ellipsis]
    if not places:
        return entries
    if len(places) > 1:
        raise IndexError("index: at most one ... can be used")
    missing = rank - sum(map(_consumed, entries))
    return entries[: places[0]] + [_WHOLE] * max(missing, 0) + entries[places[0] + 1 :]


def _mask_positions(mask: Tensor, shape: tuple[int, ...], axis: int) -> list[Tensor]:
    """Where a mask is True, as one vector of positions per axis."""
    covered = tuple(shape[axis : axis + mask.ndim])
    if tuple(mask.shape) != covered:
        raise IndexError(
            f"index: the mask of shape {tuple(mask.shape)} does not fit the axes of shape {covered} that it is for"
        )
    positions = apply(_NONZERO, mask)
    return [positions[:, column] for column in range(mask.ndim)]


def _resolve(tensor: Tensor, index: Any) -> tuple[Tensor, list[Tensor], tuple[int, ...]]:
    """A view that the basic entries select, and the positions on its axes that the other entries select."""
    shape = tuple(tensor.shape)
    entries = _without_ellipsis(_prepared(index), len(shape))
    if sum(map(_consumed, entries)) > len(shape):
        raise IndexError(f"index: too many indices for a tensor of shape {shape}")
    basic: list[Any] = []
    positions: list[Tensor] = []
    dims: list[int] = []
    axis = place = 0
    for entry in entries:
        if _is_scalar_bool(entry):
            basic.append(None)
            positions.append(from_buffer(numpy.zeros(1 if entry else 0, numpy.int64)))
            dims.append(place)
            place += 1
            continue
        if isinstance(entry, TensorBase):
            found = _mask_positions(entry, shape, axis) if entry.dtype is _dtype.bool else [entry]
            basic += [_WHOLE] * len(found)
            positions += found
            dims += range(place, place + len(found))
            place += len(found)
        else:
            basic.append(entry)
            place += not isinstance(entry, int)
        axis += _consumed(entry)
    is_whole = all(isinstance(entry, slice) and entry == _WHOLE for entry in basic)
    return tensor if is_whole else tensor[tuple(basic)], positions, tuple(dims)


def advanced_index(tensor: Tensor, index: Any) -> Tensor:
    """Return ``tensor[index]`` for an index with masks, lists or integer tensors in it."""
    view, positions, dims = _resolve(tensor, index)
    return apply(_GATHER, [view, *positions], dims) if positions else view


def advanced_assign(tensor: Tensor, index: Any, value: Any, accumulate: bool = False) -> None:
    """Do ``tensor[index] = value``, or add, for an index with masks, lists or integer tensors in it."""
    view, positions, dims = _resolve(tensor, index)
    if positions:
        apply_in_place(_PUT, view, [value, *positions], dims, accumulate)
    else:
        view[...] = view + value if accumulate else value


def nonzero(input: Tensor, *, as_tuple: bool = False) -> Tensor | tuple[Tensor, ...]:
    """Return the positions of the elements that are not zero, in row-major order.

    Parameters
    ----------
    input : Tensor
        Any dtype.
    as_tuple : bool
        One vector per axis instead of one matrix.

    Returns
    -------
    Tensor
        int64 ``(n, rank)``.

    Example
    -------
    >>> sc.nonzero(sc.tensor([[0, 7], [8, 0]]))
    tensor([[0, 1],
            [1, 0]])
    """
    positions = apply(_NONZERO, input)
    return tuple(positions[:, axis] for axis in range(positions.shape[1])) if as_tuple else positions


def index_select(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """Return entries along one axis, in the order of a vector of positions.

    Example
    -------
    >>> sc.index_select(sc.tensor([10, 20, 30]), 0, sc.tensor([2, 0]))
    tensor([30, 10])
    """
    if index.ndim > 1:
        raise ValueError(f"index_select: index has shape {tuple(index.shape)}, expected a vector")
    return apply(_GATHER, [input, index.reshape(-1)], (normal_axis(dim, input.ndim, "index_select"),))


def gather(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """Return, for every position in `index`, the element whose position along `dim` stands there.

    For three axes and ``dim=1``: ``out[i, j, k] = input[i, index[i, j, k], k]``.

    Parameters
    ----------
    input : Tensor
        Any shape.
    dim : int
        The axis.
    index : Tensor
        int64, as many axes as `input`, and no larger than it on the others.

    Returns
    -------
    Tensor
        The shape of `index`.

    Example
    -------
    >>> sc.gather(sc.tensor([[1, 2], [3, 4]]), 1, sc.tensor([[1], [0]]))
    tensor([[2],
            [3]])
    """
    return apply(_GATHER_ALONG, input, index, dim)


def take_along_dim(input: Tensor, indices: Tensor, dim: int | None = None) -> Tensor:
    """Return `gather` with the arguments in NumPy's order; without `dim`, of the flattened tensor.

    The other axes of both are broadcast to each other.

    Example
    -------
    >>> sc.take_along_dim(sc.tensor([[1, 2], [3, 4]]), sc.tensor([3, 0]))
    tensor([4, 1])
    """
    if dim is None:
        return gather(input.reshape(-1), 0, indices.reshape(-1))
    if input.ndim != indices.ndim:
        raise ValueError(
            f"take_along_dim: input has shape {tuple(input.shape)} and indices {tuple(indices.shape)}; "
            "they must have the same number of axes"
        )
    axis = normal_axis(dim, input.ndim, "take_along_dim")
    others = [tuple(size for place, size in enumerate(each.shape) if place != axis) for each in (input, indices)]
    try:
        common = numpy.broadcast_shapes(*others)
    except ValueError:
        raise ValueError(
            f"take_along_dim: input of shape {tuple(input.shape)} and indices of shape {tuple(indices.shape)} do not "
            f"broadcast along the axes other than {axis}"
        ) from None
    values, places = (each.expand((*common[:axis], each.shape[axis], *common[axis:])) for each in (input, indices))
    return gather(values, axis, places)


def masked_select(input: Tensor, mask: Tensor) -> Tensor:
    """Return the elements where the mask is True, as a vector.

    Example
    -------
    >>> x = sc.tensor([1.0, -2.0, 3.0])
    >>> sc.masked_select(x, x > 0)
    tensor([1., 3.])
    """
    from .shape import broadcast_tensors

    values, where = broadcast_tensors(input, mask)
    return advanced_index(values, where)


def masked_fill(input: Tensor, mask: Tensor, value: Tensor | float) -> Tensor:
    """Return the elements, with `value` where the mask is True.

    Example
    -------
    >>> x = sc.tensor([1.0, -2.0, 3.0])
    >>> sc.masked_fill(x, x < 0, 0)
    tensor([1., 0., 3.])
    """
    return apply(_WHERE, mask, value, input)


def _distance_from_diagonal(input: Tensor, name: str) -> numpy.ndarray:
    if input.ndim < 2:
        raise ValueError(f"{name}: expected at least 2 axes, got shape {tuple(input.shape)}")
    rows, columns = input.shape[-2:]
    return numpy.arange(columns) - numpy.arange(rows)[:, None]


def tril(input: Tensor, diagonal: int = 0) -> Tensor:
    """Return the elements on and below a diagonal of the last two axes, and 0 above.

    Example
    -------
    >>> sc.tril(sc.ones(2, 2))
    tensor([[1., 0.],
            [1., 1.]])
    """
    return apply(_WHERE, _distance_from_diagonal(input, "tril") <= diagonal, input, 0)


def triu(input: Tensor, diagonal: int = 0) -> Tensor:
    """Return the elements on and above a diagonal of the last two axes, and 0 below.

    Example
    -------
    >>> sc.triu(sc.ones(2, 2))
    tensor([[1., 1.],
            [0., 1.]])
    """
    return apply(_WHERE, _distance_from_diagonal(input, "triu") >= diagonal, input, 0)
