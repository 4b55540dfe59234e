"""``torch.nn.parameter``."""

from __future__ import annotations

from swiftconv.dialects.switch import missing
from swiftconv.nn.parameter import Parameter, UninitializedBuffer, UninitializedParameter

__all__ = ["Parameter", "UninitializedBuffer", "UninitializedParameter"]

__getattr__ = missing("torch", "torch.nn.parameter", globals())
