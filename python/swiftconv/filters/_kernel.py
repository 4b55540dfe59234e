"""How kernels become tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy

from .._dtype import float32, to_dtype
from ..conversion import from_numpy

if TYPE_CHECKING:
    from ..tensor import Tensor


def kernel(values: Any, dtype: Any) -> Tensor:
    """Return numbers as a new tensor, of float32 when no dtype is given."""
    wanted = float32 if dtype is None else to_dtype(dtype)
    if not wanted.is_floating_point:
        raise TypeError(f"filters: dtype must be float32 or float64, got {wanted}")
    return from_numpy(numpy.array(values, dtype=wanted.numpy_dtype))
