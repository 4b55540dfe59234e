"""``tf.keras.initializers``: first values of weights. Called with a shape and a dtype."""

from __future__ import annotations

import math
import random
from typing import Any
from weakref import WeakKeyDictionary

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
        # Abstract: the text is Keras's, for subclasses that forget it.
        raise NotImplementedError("Initializer subclasses must implement the `__call__()` method.")

    def get_config(self) -> dict[str, Any]:
        """Return what the initializer was made with."""
        return dict(vars(self))


class _Random(Initializer):
    """Random numbers; with a seed, its own or that of `set_random_seed`, the same in every call."""

    seed: int | None = None

    def _drawn(self, kind: str, shape: Any, dtype: Any, *limits: float) -> Any:
        dtype = dtype or _dtypes.float32
        if self not in _seeds_of:
            _seeds_of[self] = _keras_seed(self.seed)
        seed = _seeds_of[self]
        if seed is None:
            return getattr(_random, kind)(shape, *limits, dtype)
        return getattr(_random, f"stateless_{kind}")(shape, (seed, 0), *limits, dtype)


# The seeds of initializers that have been called, which are not among what they were made with.
_seeds_of: WeakKeyDictionary[_Random, int | None] = WeakKeyDictionary()
_source: random.Random | None = None


def set_random_seed(seed: int) -> None:
    """Draw the seeds of initializers that have none from a sequence that begins anew."""
    global _source
    _source = random.Random(seed)


def _keras_seed(seed: int | None) -> int | None:
    return _source.randint(1, 10**9) if seed is None and _source is not None else seed


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


class RandomNormal(_Random):
    """Normal numbers."""

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None:
        self.mean, self.stddev, self.seed = mean, stddev, seed

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        """Return the value."""
        return self._drawn("normal", shape, dtype, self.mean, self.stddev)


class TruncatedNormal(RandomNormal):
    """Normal numbers within two standard deviations."""

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        """Return the value."""
        return self._drawn("truncated_normal", shape, dtype, self.mean, self.stddev)


class RandomUniform(_Random):
    """Uniform numbers."""

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: int | None = None) -> None:
        self.minval, self.maxval, self.seed = minval, maxval, seed

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        """Return the value."""
        return self._drawn("uniform", shape, dtype, self.minval, self.maxval)


def _fans(shape: Any) -> tuple[float, float]:
    sizes = _create.sizes_of(shape)
    if len(sizes) < 2:
        each = sizes[0] if sizes else 1
        return each, each
    area = math.prod(sizes[:-2])
    return sizes[-2] * area, sizes[-1] * area


class _Scaled(_Random):
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
        if self.distribution == "uniform":
            limit = math.sqrt(3 * variance)
            return self._drawn("uniform", shape, dtype, -limit, limit)
        # The standard deviation of a normal distribution cut off at two of its own.
        return self._drawn("truncated_normal", shape, dtype, 0.0, math.sqrt(variance) / 0.87962566103423978)


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
