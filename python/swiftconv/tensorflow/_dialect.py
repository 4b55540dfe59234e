"""The dialect's names: what ``import tensorflow`` and the modules below it resolve to."""

from __future__ import annotations

from ..dialects import Dialect

_BELOW = ("config", "data", "distribute", "errors", "image", "keras", "linalg", "math", "nest", "nn", "random")
_KERAS = (
    "activations",
    "backend",
    "callbacks",
    "datasets",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "models",
    "optimizers",
    "regularizers",
    "utils",
)

DIALECT = Dialect(
    name="tensorflow",
    modules={
        "tensorflow": "swiftconv.tensorflow",
        **{f"tensorflow.{name}": f"swiftconv.tensorflow.{name}" for name in _BELOW},
        **{f"tensorflow.keras.{name}": f"swiftconv.tensorflow.keras.{name}" for name in _KERAS},
        "d2l.tensorflow": "swiftconv.tensorflow.d2l",
    },
)
