"""Flax: layers whose parameters are kept outside of them.

Example
-------
>>> import swiftconv.jax as jax
>>> from swiftconv.jax.flax import linen as nn
>>> net = nn.Dense(2)
>>> variables = net.init(jax.random.PRNGKey(0), jax.numpy.ones((1, 3)))
>>> net.apply(variables, jax.numpy.ones((1, 3))).shape
(1, 2)
"""

from __future__ import annotations

from ...dialects.switch import missing as _missing
from . import core, errors, linen, serialization, struct, training, traverse_util

__all__ = ["core", "errors", "linen", "serialization", "struct", "training", "traverse_util"]

__version__ = "0.7.0+swiftconv"

__getattr__ = _missing("jax", "flax", globals())
