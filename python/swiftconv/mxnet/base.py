"""What ``mxnet.base`` has: the error class."""

from __future__ import annotations


class MXNetError(RuntimeError):
    """An error of an operation, such as a write in place into a recorded array."""
