"""``d2l.jax``: what *Dive into Deep Learning* keeps of its own between chapters, for the dialect of JAX."""

# What is imported here is what the module offers.
# ruff: noqa: F401

from __future__ import annotations

import math
import os
import random
import sys
import time
from dataclasses import field
from functools import partial

import numpy as np

import swiftconv.jax as jax
from swiftconv.dialects.board import Accumulator, Animator, HyperParameters, ProgressBoard, Timer, add_to_class
from swiftconv.dialects.downloads import DATA_HUB, DATA_URL, download, extract
from swiftconv.dialects.plots import plot, plt, set_axes, set_figsize, show_images, use_svg_display
from swiftconv.dialects.switch import missing as _missing
from swiftconv.jax import numpy as jnp
from swiftconv.jax import optax
from swiftconv.jax.flax import linen as nn
from swiftconv.jax.flax.training import train_state

from .aliases import *  # noqa: F403
from .datasets import *  # noqa: F403
from .models import *  # noqa: F403
from .training import *  # noqa: F403

d2l = sys.modules[__name__]

__all__ = [each for each in list(globals()) if not each.startswith("_") and each != "annotations"]

__getattr__ = _missing("jax", "d2l.jax", globals())
