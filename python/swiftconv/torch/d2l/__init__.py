"""``d2l.torch``: what *Dive into Deep Learning* keeps of its own between chapters, for the dialect of PyTorch.

It has the classes of edition 1.0 (`Module`, `DataModule`, `Trainer`, `Classifier`, ...) and the functions of the
editions before it, which the translations use (`train_ch3`, `train_ch6`, `Animator`, ...).
"""

# What is imported here is what the module offers.
# ruff: noqa: F401

from __future__ import annotations

import math
import os
import random
import sys
import time

import numpy as np

import swiftconv.torch as torch
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
from swiftconv.torch import nn, torchvision
from swiftconv.torch.nn import functional as F
from swiftconv.torch.torchvision import transforms

from .aliases import *  # noqa: F403
from .datasets import *  # noqa: F403
from .devices import *  # noqa: F403
from .earlier import *  # noqa: F403
from .models import *  # noqa: F403
from .training import *  # noqa: F403

d2l = sys.modules[__name__]

__all__ = [each for each in list(globals()) if not each.startswith("_") and each != "annotations"]

__getattr__ = _missing("torch", "d2l.torch", globals())
