"""``torchvision.transforms``."""

from __future__ import annotations

from swiftconv.data.transforms import *  # noqa: F403
from swiftconv.data.transforms import __all__ as __all__
from swiftconv.dialects.switch import missing

__getattr__ = missing("torch", "torchvision.transforms", globals())
