"""``torch.optim``."""

from __future__ import annotations

from swiftconv.dialects.switch import missing
from swiftconv.optim import *  # noqa: F403
from swiftconv.optim import __all__ as __all__

__getattr__ = missing("torch", "torch.optim", globals())
