"""``torch.autograd``."""

from __future__ import annotations

from swiftconv.autograd import *  # noqa: F403
from swiftconv.dialects.switch import missing

__getattr__ = missing("torch", "torch.autograd", globals())
