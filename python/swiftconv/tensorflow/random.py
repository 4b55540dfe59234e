"""``tf.random``: random tensors; after `set_seed` and for seeds of their own they are TensorFlow's numbers."""

from __future__ import annotations

import math
import random as _python
from typing import Any

import numpy

from .. import random as _random
from ..dialects import missing as _missing
from . import _dtypes, _philox
from ._create import sizes_of
from ._tensor import EagerTensor, convert

__all__ = [
    "normal",
    "set_seed",
    "shuffle",
    "stateless_normal",
    "stateless_truncated_normal",
    "stateless_uniform",
    "truncated_normal",
    "uniform",
]

# Seeds are taken modulo this, and this stands for the seed of functions if there is only that of all or of one of them.
_LIMIT = 2**31 - 1
_DEFAULT = 87654321


class _Seeds:
    """The seed of everything, the numbers that are drawn from it for single functions, and the streams they are at."""

    def __init__(self, seed: int | None) -> None:
        self.seed = seed
        self.numbers = _python.Random(seed)
        self.streams: dict[Any, _philox.Stream] = {}

    def stream(self, kind: str, dtype: Any, seed: int | None, count: int) -> _philox.Stream | None:
        """Return where a function is to draw from, or None for what cannot be repeated anyway."""
        if self.seed is None and seed is None:
            return None
        if seed is None:
            pair = self.seed, self.numbers.randint(0, _LIMIT)
        else:
            pair = _DEFAULT if self.seed is None else self.seed, seed
        pair = tuple(each % _LIMIT for each in pair)
        pair = pair if any(pair) else (0, _LIMIT)
        known = self.streams.setdefault((kind, dtype, pair), _philox.Stream(pair[0], (0, pair[1])))
        now = _philox.Stream(known.key, (known.start % 2**64, known.start >> 64))
        known.skip(count * 256)
        return now


_seeds = _Seeds(None)


def set_seed(seed: int) -> None:
    """Start the sequence of random numbers anew.

    Example
    -------
    >>> import swiftconv.tensorflow as tf
    >>> tf.random.set_seed(1)
    >>> tf.random.normal((2,))
    <tf.Tensor: shape=(2,), dtype=float32, numpy=array([-1.1012203,  1.5457517], dtype=float32)>
    """
    global _seeds
    _seeds = _Seeds(int(seed))
    _random.manual_seed(seed)


def generator_for(seed: int | None) -> numpy.random.Generator:
    """Return the generator of a seed, or the one that everybody shares."""
    return _random.default_generator() if seed is None else numpy.random.default_rng(seed)


def _finished(array: Any, dtype: Any) -> EagerTensor:
    return convert(numpy.asarray(array, _dtypes.as_dtype(dtype).as_numpy_dtype))


def _drawn(kind: str, shape: Any, dtype: Any, seed: int | None, otherwise: Any) -> EagerTensor:
    """Return TensorFlow's numbers where there is a seed, and those of `otherwise` else."""
    sizes, wanted = sizes_of(shape), _dtypes.as_dtype(dtype)
    count = math.prod(sizes)
    stream = _seeds.stream(kind, wanted, seed, count)
    if stream is None:
        return _finished(otherwise(sizes, wanted.as_numpy_dtype), wanted)
    return _finished(getattr(_philox, kind)(stream, count, wanted.as_numpy_dtype).reshape(sizes), wanted)


def normal(
    shape: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = _dtypes.float32,
    seed: int | None = None,
    name: str | None = None,
) -> EagerTensor:
    """Return normal numbers with a mean and a standard deviation.

    Example
    -------
    >>> import swiftconv.tensorflow as tf
    >>> tf.random.normal((2, 3), 0, 1).shape
    TensorShape([2, 3])
    """
    draw = _random.default_generator().standard_normal
    return _drawn("normal", shape, dtype, seed, lambda sizes, kind: draw(sizes, dtype=kind)) * stddev + mean


