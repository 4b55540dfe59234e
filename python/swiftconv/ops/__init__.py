"""Operations as functions. Each one is a signature and a page of documentation over an operator of the Swift core."""

from __future__ import annotations

from . import (
    activation,
    arithmetic,
    comparison,
    exponential,
    indexing,
    joining,
    linalg,
    reduction,
    rounding,
    shape,
    sorting,
    trigonometry,
)
from .activation import *  # noqa: F403
from .arithmetic import *  # noqa: F403
from .comparison import *  # noqa: F403
from .exponential import *  # noqa: F403
from .indexing import *  # noqa: F403
from .joining import *  # noqa: F403
from .linalg import *  # noqa: F403
from .reduction import *  # noqa: F403
from .rounding import *  # noqa: F403
from .shape import *  # noqa: F403
from .sorting import *  # noqa: F403
from .trigonometry import *  # noqa: F403

__all__ = [
    *activation.__all__,
    *arithmetic.__all__,
    *comparison.__all__,
    *exponential.__all__,
    *indexing.__all__,
    *joining.__all__,
    *linalg.__all__,
    *reduction.__all__,
    *rounding.__all__,
    *shape.__all__,
    *sorting.__all__,
    *trigonometry.__all__,
]
