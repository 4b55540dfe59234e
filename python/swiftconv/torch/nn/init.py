"""``torch.nn.init``."""

from __future__ import annotations

from swiftconv.dialects.switch import missing
from swiftconv.nn.init import *  # noqa: F403
from swiftconv.nn.init import __all__ as __all__

__getattr__ = missing("torch", "torch.nn.init", globals())
