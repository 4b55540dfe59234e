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
    from ..random import manual_seed

    stream.seed(int(seed))
    # Dropout draws from swiftconv's own generator.
    manual_seed(int(seed))


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
    """Return whole numbers from `low` to below `high`, or from 0 to below `low`; not the framework's own sequence."""
    first, last = (0, low) if high is None else (low, high)
    values = numpy.asarray(stream.other.randint(int(first), int(last), _shape(size)))
    return _finished(values, numpy.int64 if dtype is None else dtype, ctx, out)


def permutation(x: Any, ctx: Any = None) -> ndarray:
    """Return the numbers below `x`, or the rows of an array, in random order."""
    count = x if isinstance(x, int) else len(x)
    order = stream.other.permutation(count)
    return _finished(order, numpy.int64, ctx, None) if isinstance(x, int) else x[order]


def shuffle(x: ndarray) -> None:
    """Bring the rows of an array into random order, in place."""
    x[...] = x[stream.other.permutation(len(x))]


def choice(a: Any, size: Any = None, replace: bool = True, p: Any = None, ctx: Any = None, out: Any = None) -> ndarray:
    """Return elements of `a`, or numbers below `a`, drawn at random."""
    weights = None if p is None else numpy.asarray(p, numpy.float64)
    weights = None if weights is None else weights / weights.sum()
    drawn = numpy.asarray(stream.other.choice(a if isinstance(a, int) else len(a), size, replace, weights))
    return finish(_finished(drawn, numpy.int64, ctx, None) if isinstance(a, int) else a[drawn], out)


def multinomial(n: int, pvals: Any, size: Any = None) -> ndarray:
    """Return how often each of several outcomes happens in `n` trials."""
    weights = numpy.asarray(pvals, numpy.float64)
    return _finished(stream.other.multinomial(int(n), weights / weights.sum(), size), numpy.int64, None, None)


__getattr__ = missing("mxnet", "mxnet.numpy.random", globals())
