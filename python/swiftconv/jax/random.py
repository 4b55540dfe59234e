"""JAX's random numbers: every function takes a key, and gives the same numbers for the same key.

Example
-------
>>> from swiftconv.jax import random
>>> random.uniform(random.PRNGKey(0), (2,))
Array([0.21629536, 0.8041241 ], dtype=float32)
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy

import swiftconv as sc

from ..dialects.switch import missing as _missing
from . import _threefry
from ._array import Array, array, as_array
from ._elementwise import to_float

__all__ = [
    "PRNGKey",
    "PRNGKeyArray",
    "bernoulli",
    "bits",
    "categorical",
    "choice",
    "exponential",
    "fold_in",
    "gumbel",
    "key",
    "normal",
    "permutation",
    "randint",
    "split",
    "truncated_normal",
    "uniform",
]

# What annotations call a key.
PRNGKeyArray = Array

_UINT32 = numpy.dtype("uint32")


def PRNGKey(seed: Any) -> Array:
    """Return the key of a seed, of which 32 bits count.

    Example
    -------
    >>> from swiftconv.jax import random
    >>> random.PRNGKey(42)
    Array([ 0, 42], dtype=uint32)
    """
    value = seed.item() if isinstance(seed, (Array, numpy.generic, numpy.ndarray)) and seed.ndim == 0 else seed
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"PRNG key seed must be an integer; got {seed!r}")
    return array(numpy.array([0, value & 0xFFFFFFFF], numpy.uint32))


key = PRNGKey


def _words(key: Any) -> list[int]:
    words = numpy.asarray(key)
    if words.shape != (2,) or words.dtype != _UINT32:
        raise TypeError(
            f"JAX encountered invalid PRNG key data: expected key_data.shape to be (2,) and dtype uint32, got shape "
            f"{words.shape} and dtype {words.dtype}; use jax.random.PRNGKey(seed)"
        )
    return words.tolist()


def _sizes(shape: Any) -> tuple[int, ...]:
    several = shape if isinstance(shape, (tuple, list)) else (shape,)
    return tuple(operator.index(each) for each in several)


def _typed(tensor: Any, dtype: Any) -> Array:
    return Array(tensor) if dtype is None else Array(tensor).astype(dtype)


def split(key: Any, num: int = 2) -> Array:
    """Return `num` new keys, ``(num, 2)``."""
    return array(_threefry.split(_words(key), operator.index(num)))


def fold_in(key: Any, data: int) -> Array:
    """Return a new key of a key and a number."""
    return array(_threefry.fold_in(_words(key), int(data)))


def bits(key: Any, shape: Sequence[int] = ()) -> Array:
    """Return random uint32."""
    return array(_threefry.bits(_words(key), _sizes(shape)))


def uniform(key: Any, shape: Sequence[int] = (), dtype: Any = None, minval: Any = 0.0, maxval: Any = 1.0) -> Array:
    """Return numbers that are equally likely everywhere in [minval, maxval)."""
    low, high = as_array(minval), as_array(maxval)
    if low.ndim == high.ndim == 0:
        return _typed(_threefry.uniform(_words(key), _sizes(shape), float(low), float(high)), dtype)
    return _typed((Array(_threefry.uniform(_words(key), _sizes(shape))) * (high - low) + low)._tensor, dtype)


def normal(key: Any, shape: Sequence[int] = (), dtype: Any = None) -> Array:
    """Return normally distributed numbers of mean 0 and standard deviation 1."""
    return _typed(_threefry.normal(_words(key), _sizes(shape)), dtype)


def truncated_normal(key: Any, lower: float, upper: float, shape: Sequence[int] = (), dtype: Any = None) -> Array:
    """Return normally distributed numbers between `lower` and `upper`."""
    low, high = numpy.float32(lower), numpy.float32(upper)
    ends = [math.erf(float(each / numpy.float32(math.sqrt(2)))) for each in (low, high)]
    inside = numpy.nextafter(low, numpy.float32(numpy.inf)), numpy.nextafter(high, numpy.float32(-numpy.inf))
    return _typed(_threefry.normal(_words(key), _sizes(shape), *ends).clamp_(float(inside[0]), float(inside[1])), dtype)


def bernoulli(key: Any, p: Any = 0.5, shape: Sequence[int] | None = None) -> Array:
    """Return True with probability `p`."""
    chance = to_float(p)
    return Array(_threefry.uniform(_words(key), chance.shape if shape is None else _sizes(shape))) < chance


def randint(key: Any, shape: Sequence[int], minval: int, maxval: int, dtype: Any = None) -> Array:
    """Return whole numbers that are equally likely in [minval, maxval)."""
    low, high = int(minval), int(maxval)
    span = numpy.uint32(max(high - low, 1))
    first, second = (_threefry.bits(each, _sizes(shape)) for each in _threefry.split(_words(key), 2).tolist())
    # The product has 32 bits in JAX, too: of spans above 2**16 nothing is left of it.
    multiplier = numpy.uint32(((1 << 16) % int(span)) ** 2 % (1 << 32) % int(span))
    with numpy.errstate(over="ignore"):
        offset = ((first % span) * multiplier + second % span) % span
    return array((offset.astype(numpy.int64) + low).astype(numpy.int32), dtype)


def permutation(key: Any, x: Any, axis: int = 0, independent: bool = False) -> Array:
    """Return the numbers below `x`, or the entries of `x` along an axis, in random order."""
    whole = isinstance(x, (int, numpy.integer))
    values = None if whole else as_array(x)
    count = int(x) if whole else values.shape[axis]
    order, words = numpy.arange(count), _words(key)
    for _ in range(math.ceil(3 * math.log(max(count, 1)) / math.log(0xFFFFFFFF))):
        words, drawn = _threefry.split(words, 2).tolist()
        order = order[numpy.argsort(_threefry.bits(drawn, (count,)), kind="stable")]
    if whole:
        return array(order)
    return Array(values._tensor.index_select(axis, sc.tensor(order)), values.dtype)


def choice(key: Any, a: Any, shape: Sequence[int] = (), replace: bool = True, p: Any = None) -> Array:
    """Return random entries of `a`, or random numbers below it."""
    whole = isinstance(a, (int, numpy.integer))
    count = int(a) if whole else as_array(a).shape[0]
    size = _sizes(shape)
    if p is not None:
        edges = numpy.cumsum(numpy.asarray(p, numpy.float32))
        places = numpy.searchsorted(edges, edges[-1] * (1 - _threefry.uniform(_words(key), size).numpy()))
    elif replace:
        places = numpy.asarray(randint(key, size, 0, count))
    else:
        places = numpy.asarray(permutation(key, count))[: math.prod(size)].reshape(size)
    return array(places) if whole else as_array(a)[array(places.astype(numpy.int32))]


def gumbel(key: Any, shape: Sequence[int] = (), dtype: Any = None) -> Array:
    """Return Gumbel-distributed numbers."""
    return _typed(_threefry.gumbel(_words(key), _sizes(shape)), dtype)


def exponential(key: Any, shape: Sequence[int] = (), dtype: Any = None) -> Array:
    """Return exponentially distributed numbers."""
    return _typed(_threefry.exponential(_words(key), _sizes(shape)), dtype)


def categorical(key: Any, logits: Any, axis: int = -1, shape: Sequence[int] | None = None) -> Array:
    """Return places along an axis, each with the probability that its logit tells."""
    scores = as_array(logits)
    size = (
        scores.shape[: axis % scores.ndim] + scores.shape[axis % scores.ndim + 1 :] if shape is None else _sizes(shape)
    )
    noise = gumbel(key, (*size, scores.shape[axis]))
    return array(numpy.argmax(numpy.asarray(noise) + numpy.moveaxis(numpy.asarray(scores), axis, -1), axis=-1))


__getattr__ = _missing("jax", "jax.random", globals())
