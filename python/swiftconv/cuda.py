"""What portable code asks about graphics cards. There are none here, and the answers say so."""

from __future__ import annotations


def is_available() -> bool:
    """Return False: tensors live on the CPU."""
    return False


def device_count() -> int:
    """Return 0: tensors live on the CPU."""
    return 0
