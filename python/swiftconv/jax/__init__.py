"""The dialect of JAX: ``%load_ext swiftconv.jax`` makes ``import jax``, ``flax`` and ``optax`` give it.

Example
-------
>>> import swiftconv.jax as jax
>>> from swiftconv.jax import numpy as jnp
>>> jax.grad(lambda x: (x**2).sum())(jnp.arange(3.0))
Array([0., 2., 4.], dtype=float32)
"""

# What is imported here is what the module offers.
# ruff: noqa: F401

from __future__ import annotations

from contextlib import nullcontext as _nullcontext
from typing import Any as _Any

from ..dialects.switch import load_extension as _load_extension
from ..dialects.switch import missing as _missing
from ..dialects.switch import unload_extension as _unload_extension
from . import lax, nn, numpy, random, tree, tree_util
from ._array import Array
from ._devices import (
    block_until_ready,
    default_backend,
    device_count,
    device_get,
    device_put,
    devices,
    local_device_count,
    local_devices,
)
from ._dialect import DIALECT
from ._transforms import (
    checkpoint,
    custom_jvp,
    grad,
    hessian,
    jacfwd,
    jacobian,
    jacrev,
    jit,
    jvp,
    remat,
    value_and_grad,
    vjp,
    vmap,
)
from .tree_util import tree_flatten, tree_leaves, tree_map, tree_structure, tree_unflatten

__version__ = "0.4.13+swiftconv"

__all__ = [each for each in list(globals()) if not each.startswith("_") and each not in ("annotations", "DIALECT")]


class _Config:
    """The settings: kept, of which swiftconv uses none."""

    def __init__(self) -> None:
        self.jax_enable_x64 = False

    def update(self, name: str, value: _Any) -> None:
        """Keep a setting."""
        if name == "jax_enable_x64" and value:
            # Not a switch to add: in 64 bits every literal, array and random number would have another dtype, and the
            # dialect makes 32 bits, JAX's own default, throughout. To ignore it would be a silent loss of digits.
            raise NotImplementedError("jax_enable_x64 is not in swiftconv's jax dialect: its arrays have 32 bits")
        setattr(self, name, value)


config = _Config()


def disable_jit() -> _Any:
    """Return a context in which functions are not compiled, as outside of it."""
    return _nullcontext()


def load_ipython_extension(ipython: _Any) -> None:
    """Serve ``%load_ext swiftconv.jax``."""
    _load_extension(DIALECT, ipython)


def unload_ipython_extension(ipython: _Any) -> None:
    """Serve ``%unload_ext swiftconv.jax``."""
    _unload_extension(DIALECT, ipython)


__getattr__ = _missing("jax", "jax", globals())
