"""``tf.keras.regularizers``: what large weights cost."""

from __future__ import annotations

from typing import Any

from ...dialects import missing as _missing
from .._elementwise import abs as _abs
from .._elementwise import square as _square
from .._math import reduce_sum as _reduce_sum

__all__ = ["L1", "L2", "L1L2", "Regularizer", "get", "l1", "l2", "l1_l2"]


class Regularizer:
    """Returns the cost of a weight when called."""

    def __call__(self, x: Any) -> Any:
        """Return the cost."""
        # Abstract: each regularizer below has its own.
        raise NotImplementedError


class L1L2(Regularizer):
    """``l1 * sum(|x|) + l2 * sum(x * x)``."""

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        self.l1, self.l2 = l1 or 0.0, l2 or 0.0

    def __call__(self, x: Any) -> Any:
        """Return the cost."""
        first = self.l1 * _reduce_sum(_abs(x)) if self.l1 else None
        second = self.l2 * _reduce_sum(_square(x)) if self.l2 or first is None else None
        return second if first is None else first if second is None else first + second


class L1(L1L2):
    """``l1 * sum(|x|)``."""

    def __init__(self, l1: float = 0.01) -> None:
        super().__init__(l1=l1)


class L2(L1L2):
    """``l2 * sum(x * x)``."""

    def __init__(self, l2: float = 0.01) -> None:
        super().__init__(l2=l2)


l1, l2 = L1, L2


def l1_l2(l1: float = 0.01, l2: float = 0.01) -> L1L2:
    """Return the sum of both costs."""
    return L1L2(l1, l2)


def get(identifier: Any) -> Any:
    """Return the regularizer for a name, a class, or something to call."""
    found = (
        {"l1": L1, "l2": L2, "L1": L1, "L2": L2}.get(identifier, identifier)
        if isinstance(identifier, str)
        else identifier
    )
    return found() if isinstance(found, type) else found


for _name in __all__:
    if isinstance(globals()[_name], type):
        globals()[_name].__module__ = "keras.regularizers"

__getattr__ = _missing("tensorflow", "tensorflow.keras.regularizers", globals())
