"""``tf.keras.backend``: what code written for Keras asks of it."""

from __future__ import annotations

from ...dialects import missing as _missing
from ._engine import reset_names

__all__ = ["clear_session", "epsilon", "floatx"]


def clear_session() -> None:
    """Count the names of layers from the beginning again."""
    reset_names()


def floatx() -> str:
    """Return the default type of weights."""
    return "float32"


def epsilon() -> float:
    """Return what is added where a division by zero threatens."""
    return 1e-7


__getattr__ = _missing("tensorflow", "tensorflow.keras.backend", globals())
