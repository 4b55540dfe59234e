"""``torch.utils``."""

from __future__ import annotations

from swiftconv.dialects.switch import missing

from . import data

__all__ = ["data"]

__getattr__ = missing("torch", "torch.utils", globals())
