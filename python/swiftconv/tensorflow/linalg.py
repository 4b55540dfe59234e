"""``tf.linalg``."""

from __future__ import annotations

from ..dialects import missing as _missing
from ._create import eye
from ._math import matmul, matvec, norm, tensordot
from ._math import transpose as _transpose

__all__ = ["eye", "matmul", "matrix_transpose", "matvec", "norm", "tensordot"]


def matrix_transpose(a: object, name: str | None = None) -> object:
    """Return the tensor with its last two axes exchanged."""
    rank = len(a.shape)  # type: ignore[attr-defined]
    return _transpose(a, [*range(rank - 2), rank - 1, rank - 2])


__getattr__ = _missing("tensorflow", "tensorflow.linalg", globals())
