"""The larger or smaller of two elements, whose gradient goes to the first of two equal ones.

In TensorFlow and MXNet; in PyTorch and JAX, both get half of it, as in swiftconv itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import ops
from .._core import TensorBase

if TYPE_CHECKING:
    from ..tensor import Tensor

__all__ = ["maximum", "minimum"]


def _ordered(a: Any, b: Any) -> tuple[Any, Any, bool]:
    """Both operands, a tensor before a number, and whether the operation is recorded."""
    if not isinstance(a, TensorBase):
        a, b = b, a
    return a, b, a.requires_grad or getattr(b, "requires_grad", False)


def maximum(a: Tensor | float, b: Tensor | float) -> Tensor:
    """Return the larger of every two elements; NaN where either is NaN.

    Example
    -------
    >>> from swiftconv.dialects import ties
    >>> x = sc.zeros(1, requires_grad=True)
    >>> ties.maximum(x, 0.0).backward()
    >>> x.grad
    tensor([1.])
    """
    a, b, is_recorded = _ordered(a, b)
    return ops.where((a >= b) | (a != a), a, b) if is_recorded else ops.maximum(a, b)


def minimum(a: Tensor | float, b: Tensor | float) -> Tensor:
    """Return the smaller of every two elements; NaN where either is NaN."""
    a, b, is_recorded = _ordered(a, b)
    return ops.where((a <= b) | (a != a), a, b) if is_recorded else ops.minimum(a, b)
