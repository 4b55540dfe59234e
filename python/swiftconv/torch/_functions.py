"""The few functions of ``torch`` that are spelled differently in swiftconv."""

from __future__ import annotations

import math
from typing import Any

import swiftconv as sc

__all__ = [
    "FloatTensor",
    "IntTensor",
    "LongTensor",
    "get_default_dtype",
    "inf",
    "inference_mode",
    "is_floating_point",
    "nan",
    "pi",
]

inf, nan, pi = math.inf, math.nan, math.pi

inference_mode = sc.no_grad


def get_default_dtype() -> sc.dtype:
    """Return float32, the dtype that numbers get."""
    return sc.float32


def is_floating_point(input: sc.Tensor) -> bool:
    """Tell whether a tensor's elements are floating-point numbers."""
    return input.dtype.is_floating_point


def _made(arguments: tuple[Any, ...], dtype: sc.dtype) -> sc.Tensor:
    if arguments and all(isinstance(each, int) for each in arguments):
        return sc.empty(*arguments, dtype=dtype)
    return sc.tensor(*(arguments or ([],)), dtype=dtype)


def FloatTensor(*arguments: Any) -> sc.Tensor:
    """Return a float32 tensor of some data, or an empty one of some sizes."""
    return _made(arguments, sc.float32)


def IntTensor(*arguments: Any) -> sc.Tensor:
    """Return an int32 tensor of some data, or an empty one of some sizes."""
    return _made(arguments, sc.int32)


def LongTensor(*arguments: Any) -> sc.Tensor:
    """Return an int64 tensor of some data, or an empty one of some sizes."""
    return _made(arguments, sc.int64)
