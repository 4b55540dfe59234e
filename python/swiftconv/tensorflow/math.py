"""``tf.math``."""

from __future__ import annotations

from ..dialects import missing as _missing
from ._elementwise import *  # noqa: F403
from ._elementwise import negative, relu  # noqa: F401
from ._math import (  # noqa: F401
    add_n,
    argmax,
    argmin,
    cumsum,
    reduce_all,
    reduce_any,
    reduce_logsumexp,
    reduce_max,
    reduce_mean,
    reduce_min,
    reduce_prod,
    reduce_std,
    reduce_sum,
    reduce_variance,
)
from .nn import log_softmax, softmax  # noqa: F401

__getattr__ = _missing("tensorflow", "tensorflow.math", globals())
