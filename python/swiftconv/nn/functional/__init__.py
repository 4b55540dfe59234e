"""Layers as functions: everything they need is an argument."""

from __future__ import annotations

from . import activation, conv, dense, loss, normalization, pooling, resampling, windows
from . import dropout as _dropout
from .activation import *  # noqa: F403
from .conv import *  # noqa: F403
from .dense import *  # noqa: F403
from .dropout import *  # noqa: F403
from .loss import *  # noqa: F403
from .normalization import *  # noqa: F403
from .pooling import *  # noqa: F403
from .resampling import *  # noqa: F403
from .windows import *  # noqa: F403

__all__ = [
    *activation.__all__,
    *conv.__all__,
    *dense.__all__,
    *_dropout.__all__,
    *loss.__all__,
    *normalization.__all__,
    *pooling.__all__,
    *resampling.__all__,
    *windows.__all__,
]
