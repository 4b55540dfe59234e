"""``d2l.tensorflow``: what *Dive into Deep Learning* keeps of its own between chapters, for TensorFlow's dialect."""

# What is imported here is what the module offers.
# ruff: noqa: F401

from __future__ import annotations

import math
import os
import random
import sys
import time

import numpy as np

import swiftconv.tensorflow as tf
from swiftconv.dialects.board import (
    Accumulator,
    Animator,
    HyperParameters,
    ProgressBoard,
    Timer,
    add_to_class,
)
from swiftconv.dialects.downloads import DATA_HUB, DATA_URL, download, extract
from swiftconv.dialects.plots import plot, plt, set_axes, set_figsize, show_images, use_svg_display
from swiftconv.dialects.switch import missing as _missing
from swiftconv.tensorflow import (
    Variable,
    abs,
    argmax,
    concat,
    cos,
    cosh,
    exp,
    expand_dims,
    eye,
    float32,
    int32,
    int64,
    linspace,
    matmul,
    meshgrid,
    ones,
    ones_like,
    reduce_mean,
    reduce_sum,
    repeat,
    reshape,
    sigmoid,
    sin,
    sinh,
    stack,
    tanh,
    transpose,
    zeros,
    zeros_like,
)
from swiftconv.tensorflow import cast as astype
from swiftconv.tensorflow import constant as tensor
from swiftconv.tensorflow import matmul as batch_matmul
from swiftconv.tensorflow import range as arange
from swiftconv.tensorflow.keras import Model as nn_Module
from swiftconv.tensorflow.math import log
from swiftconv.tensorflow.random import normal
from swiftconv.tensorflow.random import normal as randn
from swiftconv.tensorflow.random import uniform as rand

from .blocks import *  # noqa: F403
from .datasets import *  # noqa: F403
from .earlier import *  # noqa: F403
from .training import *  # noqa: F403

d2l = sys.modules[__name__]


def numpy(x: tf.Tensor) -> np.ndarray:
    """Return a tensor as a NumPy array."""
    return x.numpy()


def size(a: tf.Tensor) -> int:
    """Return the number of elements."""
    return int(tf.size(a))


def to(x: tf.Tensor, device: object) -> tf.Tensor:
    """Return the tensor: there is one device."""
    return x


# The book's classes belong to this module, which shows when they are printed.
for _each in list(globals().values()):
    if isinstance(_each, type) and _each.__module__.startswith(f"{__name__}."):
        _each.__module__ = "d2l.tensorflow"

__all__ = [each for each in list(globals()) if not each.startswith("_") and each != "annotations"]

__getattr__ = _missing("tensorflow", "d2l.tensorflow", globals())
