"""``jax.nn``: activations and initialisers.

Example
-------
>>> import swiftconv.jax as jax
>>> jax.nn.relu(jax.numpy.array([-1.0, 2.0]))
Array([0., 2.], dtype=float32)
>>> type(jax.nn.relu).__name__, type(jax.nn.sigmoid).__name__
('custom_jvp', 'PjitFunction')
"""

from __future__ import annotations

from typing import Any

import swiftconv as sc

from ...dialects.switch import missing as _missing
from ...nn import functional as F
from .. import numpy as _jnp
from .._array import Array, as_array, unary, wrapped
from .._elementwise import to_float
from .._transforms import custom_jvp, jit
from . import initializers

__all__ = ["elu", "gelu", "initializers", "leaky_relu", "log_sigmoid", "log_softmax", "logsumexp", "one_hot", "relu",
           "relu6", "selu", "sigmoid", "silu", "softmax", "softplus", "standardize", "swish", "tanh"]  # fmt: skip


def _float(operation: Any, x: Any) -> Array:
    return unary(operation, to_float(x))


@custom_jvp
def relu(x: Any) -> Array:
    """Return the elements, zero for those below."""
    return unary(sc.relu, x)


@jit
def sigmoid(x: Any) -> Array:
    """Return ``1 / (1 + exp(-x))``."""
    return _float(sc.sigmoid, x)


@jit
def tanh(x: Any) -> Array:
    """Return the hyperbolic tangent."""
    return _float(sc.tanh, x)


@jit
def relu6(x: Any) -> Array:
    """Return the elements moved into [0, 6]."""
    return _jnp.clip(x, 0.0, 6.0)


@jit
def silu(x: Any) -> Array:
    """Return ``x * sigmoid(x)``."""
    return _float(F.silu, x)


swish = silu


@jit
def softplus(x: Any) -> Array:
    """Return ``log(1 + exp(x))``."""
    return _float(F.softplus, x)


@jit
def log_sigmoid(x: Any) -> Array:
    """Return the logarithm of `sigmoid`."""
    return -softplus(-as_array(x))


def gelu(x: Any, approximate: bool = True) -> Array:
    """Return ``x`` times the normal distribution's probability of less than ``x``."""
    return _float(lambda t: F.gelu(t, approximate="tanh" if approximate else "none"), x)


def elu(x: Any, alpha: float = 1.0) -> Array:
    """Return ``alpha * (exp(x) - 1)`` below zero."""
    return _float(lambda t: F.elu(t, alpha), x)


def selu(x: Any) -> Array:
    """Return the scaled exponential linear unit."""
    return 1.0507009873554805 * elu(x, 1.6732632423543772)


def leaky_relu(x: Any, negative_slope: float = 0.01) -> Array:
    """Return ``negative_slope * x`` below zero."""
    return _float(lambda t: F.leaky_relu(t, negative_slope), x)


def softmax(x: Any, axis: int = -1) -> Array:
    """Return numbers that sum to 1 along an axis, in proportion to ``exp(x)``."""
    return wrapped(sc.softmax(to_float(x)._tensor, axis))


def log_softmax(x: Any, axis: int = -1) -> Array:
    """Return the logarithm of `softmax`."""
    return wrapped(sc.log_softmax(to_float(x)._tensor, axis))


def logsumexp(a: Any, axis: Any = None, keepdims: bool = False) -> Array:
    """Return ``log(sum(exp(a)))``."""
    tensor = to_float(a)._tensor
    return wrapped(sc.logsumexp(tensor, tuple(range(tensor.ndim)) if axis is None else axis, keepdims))


def standardize(x: Any, axis: int = -1, epsilon: float = 1e-5) -> Array:
    """Return the elements with mean 0 and variance 1 along an axis."""
    x = to_float(x)
    return (x - x.mean(axis, keepdims=True)) / _jnp.sqrt(x.var(axis, keepdims=True) + epsilon)


def one_hot(x: Any, num_classes: int, dtype: Any = None) -> Array:
    """Return vectors with a one in the place of each label."""
    return (as_array(x)[..., None] == _jnp.arange(num_classes)).astype(_jnp.float32 if dtype is None else dtype)


__getattr__ = _missing("jax", "jax.nn", globals())
