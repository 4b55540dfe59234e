"""``tf.function`` and ``tf.device``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .errors import DEVICE


def function(func: Callable[..., Any] | None = None, **_: Any) -> Any:
    """Return the function itself: swiftconv always computes at once.

    Example
    -------
    >>> import swiftconv.tensorflow as tf
    >>> @tf.function
    ... def twice(x):
    ...     return x + x
    >>> twice(tf.constant(2))
    <tf.Tensor: shape=(), dtype=int32, numpy=4>
    """
    return (lambda given: given) if func is None else func


class device:
    """A context that says where to compute; there is only the CPU.

    Raises
    ------
    RuntimeError
        When a GPU is asked for.
    """

    def __init__(self, device_name: str | None) -> None:
        self._device_name = device_name

    def __enter__(self) -> device:
        if "GPU" in str(self._device_name).upper():
            raise RuntimeError(
                f"{self._device_name} unknown device. Available: {DEVICE}; swiftconv computes on the CPU"
            )
        return self

    def __exit__(self, *error: Any) -> None:
        pass


def name_scope(name: str) -> device:
    """Return a context that does nothing: names of layers are enough."""
    return device(None)


device.__module__ = "tensorflow.python.eager.context"
device.__qualname__ = device.__name__ = "_EagerDeviceContext"
