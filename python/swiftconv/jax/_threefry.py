"""JAX's random numbers from the core: threefry2x32, with counters in the order of JAX before 0.5."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy

from .. import _core

_THREEFRY = _core.operators["threefry"]
# The codes of distributions.
_BITS, _UNIFORM, _NORMAL, _EXPONENTIAL, _GUMBEL = range(5)

_FLOAT = numpy.finfo(numpy.float32)
_ABOVE_MINUS_ONE = float(numpy.nextafter(numpy.float32(-1), numpy.float32(0)))

Key = Sequence[int]


def _drawn(code: int, key: Key, shape: tuple[int, ...], low: float = 0.0, high: float = 1.0) -> Any:
    half = (int(numpy.prod(shape, dtype=numpy.int64)) + 1) // 2
    return _core.apply(_THREEFRY, code, key[0], key[1], half, shape, float(low), float(high))


def bits(key: Key, shape: tuple[int, ...]) -> numpy.ndarray:
    """Return random uint32."""
    return _drawn(_BITS, key, shape).numpy().view(numpy.uint32)


def split(key: Key, num: int) -> numpy.ndarray:
    """Return `num` new keys, ``(num, 2)``."""
    return bits(key, (num, 2))


def fold_in(key: Key, data: int) -> numpy.ndarray:
    """Return a new key of a key and a number of 32 bits."""
    words = _core.apply(_THREEFRY, _BITS, key[0], key[1], data & 0xFFFFFFFF, (2,), 0.0, 1.0)
    return words.numpy().view(numpy.uint32)


def uniform(key: Key, shape: tuple[int, ...], low: float = 0.0, high: float = 1.0) -> Any:
    """Return a tensor of float32 in [low, high)."""
    return _drawn(_UNIFORM, key, shape, low, high)


def normal(key: Key, shape: tuple[int, ...], low: float = _ABOVE_MINUS_ONE, high: float = 1.0) -> Any:
    """Return a tensor of standard normal numbers, between those that the error function takes to `low` and `high`."""
    return _drawn(_NORMAL, key, shape, low, high)


def exponential(key: Key, shape: tuple[int, ...]) -> Any:
    """Return a tensor of exponentially distributed numbers."""
    return _drawn(_EXPONENTIAL, key, shape)


def gumbel(key: Key, shape: tuple[int, ...]) -> Any:
    """Return a tensor of Gumbel-distributed numbers."""
    return _drawn(_GUMBEL, key, shape, float(_FLOAT.tiny))
