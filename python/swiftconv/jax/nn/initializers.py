"""``jax.nn.initializers``: functions of a key, a shape and a dtype, that make parameters."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from ...dialects.switch import missing as _missing
from .. import _shapes, random
from .._array import Array
from .._dtypes import canonical

__all__ = ["constant", "glorot_normal", "glorot_uniform", "he_normal", "he_uniform", "kaiming_normal",
           "kaiming_uniform", "lecun_normal", "lecun_uniform", "normal", "ones", "truncated_normal", "uniform",
           "variance_scaling", "xavier_normal", "xavier_uniform", "zeros"]  # fmt: skip

Initializer = Callable[..., Array]

# The standard deviation of a standard normal number that lies within [-2, 2].
_TRUNCATED = 0.87962566103423978


def zeros(key: Any, shape: Sequence[int], dtype: Any = None) -> Array:
    """Return zeros; the key is not used."""
    return _shapes.zeros(shape, dtype)


def ones(key: Any, shape: Sequence[int], dtype: Any = None) -> Array:
    """Return ones; the key is not used."""
    return _shapes.ones(shape, dtype)


def constant(value: Any, dtype: Any = None) -> Initializer:
    """Return an initialiser that fills with a value."""
    return lambda key, shape, dtype=dtype: _shapes.full(shape, value, "float32" if dtype is None else dtype)


def _scaled(values: Array, scale: float, dtype: Any) -> Array:
    values = values * scale
    return values if dtype is None else values.astype(canonical(dtype))


def uniform(scale: float = 1e-2, dtype: Any = None) -> Initializer:
    """Return an initialiser with numbers from [0, scale)."""
    return lambda key, shape, dtype=dtype: _scaled(random.uniform(key, shape), scale, dtype)


def normal(stddev: float = 1e-2, dtype: Any = None) -> Initializer:
    """Return an initialiser with normally distributed numbers."""
    return lambda key, shape, dtype=dtype: _scaled(random.normal(key, shape), stddev, dtype)


def truncated_normal(stddev: float = 1e-2, dtype: Any = None, lower: float = -2.0, upper: float = 2.0) -> Initializer:
    """Return an initialiser with normally distributed numbers within bounds."""
    return lambda key, shape, dtype=dtype: _scaled(random.truncated_normal(key, lower, upper, shape), stddev, dtype)


def _fans(shape: Sequence[int], in_axis: int, out_axis: int) -> tuple[float, float]:
    if len(shape) < 2:
        raise ValueError(
            f"Can't compute input and output sizes of a {len(shape)}-dimensional weights tensor. Must be at least 2D."
        )
    field = math.prod(shape) / (shape[in_axis] * shape[out_axis] or 1)
    return shape[in_axis] * field, shape[out_axis] * field


def variance_scaling(
    scale: float,
    mode: str,
    distribution: str,
    in_axis: int = -2,
    out_axis: int = -1,
    batch_axis: Any = (),
    dtype: Any = None,
) -> Initializer:
    """Return an initialiser whose variance is `scale`, divided by the number of inputs, outputs or their mean.

    Parameters
    ----------
    mode : {"fan_in", "fan_out", "fan_avg"}
        What divides the scale.
    distribution : {"truncated_normal", "normal", "uniform"}
        The numbers' distribution.
    """
    kind = dtype

    def initialize(key: Any, shape: Sequence[int], dtype: Any = None) -> Array:
        fan_in, fan_out = _fans(shape, in_axis, out_axis)
        divisors = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}
        if mode not in divisors:
            raise ValueError(f"invalid mode for variance scaling initializer: {mode}")
        variance, kept = scale / divisors[mode], kind if dtype is None else dtype
        if distribution == "truncated_normal":
            deviation = math.sqrt(variance) / _TRUNCATED
            return _scaled(random.truncated_normal(key, -2, 2, shape), deviation, kept)
        if distribution == "normal":
            return _scaled(random.normal(key, shape), math.sqrt(variance), kept)
        if distribution == "uniform":
            return _scaled(random.uniform(key, shape, minval=-1), math.sqrt(3 * variance), kept)
        raise ValueError(f"invalid distribution for variance scaling initializer: {distribution}")

    return initialize


def _scaling(scale: float, mode: str, distribution: str, name: str) -> Callable[..., Initializer]:
    def make(in_axis: int = -2, out_axis: int = -1, batch_axis: Any = (), dtype: Any = None) -> Initializer:
        return variance_scaling(scale, mode, distribution, in_axis, out_axis, batch_axis, dtype)

    make.__name__ = make.__qualname__ = name
    make.__doc__ = f"Return ``variance_scaling({scale}, {mode!r}, {distribution!r})``."
    return make


xavier_uniform = glorot_uniform = _scaling(1.0, "fan_avg", "uniform", "glorot_uniform")
xavier_normal = glorot_normal = _scaling(1.0, "fan_avg", "truncated_normal", "glorot_normal")
lecun_uniform = _scaling(1.0, "fan_in", "uniform", "lecun_uniform")
lecun_normal = _scaling(1.0, "fan_in", "truncated_normal", "lecun_normal")
kaiming_uniform = he_uniform = _scaling(2.0, "fan_in", "uniform", "he_uniform")
kaiming_normal = he_normal = _scaling(2.0, "fan_in", "truncated_normal", "he_normal")


__getattr__ = _missing("jax", "jax.nn.initializers", globals())
