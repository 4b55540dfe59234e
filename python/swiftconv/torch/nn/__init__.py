"""``torch.nn``: swiftconv's layers, which have PyTorch's names, arguments and defaults already."""

# What is imported here is what the module offers.
# ruff: noqa: F401

from __future__ import annotations

from swiftconv.dialects.switch import missing
from swiftconv.nn import *  # noqa: F403
from swiftconv.nn import __all__ as _names

from . import functional, init, parameter, utils

__all__ = sorted({*_names, "functional", "init", "parameter", "utils"})

__getattr__ = missing("torch", "torch.nn", globals())
