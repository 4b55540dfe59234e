"""Devices. Tensors live in the computer's main memory; the rest of this module says so in words."""

from __future__ import annotations

from typing import Any


class device:
    """Where a tensor lives. Other devices than the CPU can be named, but hold no tensors.

    Attributes
    ----------
    type : str
        The kind of device, such as "cpu".
    index : int or None
        Which one of its kind.

    Example
    -------
    >>> sc.device("cpu")
    device(type='cpu')
    >>> sc.zeros(2).device == sc.device("cpu")
    True
    """

    __slots__ = ("index", "type")

    def __init__(self, type: str | device, index: int | None = None) -> None:
        if isinstance(type, device):
            type, index = type.type, type.index
        if not isinstance(type, str):
            raise TypeError(f"device: expected a name such as 'cpu', got {type!r}")
        name, _, number = type.partition(":")
        if not name.isalpha() or (number and not number.isdigit()):
            raise RuntimeError(f"device: {type!r} is not a device name; tensors live on 'cpu'")
        self.type = name
        self.index = int(number) if number else index

    def __repr__(self) -> str:
        return (
            f"device(type={self.type!r})" if self.index is None else f"device(type={self.type!r}, index={self.index})"
        )

    def __str__(self) -> str:
        return self.type if self.index is None else f"{self.type}:{self.index}"

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, device) and (self.type, self.index) == (other.type, other.index)

    def __hash__(self) -> int:
        return hash((self.type, self.index))

    def __reduce__(self) -> tuple[type, tuple[str, int | None]]:
        return device, (self.type, self.index)


CPU = device("cpu")


def check_device(value: Any) -> None:
    """Raise RuntimeError unless `value` is None or names the CPU."""
    if value is None or value is CPU:
        return
    wanted = value if isinstance(value, device) else device(value)
    if wanted.type != "cpu":
        raise RuntimeError(f"device: {str(wanted)!r} is not available, swiftconv computes on the CPU; use 'cpu'")
