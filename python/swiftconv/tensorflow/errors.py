"""``tf.errors``: what TensorFlow raises."""

from __future__ import annotations

__all__ = ["InvalidArgumentError", "NotFoundError", "OpError", "OutOfRangeError", "ResourceExhaustedError"]


class OpError(Exception):
    """What operations raise."""

    @property
    def message(self) -> str:
        """The text of the error."""
        return str(self)


class InvalidArgumentError(OpError):
    """Shapes or dtypes that do not fit."""


class NotFoundError(OpError):
    """Something asked for is not there."""


class OutOfRangeError(OpError):
    """An iteration went past its end."""


class ResourceExhaustedError(OpError):
    """No memory was left."""


for _each in __all__:
    globals()[_each].__module__ = "tensorflow.python.framework.errors_impl"
