"""Convolution and automatic differentiation, computed in Swift, with PyTorch's names and NumPy's memory.

Example
-------
>>> X = sc.tensor([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0], [6.0, 7.0, 8.0]])
>>> K = sc.tensor([[0.0, 1.0], [2.0, 3.0]])
>>> sc.corr2d(X, K)
tensor([[19., 25.],
        [37., 43.]])
"""

from __future__ import annotations

from typing import TYPE_CHECKING as _TYPE_CHECKING

from . import autograd, cuda, ops
from . import tensor as _tensor_module  # noqa: F401 - before the function `tensor` takes its name
from ._algorithms import conv_algorithm, explain, get_conv_algorithm
from ._config import get_num_threads, set_num_threads, show_config
from ._device import device
from ._dtype import (
    bool,
    double,
    dtype,
    float,
    float32,
    float64,
    int,
    int32,
    int64,
    long,
    promote_types,
    uint8,
)
from ._format import set_printoptions
from ._size import Size
from ._version import __version__
from .autograd import enable_grad, is_grad_enabled, no_grad, set_grad_enabled
from .conversion import *  # noqa: F403
from .conversion import __all__ as _conversion_names
from .correlation import convolve2d, corr2d
from .correlation_matrix import corr2d_matrix
from .creation import *  # noqa: F403
from .creation import __all__ as _creation_names
from .ops import *  # noqa: F403
from .random import manual_seed, seed
from .sampling import *  # noqa: F403
from .sampling import __all__ as _sampling_names
from .serialization import load, save
from .tensor import Tensor, is_tensor

if _TYPE_CHECKING:
    from . import data, filters, inspection, models, nn, optim, train, viz
    from .inspection import receptive_field, summary
    from .nn.chapter import Conv2D

__all__ = [
    "Conv2D",
    "Size",
    "Tensor",
    "__version__",
    "autograd",
    "bool",
    "conv_algorithm",
    "convolve2d",
    "corr2d",
    "corr2d_matrix",
    "cuda",
    "data",
    "device",
    "double",
    "dtype",
    "enable_grad",
    "explain",
    "filters",
    "float",
    "float32",
    "float64",
    "get_conv_algorithm",
    "get_num_threads",
    "inspection",
    "int",
    "int32",
    "int64",
    "is_grad_enabled",
    "is_tensor",
    "load",
    "long",
    "manual_seed",
    "models",
    "nn",
    "no_grad",
    "optim",
    "promote_types",
    "receptive_field",
    "save",
    "seed",
    "set_grad_enabled",
    "set_num_threads",
    "set_printoptions",
    "show_config",
    "summary",
    "train",
    "uint8",
    "viz",
    *_conversion_names,
    *_creation_names,
    *_sampling_names,
    *ops.__all__,
]

# What is imported when it is first used, so that the import of the package stays short.
_LATER = {
    "Conv2D": ".nn.chapter",
    "data": ".data",
    "filters": ".filters",
    "inspection": ".inspection",
    "models": ".models",
    "nn": ".nn",
    "optim": ".optim",
    "receptive_field": ".inspection",
    "summary": ".inspection",
    "train": ".train",
    "viz": ".viz",
}


def __getattr__(name: str) -> object:
    if name in ("float16", "half", "bfloat16", "complex64", "complex128", "int8", "int16"):
        raise AttributeError(f"{name} is not supported; the dtypes are bool, uint8, int32, int64, float32 and float64")
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    module = import_module(_LATER[name], __name__)
    found = module if _LATER[name] == f".{name}" else getattr(module, name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})
