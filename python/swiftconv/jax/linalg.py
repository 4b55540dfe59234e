"""``jax.numpy.linalg``: norms."""

from __future__ import annotations

from typing import Any

import numpy

from ..dialects.switch import missing as _missing
from ._array import Array, as_array
from ._elementwise import to_float
from ._shapes import sizes

__all__ = ["norm"]

_INFINITY = float("inf")


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Array:
    """Return the length of a vector: the square root of the sum of squares, or another norm of `ord`.

    Example
    -------
    >>> import swiftconv.jax.numpy as jnp
    >>> jnp.linalg.norm(jnp.array([3.0, -4.0]))
    Array(5., dtype=float32)
    """
    source = to_float(as_array(x))
    axes = tuple(range(source.ndim)) if axis is None else sizes(axis)
    if ord is None or (ord == "fro" and len(axes) == 2) or (ord == 2 and len(axes) == 1):
        return Array((source * source).sum(axes, keepdims=keepdims)._tensor.sqrt(), source.dtype)
    if len(axes) == 1:
        return _vector_norm(abs(source), ord, axes, keepdims)
    if len(axes) != 2 or ord not in (1, -1, _INFINITY, -_INFINITY):
        raise NotImplementedError(
            f"norm: ord {ord!r} over {len(axes)} axes is not in swiftconv's jax dialect; of matrices there are None, "
            "'fro', 1, -1, inf and -inf"
        )
    rows, columns = (each % source.ndim for each in axes)
    summed, left = (rows, columns) if ord in (1, -1) else (columns, rows)
    sums = abs(source).sum(summed, keepdims=True)
    found = sums.max(left, keepdims=True) if ord > 0 else sums.min(left, keepdims=True)
    return found if keepdims else found.squeeze((rows, columns))


def _vector_norm(magnitudes: Array, ord: Any, axes: tuple[int, ...], keepdims: bool) -> Array:
    if ord == _INFINITY:
        return magnitudes.max(axes, keepdims=keepdims)
    if ord == -_INFINITY:
        return magnitudes.min(axes, keepdims=keepdims)
    if ord == 0:
        return (magnitudes != 0).sum(axes, numpy.float32, keepdims=keepdims)
    if ord == 1:
        return magnitudes.sum(axes, keepdims=keepdims)
    return (magnitudes**ord).sum(axes, keepdims=keepdims) ** (1 / ord)


__getattr__ = _missing("jax", "jax.numpy.linalg", globals())
