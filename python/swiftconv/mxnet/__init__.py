"""The dialect of MXNet: ``%load_ext swiftconv.mxnet`` makes ``from mxnet import np`` and ``d2l.mxnet`` give it.

Arrays behave as MXNet's NumPy arrays: float32 by default, recorded within ``autograd.record()`` only, printed as NumPy
prints them. Random numbers are those of MXNet's own generator in a fresh process.

Example
-------
>>> from swiftconv.mxnet import np
>>> np.array([[1, 2], [3, 4]]) + 1
array([[2., 3.],
       [4., 5.]])
"""

from __future__ import annotations

from typing import Any as _Any

from ..dialects.switch import load_extension as _load_extension
from ..dialects.switch import missing as _missing
from ..dialects.switch import unload_extension as _unload_extension
from . import autograd, base, context, gluon, image, initializer, random
from . import initializer as init
from . import numpy as np
from . import numpy_extension as npx
from ._dialect import DIALECT
from .base import MXNetError
from .context import Context, cpu, current_context, gpu, num_gpus

numpy, numpy_extension = np, npx

__version__ = "1.9.1+swiftconv"

__all__ = ["DIALECT", "Context", "MXNetError", "autograd", "base", "context", "cpu", "current_context", "gluon", "gpu"]
__all__ += ["image", "init", "initializer", "np", "npx", "num_gpus", "numpy", "numpy_extension", "random"]


def load_ipython_extension(ipython: _Any) -> None:
    """Serve ``%load_ext swiftconv.mxnet``."""
    _load_extension(DIALECT, ipython)


def unload_ipython_extension(ipython: _Any) -> None:
    """Serve ``%unload_ext swiftconv.mxnet``."""
    _unload_extension(DIALECT, ipython)


__getattr__ = _missing("mxnet", "mxnet", globals())
