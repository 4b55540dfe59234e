"""``tf.keras.utils``."""

from __future__ import annotations

from typing import Any

import numpy

from ...dialects import missing as _missing
from .. import random as _random
from . import initializers as _initializers

__all__ = ["set_random_seed", "to_categorical"]


def set_random_seed(seed: int) -> None:
    """Start all sequences of random numbers anew."""
    import random

    random.seed(seed)
    numpy.random.seed(seed)
    _random.set_seed(seed)
    _initializers.set_random_seed(seed)


def to_categorical(y: Any, num_classes: int | None = None, dtype: str = "float32") -> Any:
    """Return rows of zeros with a one at each label, as a NumPy array."""
    labels = numpy.asarray(y, "int64")
    return numpy.eye(num_classes or int(labels.max()) + 1, dtype=dtype)[labels]


__getattr__ = _missing("tensorflow", "tensorflow.keras.utils", globals())
