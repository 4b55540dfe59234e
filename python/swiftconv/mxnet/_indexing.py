"""What an index means: which elements it names, and whether the result shares memory with the array."""

from __future__ import annotations

from typing import Any

import numpy

from .. import _core, _dtype, creation, ops
from ..tensor import Tensor
from ._values import unwrap

_BASIC = (int, numpy.integer, slice, type(None), type(...))


def check(key: Any) -> None:
    """Refuse what cannot be an index.

    Raises
    ------
    ValueError
        When the index, or a part of it, is a text or a fraction.
    """
    if any(isinstance(each, (str, float)) for each in _parts(key)):
        raise ValueError(f"NDArray does not support slicing with key {key} of type {type(key)}.")


def pick(value: Tensor, key: Any) -> tuple[Tensor, bool]:
    """Return the elements that an index names, and whether they are a view.

    They are one where numbers and slices name elements that lie side by side in memory, else a copy.
    """
    is_basic = all(isinstance(each, _BASIC) and not isinstance(each, bool) for each in _parts(key))
    value, key = _forwards(value, key)
    found = value[_plain(key)]
    if found.is_contiguous():
        return found, is_basic
    return ops.clone(found), False


def put(value: Tensor, key: Any, new: Any) -> None:
    """Write into the elements that an index names."""
    if any(_is_backwards(each) for each in _parts(key)):
        places = creation.arange(value.numel()).reshape(value.shape)
        value.view(-1)[pick(places, key)[0]] = new
    else:
        value[_plain(key)] = new


def _parts(key: Any) -> tuple[Any, ...]:
    return key if isinstance(key, tuple) else (key,)


def _is_backwards(part: Any) -> bool:
    return isinstance(part, slice) and part.step is not None and part.step < 0


def _forwards(value: Tensor, key: Any) -> tuple[Tensor, Any]:
    """The same elements with positive steps only, from an array that is reversed along those axes."""
    parts = list(_parts(key))
    if not any(_is_backwards(each) for each in parts):
        return value, key
    used = sum(each is not None and each is not ... for each in parts)
    axis, turned = 0, []
    for place, part in enumerate(parts):
        if part is ...:
            axis += value.ndim - used
        elif part is not None:
            if _is_backwards(part):
                steps = range(*part.indices(value.shape[axis]))
                last = value.shape[axis] - 1
                begin = last - steps.start if steps else 0
                parts[place] = slice(begin, begin + len(steps) * -steps.step, -steps.step)
                turned.append(axis)
            axis += 1
    return ops.flip(value, turned), tuple(parts)


def _plain(key: Any) -> Any:
    """An index for swiftconv; arrays of whole float32 numbers count as positions."""
    if isinstance(key, tuple):
        return tuple(_plain(each) for each in key)
    if isinstance(key, numpy.ndarray):
        return _core.from_buffer(key.astype(bool if key.dtype == bool else numpy.int64))
    key = unwrap(key)
    if isinstance(key, Tensor):
        tensor = key.detach()
        return tensor.to(_dtype.int64) if tensor.dtype.is_floating_point else tensor
    return key
