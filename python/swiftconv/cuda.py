"""What portable code asks about graphics cards. There are none here, and the answers say so."""

from __future__ import annotations

__all__ = ["device_count", "is_available"]


def is_available() -> bool:
    """Return False: tensors live on the CPU.

    Example
    -------
    >>> sc.cuda.is_available()
    False
    """
    return False


def device_count() -> int:
    """Return 0: tensors live on the CPU.

    Example
    -------
    >>> sc.cuda.device_count()
    0
    """
    return 0
