"""``tf.keras.initializers``: first values of weights. Called with a shape and a dtype."""

from __future__ import annotations

import math
from typing import Any

from ...dialects import missing as _missing
from .. import _create, _dtypes
from .. import random as _random
from ._checks import unknown as _unknown

__all__ = [
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Initializer",
    "LecunNormal",
    "LecunUniform",
    "Ones",
    "RandomNormal",
    "RandomUniform",
    "TruncatedNormal",
    "Zeros",
    "get",
]


class Initializer:
    """Makes the first value of a weight; subclasses define ``__call__``."""

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        """Return the value."""
        raise NotImplementedError("Initializer subclasses must implement the `__call__()` method.")

    def get_config(self) -> dict[str, Any]:
        """Return what the initializer was made with."""
        return dict(vars(self))


class Zeros(Initializer):
    """All zeros."""

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        """Return the value."""
        return _create.zeros(shape, dtype or _dtypes.float32)


class Ones(Initializer):
    """All ones."""

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        """Return the value."""
        return _create.ones(shape, dtype or _dtypes.float32)


class Constant(Initializer):
    """One value everywhere, or the values of an array."""

    def __init__(self, value: Any = 0) -> None:
        self.value = value

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        """Return the value."""
        return _create.constant(self.value, dtype or _dtypes.float32, shape)


class RandomNormal(Initializer):
    """Normal numbers."""

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None:
        self.mean, self.stddev, self.seed = mean, stddev, seed

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        """Return the value."""
        return _random.normal(shape, self.mean, self.stddev, dtype or _dtypes.float32, self.seed)


class TruncatedNormal(RandomNormal):
    """Normal numbers within two standard deviations."""

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        """Return the value."""
        return _random.truncated_normal(shape, self.mean, self.stddev, dtype or _dtypes.float32, self.seed)


class RandomUniform(Initializer):
    """Uniform numbers."""

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: int | None = None) -> None:
        self.minval, self.maxval, self.seed = minval, maxval, seed

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        """Return the value."""
        return _random.uniform(shape, self.minval, self.maxval, dtype or _dtypes.float32, self.seed)


def _fans(shape: Any) -> tuple[float, float]:
    sizes = _create.sizes_of(shape)
    if len(sizes) < 2:
        each = sizes[0] if sizes else 1
        return each, each
    area = math.prod(sizes[:-2])
    return sizes[-2] * area, sizes[-1] * area


class _Scaled(Initializer):
    """Random numbers whose variance is `scale` over the number of inputs, or of inputs and outputs."""

    scale = 1.0
    mode = "fan_avg"
    distribution = "uniform"

    def __init__(self, seed: int | None = None) -> None:
        self.seed = seed

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        """Return the value."""
        inputs, outputs = _fans(shape)
        fan = inputs if self.mode == "fan_in" else (inputs + outputs) / 2
        variance = self.scale / max(fan, 1.0)
        dtype = dtype or _dtypes.float32
        if self.distribution == "uniform":
            limit = math.sqrt(3 * variance)
            return _random.uniform(shape, -limit, limit, dtype, self.seed)
        # The standard deviation of a normal distribution cut off at two of its own.
        return _random.truncated_normal(shape, 0.0, math.sqrt(variance) / 0.87962566103423978, dtype, self.seed)


class GlorotUniform(_Scaled):
    """Uniform, variance 2 / (inputs + outputs); the default of layers."""


class GlorotNormal(_Scaled):
    """Truncated normal, variance 2 / (inputs + outputs)."""

    distribution = "normal"


class HeUniform(_Scaled):
    """Uniform, variance 2 / inputs."""

    scale, mode = 2.0, "fan_in"


class HeNormal(HeUniform):
    """Truncated normal, variance 2 / inputs."""

    distribution = "normal"


class LecunUniform(_Scaled):
    """Uniform, variance 1 / inputs."""

    mode = "fan_in"


class LecunNormal(LecunUniform):
    """Truncated normal, variance 1 / inputs."""

    distribution = "normal"


zeros, ones, constant = Zeros, Ones, Constant
random_normal, random_uniform, truncated_normal = RandomNormal, RandomUniform, TruncatedNormal
glorot_uniform, glorot_normal, he_uniform, he_normal = GlorotUniform, GlorotNormal, HeUniform, HeNormal
lecun_uniform, lecun_normal = LecunUniform, LecunNormal


def get(identifier: Any) -> Any:
    """Return the initializer for a name, a class, or something to call."""
    if identifier is None:
        return None
    found = globals().get(identifier) if isinstance(identifier, str) else identifier
    if isinstance(found, type):
        return found()
    if isinstance(identifier, str) and not callable(found):
        raise ValueError(_unknown("initializer", identifier))
    if not callable(found):
        raise ValueError(f"Could not interpret initializer identifier: {identifier}")
    return found


for _name in __all__:
    if isinstance(globals()[_name], type):
        globals()[_name].__module__ = "keras.initializers.initializers"

__getattr__ = _missing("tensorflow", "tensorflow.keras.initializers", globals())
