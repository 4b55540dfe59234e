"""``tf.random_normal_initializer`` and ``tf.random_uniform_initializer``: their numbers follow `tf.random.set_seed`."""

from __future__ import annotations

from typing import Any

from . import _dtypes
from . import random as _random
from .keras import initializers


class RandomNormal(initializers.RandomNormal):
    """Normal numbers."""

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        """Return the value."""
        return _random.normal(shape, self.mean, self.stddev, dtype or _dtypes.float32, self.seed)


class RandomUniform(initializers.RandomUniform):
    """Uniform numbers."""

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        """Return the value."""
        return _random.uniform(shape, self.minval, self.maxval, dtype or _dtypes.float32, self.seed)


RandomNormal.__module__ = RandomUniform.__module__ = "tensorflow.python.ops.init_ops_v2"
