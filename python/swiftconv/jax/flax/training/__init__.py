"""``flax.training``."""

from __future__ import annotations

from ....dialects.switch import missing as _missing
from . import train_state

__all__ = ["train_state"]

__getattr__ = _missing("jax", "flax.training", globals())
