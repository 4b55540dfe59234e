"""The dialect of PyTorch: ``%load_ext swiftconv.torch`` makes ``import torch`` and ``from d2l import torch`` give it.

swiftconv's own names are PyTorch's already; this package leaves out what PyTorch does not have, and adds PyTorch's
seeded random numbers, ``torch.utils.data``, ``torchvision`` and the book's ``d2l.torch``.

Example
-------
>>> import swiftconv.torch as torch
>>> torch.tensor([[1.0, 2.0]]) @ torch.ones(2, 1)
tensor([[3.]])
"""

# What is imported here is what the module offers.
# ruff: noqa: F401

from __future__ import annotations

from typing import Any as _Any

from swiftconv import (
    Size,
    Tensor,
    bool,
    device,
    double,
    dtype,
    enable_grad,
    float,
    float32,
    float64,
    get_num_threads,
    int,
    int32,
    int64,
    is_grad_enabled,
    is_tensor,
    long,
    no_grad,
    promote_types,
    set_grad_enabled,
    set_num_threads,
    set_printoptions,
    uint8,
)
from swiftconv.conversion import *  # noqa: F403
from swiftconv.creation import *  # noqa: F403
from swiftconv.dialects.switch import load_extension as _load_extension
from swiftconv.dialects.switch import missing as _missing
from swiftconv.dialects.switch import unload_extension as _unload_extension
from swiftconv.nn.functional import conv2d, dropout
from swiftconv.ops import *  # noqa: F403
from swiftconv.sampling import *  # noqa: F403

from . import autograd, cuda, distributions, nn, optim, utils
from ._dialect import DIALECT
from ._functions import *  # noqa: F403
from ._random import Generator, initial_seed, manual_seed, seed
from ._serialization import load, save

__version__ = "2.0.1+swiftconv"

__all__ = [each for each in list(globals()) if not each.startswith("_") and each not in ("annotations", "DIALECT")]


def load_ipython_extension(ipython: _Any) -> None:
    """Serve ``%load_ext swiftconv.torch``."""
    _load_extension(DIALECT, ipython)


def unload_ipython_extension(ipython: _Any) -> None:
    """Serve ``%unload_ext swiftconv.torch``."""
    _unload_extension(DIALECT, ipython)


__getattr__ = _missing("torch", "torch", globals())
