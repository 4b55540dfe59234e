"""``torch.nn.functional``."""

from __future__ import annotations

from swiftconv.dialects.switch import missing
from swiftconv.nn.functional import *  # noqa: F403
from swiftconv.nn.functional import __all__ as __all__

__getattr__ = missing("torch", "torch.nn.functional", globals())
