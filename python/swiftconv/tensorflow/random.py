"""``tf.random``: random tensors. The bits are swiftconv's, not TensorFlow's, for the same seed."""

from __future__ import annotations

from typing import Any

import numpy

from .. import random as _random
from ..dialects import missing as _missing
from . import _dtypes
from ._create import sizes_of
from ._tensor import EagerTensor, convert

__all__ = ["normal", "set_seed", "shuffle", "truncated_normal", "uniform"]


def set_seed(seed: int) -> None:
    """Start the sequence of random numbers anew."""
    _random.manual_seed(seed)


def generator_for(seed: int | None) -> numpy.random.Generator:
    """Return the generator of a seed, or the one that everybody shares."""
    return _random.default_generator() if seed is None else numpy.random.default_rng(seed)


def _finished(array: Any, dtype: Any) -> EagerTensor:
    return convert(numpy.asarray(array, _dtypes.as_dtype(dtype).as_numpy_dtype))


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
    draw = generator_for(seed).standard_normal(sizes_of(shape), dtype=_dtypes.as_dtype(dtype).as_numpy_dtype)
    return _finished(draw, dtype) * stddev + mean


def uniform(
    shape: Any,
    minval: Any = 0,
    maxval: Any = None,
    dtype: Any = _dtypes.float32,
    seed: int | None = None,
    name: str | None = None,
) -> EagerTensor:
    """Return numbers between two limits, the upper one excluded; it is 1 if left out."""
    generator, wanted = generator_for(seed), _dtypes.as_dtype(dtype)
    if wanted.is_integer:
        if maxval is None:
            raise ValueError("Must specify maxval for integer dtype " + repr(wanted))
        return _finished(generator.integers(int(minval), int(maxval), sizes_of(shape)), wanted)
    upper = 1 if maxval is None else maxval
    draw = _finished(generator.random(sizes_of(shape), dtype=wanted.as_numpy_dtype), wanted)
    return draw * (upper - minval) + minval


def truncated_normal(
    shape: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = _dtypes.float32,
    seed: int | None = None,
    name: str | None = None,
) -> EagerTensor:
    """Return normal numbers; those further than two standard deviations from the mean are drawn again."""
    generator = generator_for(seed)
    draw = generator.standard_normal(sizes_of(shape))
    far = numpy.abs(draw) > 2
    while far.any():
        draw = numpy.where(far, generator.standard_normal(draw.shape), draw)
        far = numpy.abs(draw) > 2
    return _finished(draw, dtype) * stddev + mean


def shuffle(value: Any, seed: int | None = None, name: str | None = None) -> EagerTensor:
    """Return the parts along the first axis in random order."""
    from ._math import gather

    given = convert(value)
    return gather(given, generator_for(seed).permutation(len(given)).astype("int32"))


__getattr__ = _missing("tensorflow", "tensorflow.random", globals())
