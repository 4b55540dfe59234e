"""``jaxlib.xla_extension``: where the classes of arrays and devices are found by the names they show."""

from __future__ import annotations

from ..dialects.switch import missing as _missing
from ._array import Array as ArrayImpl
from ._devices import CpuDevice
from ._transforms import PjitFunction

__all__ = ["ArrayImpl", "CpuDevice", "PjitFunction"]

__getattr__ = _missing("jax", "jaxlib.xla_extension", globals())
