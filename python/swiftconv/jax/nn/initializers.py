"""``jax.nn.initializers``: functions of a key, a shape and a dtype, that make parameters."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy

from ...dialects.switch import missing as _missing
from .. import _shapes, random
from .._array import Array

__all__ = ["constant", "glorot_normal", "glorot_uniform", "he_normal", "he_uniform", "kaiming_normal",
           "kaiming_uniform", "lecun_normal", "lecun_uniform", "normal", "ones", "truncated_normal", "uniform",
           "variance_scaling", "xavier_normal", "xavier_uniform", "zeros"]  # fmt: skip

Initializer = Callable[..., Array]

# The standard deviation of a standard normal number that lies within [-2, 2].
_TRUNCATED = numpy.float32(0.87962566103423978)


def zeros(key: Any, shape: Sequence[int], dtype: Any = None) -> Array:
    """Return zeros; the key is not used."""
    return _shapes.zeros(shape, dtype)


def ones(key: Any, shape: Sequence[int], dtype: Any = None) -> Array:
    """Return ones; the key is not used."""
    return _shapes.ones(shape, dtype)


def constant(value: Any, dtype: Any = None) -> Initializer:
    """Return an initialiser that fills with a value."""
    return _initializer(lambda key, shape, kind: _shapes.full(shape, value, "float32" if kind is None else kind), dtype)


def _initializer(make: Callable[[Any, Sequence[int], Any], Array], default: Any) -> Initializer:
    def init(key: Any, shape: Sequence[int], dtype: Any = None) -> Array:
        return make(key, shape, default if dtype is None else dtype)

    return init


def _scaled(values: Array, scale: Any, dtype: Any) -> Array:
    # The numbers are fresh: nobody else sees them change.
    scaled = Array(values._tensor.mul_(float(scale)))
    return scaled if dtype is None else scaled.astype(dtype)


def uniform(scale: float = 1e-2, dtype: Any = None) -> Initializer:
    """Return an initialiser with numbers from [0, scale)."""
    return _initializer(lambda key, shape, kind: _scaled(random.uniform(key, shape), scale, kind), dtype)


def normal(stddev: float = 1e-2, dtype: Any = None) -> Initializer:
    """Return an initialiser with normally distributed numbers."""
    return _initializer(lambda key, shape, kind: _scaled(random.normal(key, shape), stddev, kind), dtype)


def truncated_normal(stddev: float = 1e-2, dtype: Any = None, lower: float = -2.0, upper: float = 2.0) -> Initializer:
    """Return an initialiser with normally distributed numbers within bounds."""
    return _initializer(
        lambda key, shape, kind: _scaled(random.truncated_normal(key, lower, upper, shape), stddev, kind), dtype
    )


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

    def make(key: Any, shape: Sequence[int], kind: Any) -> Array:
        fan_in, fan_out = _fans(shape, in_axis, out_axis)
        divisors = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}
        if mode not in divisors:
            raise ValueError(f"invalid mode for variance scaling initializer: {mode}")
        # In float32 like the numbers: the last digits depend on it.
        variance = numpy.float32(scale / divisors[mode])
        if distribution == "truncated_normal":
            return _scaled(random.truncated_normal(key, -2, 2, shape), numpy.sqrt(variance) / _TRUNCATED, kind)
        if distribution == "normal":
            return _scaled(random.normal(key, shape), numpy.sqrt(variance), kind)
        if distribution == "uniform":
            return _scaled(random.uniform(key, shape, minval=-1), numpy.sqrt(numpy.float32(3) * variance), kind)
        raise ValueError(f"invalid distribution for variance scaling initializer: {distribution}")

    return _initializer(make, dtype)


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
