"""The names by which the book's sources call functions in every framework, its keys and its devices."""

from __future__ import annotations

import random
from typing import Any

from ...correlation import corr2d as _corr2d
from ...dialects.aliases import calls_method
from .. import _devices
from .. import numpy as jnp
from .. import random as _random
from .._array import Array, as_array
from ..flax.module import Module as nn_Module
from ..numpy import (
    abs,
    arange,
    concatenate,
    cos,
    cosh,
    exp,
    eye,
    float32,
    int32,
    linspace,
    log,
    matmul,
    meshgrid,
    ones,
    ones_like,
    sin,
    sinh,
    stack,
    tanh,
    zeros,
    zeros_like,
)

__all__ = ["abs", "arange", "argmax", "astype", "batch_matmul", "concat", "corr2d", "cos", "cosh", "cpu", "exp",
           "expand_dims", "eye", "float32", "get_key", "get_seed", "gpu", "int32", "linspace", "log", "matmul",
           "meshgrid", "nn_Module", "normal", "num_gpus", "numpy", "ones", "ones_like", "rand", "randn", "reduce_mean",
           "reduce_sum", "repeat", "reshape", "sigmoid", "sin", "sinh", "size", "stack", "swapaxes", "tanh", "tensor",
           "to", "transpose", "try_all_gpus", "try_gpu", "zeros", "zeros_like"]  # fmt: skip

concat = concatenate
batch_matmul = matmul
tensor = jnp.array
to = _devices.device_put
normal = randn = _random.normal
rand = _random.uniform
argmax = calls_method("argmax", "argmax", as_array)
astype = calls_method("astype", "astype", as_array)
reduce_mean = calls_method("reduce_mean", "mean", as_array)
reduce_sum = calls_method("reduce_sum", "sum", as_array)
repeat = calls_method("repeat", "repeat", as_array)
reshape = calls_method("reshape", "reshape", as_array)
swapaxes = calls_method("swapaxes", "swapaxes", as_array)
expand_dims = jnp.expand_dims


def numpy(x: Any, *args: Any, **kwargs: Any) -> Any:
    """Return the array as NumPy's."""
    from numpy import asarray

    return asarray(x, *args, **kwargs)


def size(a: Any) -> int:
    """Return the number of elements."""
    return as_array(a).size


def transpose(a: Any) -> Array:
    """Return the array with its axes in reverse order."""
    return as_array(a).T


def sigmoid(x: Any) -> Array:
    """Return ``1 / (1 + exp(-x))``."""
    from ..nn import sigmoid as activation

    return activation(x)


def get_seed() -> int:
    """Return a random number for a seed."""
    return random.randint(0, 1_000_000)


def get_key() -> Array:
    """Return the key of a random seed."""
    return _random.PRNGKey(get_seed())


def corr2d(X: Any, K: Any) -> Array:
    """Return the cross-correlation of a matrix and a kernel.

    Example
    -------
    >>> from swiftconv.jax import d2l
    >>> d2l.corr2d(d2l.arange(9.0).reshape(3, 3), d2l.arange(4.0).reshape(2, 2))
    Array([[19., 25.],
           [37., 43.]], dtype=float32)
    """
    return Array(_corr2d(as_array(X)._tensor, as_array(K)._tensor))


def cpu() -> Any:
    """Return the CPU."""
    return _devices.CPU


def gpu(i: int = 0) -> Any:
    """Raise RuntimeError: there are no graphics cards."""
    return _devices.devices("gpu")[i]


def num_gpus() -> int:
    """Return 0."""
    return 0


def try_gpu(i: int = 0) -> Any:
    """Return the CPU, as there is no graphics card number `i`."""
    return cpu()


def try_all_gpus() -> list[Any]:
    """Return a list with the CPU, as there are no graphics cards."""
    return [cpu()]
