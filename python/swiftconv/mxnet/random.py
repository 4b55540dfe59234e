"""``mxnet.numpy.random``: numbers of the framework's own stream, the same in every fresh process."""

from __future__ import annotations

from typing import Any

import numpy

from .. import _core
from ..dialects.switch import missing
from . import context
from ._streams import stream
from ._values import as_dtype, finish, unwrap, wrap
from .array import ndarray


def seed(seed: int, ctx: Any = "all") -> None:
    """Start the stream again.

    Example
    -------
    >>> from swiftconv.mxnet import np
    >>> np.random.seed(0)
    >>> np.random.uniform(size=2)
    array([0.5488135, 0.5928446])
    """
    stream.seed(int(seed))


def _shape(size: Any, *parameters: Any) -> tuple[int, ...]:
    if size is None:
        return numpy.broadcast_shapes(*(numpy.shape(each) for each in parameters))
    return tuple(int(each) for each in size) if isinstance(size, (tuple, list)) else (int(size),)


def _finished(values: numpy.ndarray, dtype: Any, ctx: Any, out: ndarray | None) -> ndarray:
    context.check(ctx)
    wanted = as_dtype(dtype).numpy_dtype
    return finish(wrap(_core.from_buffer(numpy.ascontiguousarray(values, dtype=wanted).reshape(values.shape))), out)


def _float32(value: Any) -> Any:
    value = unwrap(value)
    return numpy.asarray(value, dtype=numpy.float32)


def uniform(
    low: Any = 0.0, high: Any = 1.0, size: Any = None, dtype: Any = None, ctx: Any = None, out: Any = None
) -> ndarray:
    """Return numbers drawn evenly from between `low` and `high`.

    Parameters
    ----------
    low, high : float or ndarray
        The limits.
    size : int or tuple of int, optional
        The shape; that of the limits if not given.
    dtype : NumPy type, optional
        Float32 if not given.
    ctx : Context, optional
        The CPU.
    out : ndarray, optional
        Where to write.
    """
    low, high = _float32(low), _float32(high)
    shape = _shape(size, low, high)
    noise = stream.uniform(int(numpy.prod(shape, dtype=int))).reshape(shape)
    return _finished(low + (high - low) * noise, dtype, ctx, out)


def normal(
    loc: Any = 0.0, scale: Any = 1.0, size: Any = None, dtype: Any = None, ctx: Any = None, out: Any = None
) -> ndarray:
    """Return numbers of the normal distribution with mean `loc` and standard deviation `scale`; see `uniform`."""
    loc, scale = _float32(loc), _float32(scale)
    shape = _shape(size, loc, scale)
    noise = stream.normal(int(numpy.prod(shape, dtype=int))).reshape(shape)
    return _finished(loc + noise * scale, dtype, ctx, out)


def randn(*size: int, dtype: Any = None, ctx: Any = None) -> ndarray:
    """Return numbers of the standard normal distribution."""
    return normal(0.0, 1.0, size, dtype, ctx)


def rand(*size: int, dtype: Any = None, ctx: Any = None) -> ndarray:
    """Return numbers drawn evenly from [0, 1)."""
    return uniform(0.0, 1.0, size, dtype, ctx)


def randint(
    low: int, high: int | None = None, size: Any = None, dtype: Any = None, ctx: Any = None, out: Any = None
) -> ndarray:
    """Return whole numbers from `low` to below `high`, or from 0 to below `low`.

    Example
    -------
    >>> from swiftconv.mxnet import np
    >>> np.random.seed(0)
    >>> np.random.randint(0, 10, size=(4,))
    array([1, 4, 3, 9], dtype=int64)
    """
    first, last = (0, int(low)) if high is None else (int(low), int(high))
    if first >= last:
        raise ValueError(f"randint: low is {first} and high is {last}, expected low < high")
    shape = _shape(size)
    values = first + stream.parallel_integers(int(numpy.prod(shape, dtype=int))) % (last - first)
    return _finished(values.reshape(shape), numpy.int64 if dtype is None else dtype, ctx, out)


def permutation(x: Any, ctx: Any = None) -> ndarray:
    """Return the numbers below `x`, or the rows of an array, in random order."""
    count = x if isinstance(x, int) else len(x)
    order = stream.other.permutation(count)
    return _finished(order, numpy.int64, ctx, None) if isinstance(x, int) else x[order]


def shuffle(x: ndarray) -> None:
    """Bring the rows of an array into random order, in place."""
    x[...] = x[stream.permutation(len(x), is_upwards=x.ndim == 1)]


def choice(a: Any, size: Any = None, replace: bool = True, p: Any = None, ctx: Any = None, out: Any = None) -> ndarray:
    """Return elements of `a`, or numbers below `a`, drawn at random."""
    count = a if isinstance(a, int) else len(a)
    if replace and p is None:
        shape = _shape(size)
        drawn = (stream.words(int(numpy.prod(shape, dtype=int))) % count).reshape(shape)
    else:
        weights = None if p is None else numpy.asarray(p, numpy.float64)
        weights = None if weights is None else weights / weights.sum()
        drawn = numpy.asarray(stream.other.choice(count, size, replace, weights))
    return finish(_finished(drawn, numpy.int64, ctx, None) if isinstance(a, int) else a[drawn], out)


def multinomial(n: int, pvals: Any, size: Any = None) -> ndarray:
    """Return how often each of several outcomes happens in `n` trials.

    Example
    -------
    >>> from swiftconv.mxnet import np
    >>> np.random.seed(0)
    >>> np.random.multinomial(10, [0.5, 0.5])
    array([5, 5], dtype=int64)
    """
    shape = () if size is None else _shape(size)
    limits = numpy.cumsum(numpy.asarray(pvals, numpy.float64))
    draws = stream.doubles(int(numpy.prod(shape, dtype=int)) * int(n))
    if not isinstance(pvals, ndarray):
        # The framework fills the place of the probabilities with random numbers as well, before it writes them.
        stream.doubles(len(limits))
    outcomes = numpy.minimum(numpy.searchsorted(limits, draws, side="right"), len(limits) - 1)
    counts = numpy.zeros((outcomes.size // max(1, int(n)), len(limits)), numpy.int64)
    numpy.add.at(counts, (numpy.arange(outcomes.size) // max(1, int(n)), outcomes), 1)
    return _finished(counts.reshape(*shape, len(limits)), numpy.int64, None, None)


__getattr__ = missing("mxnet", "mxnet.numpy.random", globals())
