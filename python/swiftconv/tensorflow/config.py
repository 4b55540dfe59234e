"""``tf.config``: which devices there are, namely one CPU."""

from __future__ import annotations

from ..dialects import missing as _missing

__all__ = ["experimental", "list_logical_devices", "list_physical_devices"]


class PhysicalDevice:
    """A device.

    Attributes
    ----------
    name, device_type : str
        Such as ``/physical_device:CPU:0`` and ``CPU``.
    """

    def __init__(self, name: str, device_type: str) -> None:
        self.name, self.device_type = name, device_type

    def __repr__(self) -> str:
        return f"PhysicalDevice(name={self.name!r}, device_type={self.device_type!r})"


def list_physical_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """Return the devices of a type: one CPU, no GPU."""
    return [PhysicalDevice("/physical_device:CPU:0", "CPU")] if device_type in (None, "CPU") else []


list_logical_devices = list_physical_devices


def run_functions_eagerly(run_eagerly: bool) -> None:
    """Do nothing: functions always run eagerly."""


class experimental:
    """``tf.config.experimental``."""

    list_physical_devices = staticmethod(list_physical_devices)


__getattr__ = _missing("tensorflow", "tensorflow.config", globals())
