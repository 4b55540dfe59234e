"""``tf.errors``: what TensorFlow raises."""

from __future__ import annotations

__all__ = ["InvalidArgumentError", "NotFoundError", "OpError", "OutOfRangeError", "ResourceExhaustedError"]


# The one device, by its full name.
DEVICE = "/job:localhost/replica:0/task:0/device:CPU:0"


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


def fault(op: str, message: str, name: str = "", kernel: str | None = None) -> InvalidArgumentError:
    """Return the error of an operation, in the words of TensorFlow's kernels.

    Parameters
    ----------
    op : str
        The operation, as it stands at the end of the text.
    message : str
        What does not fit.
    name : str
        What the caller names the operation, at the very end.
    kernel : str, optional
        What computes, at the beginning; the operation if left out.
    """
    place = f"{{{{function_node __wrapped__{kernel or op}_device_{DEVICE}}}}}"
    return InvalidArgumentError(f"{place} {message} {ending(op, name)}")


def ending(op: str, name: str = "") -> str:
    """Return what stands at the end of an operation's errors."""
    return f"[Op:{op}]" + (f" name: {name}" if name else "")


for _each in __all__:
    globals()[_each].__module__ = "tensorflow.python.framework.errors_impl"
