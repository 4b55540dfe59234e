"""What a library must offer to be measured."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from operations import Operation, draw

Call = Callable[[], Any]


class Peer:
    """A library under test, alive in a process of its own.

    Each operation of `operations.py` is a method of the same name in lower case, which takes the operation and returns
    a function of the library's tensors, or None when the library has no such thing.
    """

    version = ""

    def __init__(self, threads: int) -> None:
        """Use so many threads."""

    def prepare(self, operation: Operation, gradients: tuple[int, ...], dtype: Any) -> Call | None:
        """What is timed."""
        build = getattr(self, type(operation).__name__.lower(), None)
        function = build and build(operation)
        if function is None:
            return None
        return self.call(function, operation, gradients, dtype)

    def call(
        self, function: Callable[..., Any], operation: Operation, gradients: tuple[int, ...], dtype: Any
    ) -> Call | None:
        """A call of the function under no tape, or with some gradients; its inputs are made here."""
        if gradients:
            return None
        arrays = operation.inputs(dtype)
        return lambda: function(*arrays)

    def arrays(self, results: Any, operation: Operation, gradients: tuple[int, ...]) -> list[np.ndarray]:
        """Results in PyTorch's layout."""
        return [np.asarray(results)]


def start_of(shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """Where backward starts: the gradient of a result of this shape."""
    return draw(shape, dtype, 7)


class ChannelsLast(Peer):
    """A library whose images are (N, space..., C) and whose weights are (space..., I, O)."""

    def native(self, array: np.ndarray, role: str, operation: Operation) -> np.ndarray:
        if role == "image":
            return np.ascontiguousarray(np.moveaxis(array, 1, -1))
        if role == "weight":
            return np.ascontiguousarray(np.moveaxis(array, (0, 1), (-1, -2)))
        return array

    def canonical(self, array: np.ndarray, role: str, operation: Operation) -> np.ndarray:
        if role == "image" and array.ndim > 2:
            return np.moveaxis(array, -1, 1)
        if role == "weight":
            return np.moveaxis(array, (-1, -2), (0, 1))
        return array

    def natives(self, operation: Operation, dtype: Any) -> list[np.ndarray]:
        pairs = zip(operation.inputs(dtype), operation.roles, strict=False)
        return [self.native(array, role, operation) for array, role in pairs]

    def start(self, operation: Operation, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        """The gradient of a result that has this shape in the library's own layout."""
        is_image = operation.result_role == "image"
        ours = (shape[0], shape[-1], *shape[1:-1]) if is_image else shape
        return self.native(start_of(ours, dtype), operation.result_role, operation)

    def arrays(self, results: Any, operation: Operation, gradients: tuple[int, ...]) -> list[np.ndarray]:
        if not isinstance(results, (tuple, list)):
            results = [results]
        roles = [operation.result_role, *(operation.roles[i] for i in gradients)]
        return [self.canonical(np.asarray(r), role, operation) for r, role in zip(results, roles, strict=False)]
