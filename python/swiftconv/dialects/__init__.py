"""What the dialects share: the switch that lets notebooks import swiftconv by other names, and the book's small tools.

A dialect is one of `swiftconv.torch`, `swiftconv.mxnet`, `swiftconv.jax` and `swiftconv.tensorflow`. In a notebook
``%load_ext swiftconv.torch`` and in a shell ``python -m swiftconv.torch script.py`` make ``import torch`` give it.
"""

from __future__ import annotations

from .switch import Dialect, load, loaded, missing, unload, use_installed_d2l

__all__ = ["Dialect", "load", "loaded", "missing", "unload", "use_installed_d2l"]
