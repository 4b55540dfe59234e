"""What is computed, apart from any library: shapes, inputs, and how much work it is."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np

Arrays = list[np.ndarray]


def draw(shape: tuple[int, ...], dtype: Any, seed: int = 0) -> np.ndarray:
    """Normal numbers that are float32 numbers in every type."""
    return np.random.default_rng(seed).standard_normal(shape, np.float32).astype(dtype, copy=False)


class Operation(ABC):
    """A function of some arrays.

    `inputs` are in PyTorch's layout. `roles` says what each is: an "image" (N, C, space...), a "weight" of a
    convolution, or "plain"; libraries with another layout bring images and weights, and results that are images, into
    it before the clock starts.
    """

    roles: tuple[str, ...] = ("image",)
    result_role = "image"
    classes = 0

    @abstractmethod
    def inputs(self, dtype: Any) -> Arrays:
        """The arrays that the function is timed with."""

    def flops(self, results: int) -> float:
        """Multiplications and additions for the result and `results - 1` gradients, padding included."""
        return 0

    def bytes(self, gradients: int) -> float:
        """What must be read and written at least, 0 where arithmetic is the limit."""
        return 0


@dataclass(frozen=True)
class Conv(Operation):
    """A convolution of `n` images of equal sides."""

    n: int
    ic: int
    size: int
    oc: int
    k: int
    s: int = 1
    p: int = 0
    d: int = 1
    g: int = 1
    axes: int = 2
    transposed: bool = False

    roles = ("image", "weight")

    @property
    def is_depthwise(self) -> bool:
        return self.g == self.ic > 1

    @property
    def output(self) -> int:
        if self.transposed:
            return (self.size - 1) * self.s - 2 * self.p + self.k
        return (self.size + 2 * self.p - self.d * (self.k - 1) - 1) // self.s + 1

    def inputs(self, dtype: Any) -> Arrays:
        channels = (self.ic, self.oc // self.g) if self.transposed else (self.oc, self.ic // self.g)
        x = draw((self.n, self.ic, *[self.size] * self.axes), dtype)
        w = draw((*channels, *[self.k] * self.axes), np.float64, 1) / math.sqrt(self.ic // self.g * self.k**self.axes)
        return [x, w.astype(np.float32).astype(dtype)]

    def flops(self, results: int) -> float:
        positions = self.size if self.transposed else self.output
        return 2.0 * results * self.n * self.oc * self.ic // self.g * (positions * self.k) ** self.axes

    def bytes(self, gradients: int) -> float:
        if not self.is_depthwise:
            return 0
        x, y = self.n * self.ic * self.size**self.axes, self.n * self.oc * self.output**self.axes
        return 4.0 * ((x + y) + gradients * (x + y))


@dataclass(frozen=True)
class Linear(Operation):
    """`n` rows times a matrix, plus a bias where `bias` says so."""

    n: int
    inputs_: int
    outputs: int
    bias: bool = True

    result_role = "plain"

    @property
    def roles(self) -> tuple[str, ...]:
        return ("plain",) * (3 if self.bias else 2)

    def inputs(self, dtype: Any) -> Arrays:
        arrays = [draw((self.n, self.inputs_), dtype), draw((self.outputs, self.inputs_), dtype, 1)]
        return [*arrays, draw((self.outputs,), dtype, 2)] if self.bias else arrays

    def flops(self, results: int) -> float:
        return 2.0 * min(results, 3) * self.n * self.inputs_ * self.outputs


@dataclass(frozen=True)
class Pool(Operation):
    """The largest or the mean of windows; `k` 0 stands for the whole image."""

    mode: str
    shape: tuple[int, int, int, int]
    k: int = 0
    s: int = 0
    p: int = 0

    def inputs(self, dtype: Any) -> Arrays:
        return [draw(self.shape, dtype)]

    def bytes(self, gradients: int) -> float:
        x = math.prod(self.shape)
        side = self.shape[2] if not self.k else self.k
        outputs = ((self.shape[2] + 2 * self.p - side) // (self.s or side) + 1) ** 2
        y = self.shape[0] * self.shape[1] * outputs
        return 4.0 * (1 + gradients) * (x + y)


@dataclass(frozen=True)
class BatchNorm(Operation):
    """Batch normalisation in training, with running statistics."""

    shape: tuple[int, int, int, int]
    roles = ("image", "plain", "plain")

    def inputs(self, dtype: Any) -> Arrays:
        return [draw(self.shape, dtype), draw(self.shape[1:2], dtype, 1), draw(self.shape[1:2], dtype, 2)]

    def bytes(self, gradients: int) -> float:
        # The statistics need a pass of their own, and so do the sums that the input's gradient depends on.
        return 4.0 * math.prod(self.shape) * (3 + (5 if gradients else 0))


@dataclass(frozen=True)
class LayerNorm(Operation):
    """Layer normalisation over the last axis."""

    shape: tuple[int, int]
    roles = ("plain", "plain", "plain")
    result_role = "plain"

    def inputs(self, dtype: Any) -> Arrays:
        return [draw(self.shape, dtype), draw(self.shape[1:], dtype, 1), draw(self.shape[1:], dtype, 2)]

    def bytes(self, gradients: int) -> float:
        # A row stays in the cache between the walks over it.
        return 4.0 * math.prod(self.shape) * (2 + (3 if gradients else 0))


@dataclass(frozen=True)
class Unary(Operation):
    """`relu`, `sigmoid`, or `softmax` along the last axis."""

    name: str
    shape: tuple[int, ...]
    roles = ("plain",)
    result_role = "plain"

    def inputs(self, dtype: Any) -> Arrays:
        return [draw(self.shape, dtype)]

    def bytes(self, gradients: int) -> float:
        return 4.0 * math.prod(self.shape) * (2 + (3 if gradients else 0))


@dataclass(frozen=True)
class CrossEntropy(Operation):
    """The mean loss of rows of scores."""

    shape: tuple[int, int]
    roles = ("plain",)
    result_role = "plain"

    def inputs(self, dtype: Any) -> Arrays:
        return [draw(self.shape, dtype)]

    @property
    def targets(self) -> np.ndarray:
        return np.random.default_rng(5).integers(0, self.shape[1], self.shape[0])

    def bytes(self, gradients: int) -> float:
        return 4.0 * math.prod(self.shape) * (1 + (2 if gradients else 0))


@dataclass(frozen=True)
class Elementary(Operation):
    """`add`, `mul` or `sum` of four numbers, with or without the tape."""

    name: str
    tape: bool = False

    def inputs(self, dtype: Any) -> Arrays:
        return [draw((4,), dtype), draw((4,), dtype, 1)]


@dataclass(frozen=True)
class LearningStep(Operation):
    """A step of the chapter's loop: convolution, square, sum, backward, update."""

    def inputs(self, dtype: Any) -> Arrays:
        image = np.ones((6, 8), dtype)
        image[:, 2:6] = 0
        return [image[None, None], (image[:, :-1] - image[:, 1:])[None, None], draw((1, 1, 1, 2), dtype)]


@dataclass(frozen=True)
class Corr2d(Operation):
    """The correlation of one plane with one kernel, without padding."""

    shape: tuple[int, int]
    kernel: tuple[int, int]

    def inputs(self, dtype: Any) -> Arrays:
        return [draw(self.shape, dtype), draw(self.kernel, dtype, 1)]

    @property
    def output(self) -> tuple[int, int]:
        return self.shape[0] - self.kernel[0] + 1, self.shape[1] - self.kernel[1] + 1

    def flops(self, results: int) -> float:
        return 2.0 * math.prod(self.output) * math.prod(self.kernel)

    def bytes(self, gradients: int) -> float:
        return 4.0 * (math.prod(self.shape) + math.prod(self.output))


@dataclass(frozen=True)
class TrainingStep(Operation):
    """Forward, loss, backward and update of a model of `models.py`; the result is the loss."""

    model: str
    shape: tuple[int, int, int, int]
    nominal: float

    def inputs(self, dtype: Any) -> Arrays:
        return [draw(self.shape, dtype)]

    @property
    def targets(self) -> np.ndarray:
        return np.random.default_rng(5).integers(0, 10, self.shape[0])

    def flops(self, results: int) -> float:
        return self.nominal
