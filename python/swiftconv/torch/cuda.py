"""``torch.cuda``: there is no graphics card, and every question gets that answer."""

from __future__ import annotations

from typing import Any

from swiftconv.cuda import device_count, is_available
from swiftconv.dialects.switch import missing

__all__ = ["device_count", "empty_cache", "is_available", "manual_seed", "manual_seed_all", "synchronize"]


def manual_seed(seed: int) -> None:
    """Do nothing: only the CPU draws random numbers."""


manual_seed_all = manual_seed


def synchronize(device: Any = None) -> None:
    """Do nothing: an operation has ended when it returns."""


def empty_cache() -> None:
    """Do nothing: there is no such cache."""


__getattr__ = missing("torch", "torch.cuda", globals())
