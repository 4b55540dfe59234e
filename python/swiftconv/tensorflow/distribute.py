"""``tf.distribute``: strategies for one device, the CPU."""

from __future__ import annotations

from typing import Any

from ..dialects import missing as _missing
from ._function import device as _device

__all__ = ["MirroredStrategy", "OneDeviceStrategy", "Strategy"]


class Strategy:
    """Says where models are made and trained; its scope changes nothing, as there is the CPU only.

    Example
    -------
    >>> import swiftconv.tensorflow as tf
    >>> with tf.distribute.OneDeviceStrategy("/CPU:0").scope():
    ...     layer = tf.keras.layers.Dense(1)
    """

    num_replicas_in_sync = 1

    def __init__(self, device: str | None = None) -> None:
        self._device = device

    def scope(self) -> Any:
        """Return a context for making models; it raises RuntimeError for a device that is not there."""
        return _device(self._device)


class OneDeviceStrategy(Strategy):
    """Everything on one device."""


class MirroredStrategy(Strategy):
    """Everything on all devices, of which there is one."""

    def __init__(self, devices: Any = None) -> None:
        super().__init__(devices[0] if devices else None)


__getattr__ = _missing("tensorflow", "tensorflow.distribute", globals())
