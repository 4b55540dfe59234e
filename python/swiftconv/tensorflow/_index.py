"""Indices of tensors: integers, slices with any step, ``...`` and ``tf.newaxis``."""

from __future__ import annotations

from typing import Any

import numpy

from ..tensor import Tensor as Native
from .errors import fault


def _number(value: Any) -> Any:
    """Return an integer for whatever counts as one; None and integers stay."""
    if value is None or type(value) is int:
        return value
    is_flag = isinstance(value, (bool, numpy.bool_))
    if not is_flag and not isinstance(value, (float, list, tuple, str)) and hasattr(value, "__index__"):
        try:
            return value.__index__()
        except TypeError:
            pass
    raise TypeError(
        "Only integers, slices (`:`), ellipsis (`...`), tf.newaxis (`None`) and scalar tf.int32/tf.int64 tensors are "
        f"valid indices, got {value!r}"
    )


def normal_index(index: Any, shape: Any) -> tuple[Any, ...]:
    """Return an index as integers within bounds, slices and None, with the ellipsis written out.

    Example
    -------
    >>> from swiftconv.tensorflow._index import normal_index
    >>> normal_index((..., -1), (2, 3, 4))
    (slice(None, None, None), slice(None, None, None), 3)
    """
    entries = list(index) if isinstance(index, tuple) else [index]
    dots = [place for place, each in enumerate(entries) if each is Ellipsis]
    if len(dots) > 1:
        raise ValueError("Multiple ellipses not allowed")
    used = sum(1 for each in entries if each is not None and each is not Ellipsis)
    if used > len(shape):
        text = f"Index out of range using input dim {len(shape)}; input has only {len(shape)} dims"
        raise fault("StridedSlice", text, "strided_slice/")
    if dots:
        entries[dots[0] : dots[0] + 1] = [slice(None)] * (len(shape) - used)
    result, axis = [], 0
    for each in entries:
        if each is None:
            result.append(None)
            continue
        if isinstance(each, slice):
            result.append(slice(_number(each.start), _number(each.stop), _number(each.step)))
        else:
            place = _number(each)
            if not -shape[axis] <= place < shape[axis]:
                text = f"slice index {place} of dimension {axis} out of bounds."
                raise fault("StridedSlice", text, "strided_slice/")
            result.append(place % shape[axis])
        axis += 1
    return tuple(result)


def taken(tensor: Native, index: tuple[Any, ...]) -> Native:
    """Return the part of a tensor that a normal index says."""
    forward, flipped = _forward(index, tensor.shape)
    part = tensor[forward]
    return part.flip(*flipped) if flipped else part


def put(tensor: Native, index: tuple[Any, ...], value: Native) -> None:
    """Write into the part of a tensor that a normal index says."""
    forward, flipped = _forward(index, tensor.shape)
    if flipped:
        value = value.expand(tensor[forward].shape).flip(*flipped)
    tensor[forward] = value


def _forward(index: tuple[Any, ...], shape: Any) -> tuple[tuple[Any, ...], list[int]]:
    """Return the index with positive steps only, and the axes of the result that then have to be turned around."""
    forward, flipped, axis, place = [], [], 0, 0
    for each in index:
        if isinstance(each, slice) and each.step is not None and each.step < 0:
            chosen = range(*each.indices(shape[axis]))
            forward.append(slice(chosen[-1], chosen[0] + 1, -each.step) if chosen else slice(0, 0))
            flipped.append(place)
        else:
            forward.append(each)
        axis += each is not None
        place += not isinstance(each, int)
    return tuple(forward), flipped