def uniform(
    shape: Any,
    minval: Any = 0,
    maxval: Any = None,
    dtype: Any = _dtypes.float32,
    seed: int | None = None,
    name: str | None = None,
) -> EagerTensor:
    """Return numbers between two limits, the upper one excluded; it is 1 if left out."""
    generator, wanted = _random.default_generator(), _dtypes.as_dtype(dtype)
    if wanted.is_integer:
        if maxval is None:
            raise ValueError("Must specify maxval for integer dtype " + repr(wanted))
        sizes, limits = sizes_of(shape), (int(minval), int(maxval))
        stream = _seeds.stream("integers", wanted, seed, math.prod(sizes))
        if stream is None:
            return _finished(generator.integers(*limits, sizes), wanted)
        drawn = _philox.integers(stream, math.prod(sizes), *limits, wanted.as_numpy_dtype)
        return _finished(drawn.reshape(sizes), wanted)
    upper = 1 if maxval is None else maxval
    draw = _drawn("uniform", shape, wanted, seed, lambda sizes, kind: generator.random(sizes, dtype=kind))
    return _between(draw, minval, upper)


def _between(draw: EagerTensor, low: Any, high: Any) -> EagerTensor:
    """Return numbers in [0, 1) as numbers between two limits, whose distance has the precision of the numbers."""
    low = convert(low, None, draw.dtype)
    return draw * (convert(high, None, draw.dtype) - low) + low


def _cut_off(sizes: Any, kind: Any) -> numpy.ndarray:
    """Return normal numbers; those further than 2 from zero are drawn again."""
    generator = _random.default_generator()
    draw = generator.standard_normal(sizes, dtype=kind).reshape(-1)
    far = numpy.flatnonzero(numpy.abs(draw) > 2)
    while far.size:
        draw[far] = generator.standard_normal(far.size, dtype=kind)
        far = far[numpy.abs(draw[far]) > 2]
    return draw.reshape(sizes)


def truncated_normal(
    shape: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = _dtypes.float32,
    seed: int | None = None,
    name: str | None = None,
) -> EagerTensor:
    """Return normal numbers; those further than two standard deviations from the mean are drawn again."""
    return _drawn("truncated_normal", shape, dtype, seed, _cut_off) * stddev + mean


def _stateless(kind: str, shape: Any, seed: Any, dtype: Any) -> EagerTensor:
    sizes, wanted = sizes_of(shape), _dtypes.as_dtype(dtype)
    pair = tuple(int(each) % 2**64 for each in numpy.asarray(seed).reshape(-1))
    drawn = getattr(_philox, kind)(_philox.stateless(pair), math.prod(sizes), wanted.as_numpy_dtype)
    return _finished(drawn.reshape(sizes), wanted)


def stateless_uniform(
    shape: Any, seed: Any, minval: Any = 0, maxval: Any = 1, dtype: Any = _dtypes.float32, **_: Any
) -> EagerTensor:
    """Return the numbers between two limits that belong to a pair of numbers."""
    return _between(_stateless("uniform", shape, seed, dtype), minval, maxval)


def stateless_normal(
    shape: Any, seed: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = _dtypes.float32, **_: Any
) -> EagerTensor:
    """Return the normal numbers that belong to a pair of numbers."""
    return _stateless("normal", shape, seed, dtype) * stddev + mean


def stateless_truncated_normal(
    shape: Any, seed: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = _dtypes.float32, **_: Any
) -> EagerTensor:
    """Return the normal numbers, at most two standard deviations from the mean, that belong to a pair of numbers."""
    return _stateless("truncated_normal", shape, seed, dtype) * stddev + mean


def shuffle(value: Any, seed: int | None = None, name: str | None = None) -> EagerTensor:
    """Return the parts along the first axis in random order."""
    from ._math import gather

    given = convert(value)
    stream = _seeds.stream("order", None, seed, len(given))
    chosen = (
        _random.default_generator().permutation(len(given)) if stream is None else _philox.order(stream, len(given))
    )
    return gather(given, chosen.astype("int32"))


__getattr__ = _missing("tensorflow", "tensorflow.random", globals())
