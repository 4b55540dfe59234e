"""swiftconv with the names of TensorFlow and Keras: ``import swiftconv.tensorflow as tf``.

In a notebook ``%load_ext swiftconv.tensorflow`` makes ``import tensorflow as tf`` mean this module.

Example
-------
>>> import swiftconv.tensorflow as tf
>>> tf.reduce_sum(tf.constant([[1.0, 2.0], [3.0, 4.0]]), axis=0)
<tf.Tensor: shape=(2,), dtype=float32, numpy=array([4., 6.], dtype=float32)>
"""

# What is imported here is what the module offers.
# ruff: noqa: F401

from __future__ import annotations

from typing import Any as _Any

from ..dialects import missing as _missing
from . import _elementwise as _elementwise
from . import config, data, distribute, errors, image, keras, linalg, math, nest, nn, random
from ._create import *  # noqa: F403
from ._dialect import DIALECT
from ._dtypes import DType, as_dtype, bool, float32, float64, int32, int64, uint8
from ._elementwise import (
    abs,
    acos,
    add,
    asin,
    atan,
    atan2,
    clip_by_value,
    cos,
    cosh,
    divide,
    equal,
    exp,
    floor,
    greater,
    greater_equal,
    less,
    less_equal,
    logical_and,
    logical_not,
    logical_or,
    maximum,
    minimum,
    multiply,
    negative,
    not_equal,
    pow,
    round,
    sigmoid,
    sign,
    sin,
    sinh,
    sqrt,
    square,
    stop_gradient,
    subtract,
    tan,
    tanh,
    truediv,
    where,
)
from ._function import device, function, name_scope
from ._initial import RandomNormal as random_normal_initializer
from ._initial import RandomUniform as random_uniform_initializer
from ._math import *  # noqa: F403
from ._shape import TensorShape, TensorSpec
from ._tape import GradientTape, UnconnectedGradients
from ._tensor import Tensor
from ._variable import Variable
from .keras import initializers, losses, metrics, optimizers
from .keras._engine import Layer as Module
from .keras.initializers import Constant as constant_initializer
from .keras.initializers import Ones as ones_initializer
from .keras.initializers import Zeros as zeros_initializer

newaxis = None
double = float64
__version__ = "2.12.0"

__all__ = [each for each in list(globals()) if not each.startswith("_") and each not in ("annotations", "DIALECT")]


def executing_eagerly() -> _Any:
    """Return True: everything is computed at once."""
    return True


def print(*inputs: _Any, **_: _Any) -> None:
    """Print values as arrays do."""
    import builtins

    builtins.print(*(each.numpy() if isinstance(each, (Tensor, Variable)) else each for each in inputs))


def load_ipython_extension(ipython: _Any) -> None:
    """Do what ``%load_ext swiftconv.tensorflow`` does."""
    from ..dialects.switch import load_extension

    load_extension(DIALECT, ipython)


def unload_ipython_extension(ipython: _Any) -> None:
    """Do what ``%unload_ext swiftconv.tensorflow`` does."""
    from ..dialects.switch import unload_extension

    unload_extension(DIALECT, ipython)


__getattr__ = _missing("tensorflow", "tensorflow", globals())
