"""``torch.nn.utils``."""

from __future__ import annotations

from swiftconv.dialects.switch import missing
from swiftconv.nn.utils import *  # noqa: F403
from swiftconv.nn.utils import __all__ as __all__

__getattr__ = missing("torch", "torch.nn.utils", globals())
