"""``jax.numpy.linalg``: norms."""

from __future__ import annotations

from typing import Any

from ..dialects.switch import missing as _missing
from ._array import Array, as_array
from ._elementwise import to_float

__all__ = ["norm"]


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Array:
    """Return the length of a vector: the square root of the sum of squares, or another norm of `ord`.

    Example
    -------
    >>> import swiftconv.jax.numpy as jnp
    >>> jnp.linalg.norm(jnp.array([3.0, -4.0]))
    Array(5., dtype=float32)
    """
    source = to_float(as_array(x))
    magnitudes = abs(source)
    if ord in (None, 2, "fro"):
        return Array((source * source).sum(axis, keepdims=keepdims)._tensor.sqrt(), source.dtype)
    if ord == 1:
        return magnitudes.sum(axis, keepdims=keepdims)
    if ord == float("inf"):
        return magnitudes.max(axis, keepdims=keepdims)
    return (magnitudes**ord).sum(axis, keepdims=keepdims) ** (1 / ord)


__getattr__ = _missing("jax", "jax.numpy.linalg", globals())
