"""``flax.linen``: modules, layers, activations and initialisers.

Example
-------
>>> import swiftconv.jax as jax
>>> from swiftconv.jax.flax import linen as nn
>>> conv = nn.Conv(1, kernel_size=(1, 2), padding="VALID")
>>> Y, variables = conv.init_with_output(jax.random.PRNGKey(0), jax.numpy.ones((1, 6, 8, 1)))
>>> Y.shape, variables["params"]["kernel"].shape
((1, 6, 7, 1), (1, 2, 1, 1))
"""

from __future__ import annotations

from ...dialects.switch import missing as _missing
from .. import nn as _nn
from ..nn import *  # noqa: F403
from ..nn import initializers
from . import layers as _layers
from .core import Variable
from .layers import *  # noqa: F403
from .module import Module, compact, nowrap, param

__all__ = [*_nn.__all__, *_layers.__all__, "Module", "Variable", "compact", "initializers", "nowrap", "param"]

__getattr__ = _missing("jax", "flax.linen", globals())
