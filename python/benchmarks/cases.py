"""What is measured: the rows of the tables, and what must hold for each group of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from operations import (
    BatchNorm,
    Conv,
    Corr2d,
    CrossEntropy,
    Elementary,
    LayerNorm,
    LearningStep,
    Linear,
    Operation,
    Pool,
    TrainingStep,
    Unary,
)

QUICK, USUAL, FULL = range(3)


@dataclass(frozen=True)
class Target:
    """How many times faster than the best of some libraries a group must be: on average (geometric), and in any row.

    Of all libraries that are measured, where `peers` names none.
    """

    work: str
    mean: float
    row: float = 0
    peers: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The work, and which library it is compared with where that is not the best of all."""
        names = dict.fromkeys(_NAMES[peer] for peer in self.peers)
        return f"{self.work}; beside {' and '.join(names)}" if names else self.work


_NAMES = {"torch": "PyTorch", "torch_cl": "PyTorch", "opencv": "OpenCV"}


TARGETS = {
    "tiny": Target("a tensor operation on 4 floats", 2.0, 0, ("torch",)),
    "learning": Target("a learning step of the chapter", 8.0, 0, ("torch",)),
    "corr2d tiny": Target("`corr2d`, tiny inputs", 1.0, 1.0, ("opencv",)),
    "corr2d": Target("`corr2d` 512² to 2048², kernels 3 to 63", 1.5, 1.0),
    "3x3": Target("conv2d 3×3 stride 1, forward", 2.0, 1.3),
    "3x3 gradients": Target("conv2d 3×3 stride 1, forward and both gradients", 1.8, 1.2),
    "few channels": Target("convolutions with few input channels", 1.5),
    "depthwise": Target("depthwise 3×3", 1.5),
    "matrix": Target("1×1 and strided convolutions, linear, matmul", 1.0),
    "other": Target("transposed, dilated, grouped, conv1d, conv3d", 1.0, 0, ("torch", "torch_cl")),
    "memory": Target("pooling, batch norm, relu, softmax, cross-entropy", 1.0),
    "lenet": Target("training step, LeNet (256, 1, 28, 28)", 2.5),
    "resnet18": Target("training step, ResNet-18 (32, 1, 96, 96)", 1.5),
}


@dataclass(frozen=True)
class Case:
    """One row.

    `gradients` are the numbers of the inputs whose gradients are computed as well. `level` is the shortest suite that
    has the row. `tolerance` is what results may differ from float64, as a share of their root mean square.
    """

    group: str
    name: str
    operation: Operation
    gradients: tuple[int, ...] = ()
    dtype: str = "float32"
    level: int = USUAL
    tolerance: float = 1e-3


def _passes(group: str, name: str, operation: Operation, level: int, both: str = "") -> Iterator[Case]:
    """Forward alone, and with the gradients of all inputs."""
    yield Case(group, f"{name} fwd", operation, level=level)
    yield Case(both or group, f"{name} fwd+bwd", operation, tuple(range(len(operation.roles))), level=level)


def _chapter() -> Iterator[Case]:
    for tape in (False, True):
        for name in ("add", "mul", "sum"):
            yield Case("tiny", f"{name} (4,){', tape' * tape}", Elementary(name, tape), level=QUICK)
    yield Case("learning", "learning step (6, 8)", LearningStep(), level=QUICK)
    for shape, kernel in (((3, 3), (2, 2)), ((6, 8), (1, 2)), ((28, 28), (3, 3))):
        yield Case("corr2d tiny", f"corr2d {shape} by {kernel}", Corr2d(shape, kernel), level=QUICK)
    for dtype in ("float32", "float64"):
        for size in (512, 1024, 2048):
            for k in (3, 5, 7, 15, 31, 63):
                operation = Corr2d((size, size), (k, k))
                level = QUICK if size == 512 and k in (3, 7, 63) and dtype == "float32" else USUAL
                level = FULL if dtype == "float64" and (size == 1024 or k in (5, 15, 63)) else level
                yield Case("corr2d", f"corr2d {size} by {k}x{k} {dtype}", operation, dtype=dtype, level=level)


# name: channels in, size, channels out
_SQUARE_3X3 = {
    "rn18.64@56": (64, 56, 64),
    "rn18.128@28": (128, 28, 128),
    "rn18.256@14": (256, 14, 256),
    "rn18.512@7": (512, 7, 512),
    "vgg.c2": (64, 112, 128),
    "vgg.c3": (128, 56, 256),
    "vgg.c4": (256, 56, 256),
    "vgg.c5": (256, 28, 512),
    "vgg.c6": (512, 28, 512),
    "vgg.c7": (512, 14, 512),
    "alex.c3": (256, 12, 384),
    "alex.c4": (384, 12, 384),
    "alex.c5": (384, 12, 256),
}
_BOOK_RESNET = {"d2l.64@24": (64, 24), "d2l.128@12": (128, 12), "d2l.256@6": (256, 6), "d2l.512@3": (512, 3)}


def _square_level(name: str, n: int) -> int:
    if n == 1 and name in ("rn18.64@56", "rn18.512@7"):
        return QUICK
    if n == 32 or name in ("vgg.c3", "vgg.c5", "alex.c4"):
        return FULL
    return FULL if n == 8 and name in ("vgg.c2", "vgg.c6", "alex.c5") else USUAL


def _convolutions() -> Iterator[Case]:
    for n in (1, 8, 32):
        for name, (ic, size, oc) in _SQUARE_3X3.items():
            operation = Conv(n, ic, size, oc, 3, p=1)
            yield from _passes("3x3", f"{name} n{n}", operation, _square_level(name, n), "3x3 gradients")
    for name, (channels, size) in _BOOK_RESNET.items():
        operation = Conv(32, channels, size, channels, 3, p=1)
        yield from _passes("3x3", f"{name} n32", operation, USUAL, "3x3 gradients")


def _few_channels() -> Iterator[Case]:
    layers = {
        "lenet.c1": (1, 28, 6, 5, 1, 2),
        "lenet.c2": (6, 14, 16, 5, 1, 0),
        "vgg.c1": (3, 224, 64, 3, 1, 1),
        "alex.c1": (3, 224, 96, 11, 4, 1),
        "rn18.stem": (3, 224, 64, 7, 2, 3),
        "d2l.stem": (1, 96, 64, 7, 2, 3),
    }
    for name, (ic, size, oc, k, s, p) in layers.items():
        batches = {"lenet.c1": (1, 32, 256), "lenet.c2": (1, 32, 256), "d2l.stem": (32,)}.get(name, (1, 8))
        for n in batches:
            operation = Conv(n, ic, size, oc, k, s, p)
            level = QUICK if name == "lenet.c1" and n == 32 else USUAL
            yield from _passes("few channels", f"{name} n{n}", operation, level)
            if ic == 3 or name == "d2l.stem":
                yield Case("few channels", f"{name} n{n} fwd+dw", operation, (1,), level=level)


def _depthwise() -> Iterator[Case]:
    for n in (1, 8):
        for channels, size, s in ((32, 112, 1), (64, 112, 2), (128, 56, 1), (256, 28, 1), (512, 14, 1), (1024, 7, 1)):
            name = f"mb.dw{channels}@{size}{' s2' if s == 2 else ''} n{n}"
            operation = Conv(n, channels, size, channels, 3, s, 1, g=channels)
            level = QUICK if n == 1 and channels in (32, 1024) else USUAL
            level = FULL if n == 8 and channels in (64, 256, 512) else level
            yield from _passes("depthwise", name, operation, level)


def _matrices() -> Iterator[Case]:
    for n in (1, 8):
        for ic, size, oc in ((64, 56, 128), (256, 28, 256), (1024, 7, 1024)):
            level = QUICK if n == 1 and ic == 256 else USUAL
            yield from _passes("matrix", f"mb.pw{ic}-{oc}@{size} n{n}", Conv(n, ic, size, oc, 1), level)
        for ic, size in ((64, 56), (128, 28), (256, 14)):
            operation = Conv(n, ic, size, 2 * ic, 3, 2, 1)
            yield from _passes(
                "matrix", f"rn18.{ic}-{2 * ic} 3x3 s2 n{n}", operation, FULL if n == 1 and ic > 64 else USUAL
            )
            operation = Conv(n, ic, size, 2 * ic, 1, 2)
            yield from _passes("matrix", f"rn18.{ic}-{2 * ic} 1x1 s2 n{n}", operation, FULL if n == 1 else USUAL)
    for n in (1, 8):
        yield from _passes("matrix", f"alex.c2 5x5 n{n}", Conv(n, 96, 26, 256, 5, p=2), USUAL)
    for n, inputs, outputs in ((256, 400, 120), (256, 120, 84), (32, 4096, 4096)):
        level = QUICK if n == 256 else USUAL
        yield from _passes("matrix", f"linear {n}x{inputs}x{outputs}", Linear(n, inputs, outputs), level)
    for size in (128, 512, 1024):
        yield from _passes("matrix", f"matmul {size}", Linear(size, size, size, bias=False), USUAL)


def _others() -> Iterator[Case]:
    layers = {
        "transposed 64-32@28 k4 s2": Conv(8, 64, 28, 32, 4, 2, 1, transposed=True),
        "transposed fcn 21@10 k64 s32": Conv(1, 21, 10, 21, 64, 32, 16, transposed=True),
        "dilated 2 64@56": Conv(8, 64, 56, 64, 3, p=2, d=2),
        "grouped 32 128@56": Conv(8, 128, 56, 128, 3, p=1, g=32),
        "grouped 2 256@28": Conv(8, 256, 28, 256, 3, p=1, g=2),
        "conv1d 64-128@1000 k5": Conv(8, 64, 1000, 128, 5, p=2, axes=1),
        "conv3d 16-32@16 k3": Conv(4, 16, 16, 32, 3, p=1, axes=3),
    }
    for name, operation in layers.items():
        yield from _passes("other", name, operation, USUAL)


def _memory_bound() -> Iterator[Case]:
    grey, deep = (256, 6, 28, 28), (32, 64, 48, 48)
    yield from _passes("memory", f"max pool 2 {grey}", Pool("max", grey, 2, 2), QUICK)
    yield from _passes("memory", f"max pool 3 s2 p1 {deep}", Pool("max", deep, 3, 2, 1), QUICK)
    yield from _passes("memory", "max pool 2 (8, 64, 112, 112)", Pool("max", (8, 64, 112, 112), 2, 2), USUAL)
    yield from _passes("memory", f"avg pool 2 {grey}", Pool("avg", grey, 2, 2), QUICK)
    yield from _passes("memory", "global avg pool (32, 512, 3, 3)", Pool("avg", (32, 512, 3, 3)), QUICK)
    for shape in ((32, 64, 24, 24), (32, 64, 48, 48), (32, 512, 3, 3)):
        yield from _passes("memory", f"batch norm {shape}", BatchNorm(shape), QUICK)
    for shape in ((32, 64, 24, 24), (32, 64, 112, 112)):
        yield from _passes("memory", f"relu {shape}", Unary("relu", shape), QUICK if shape[2] == 24 else USUAL)
    yield from _passes("memory", f"sigmoid {grey}", Unary("sigmoid", grey), QUICK)
    yield from _passes("memory", "softmax (256, 1000)", Unary("softmax", (256, 1000)), USUAL)
    yield from _passes("memory", "layer norm (4096, 256)", LayerNorm((4096, 256)), USUAL)
    for shape in ((256, 10), (32, 1000)):
        yield from _passes("memory", f"cross entropy {shape}", CrossEntropy(shape), QUICK)


def _training() -> Iterator[Case]:
    step = TrainingStep("lenet", (256, 1, 28, 28), 580e6)
    yield Case("lenet", "LeNet step (256, 1, 28, 28)", step, level=QUICK)
    step = TrainingStep("resnet18", (32, 1, 96, 96), 60.7e9)
    yield Case("resnet18", "ResNet-18 step (32, 1, 96, 96)", step, level=USUAL, tolerance=1e-2)


def all_cases() -> list[Case]:
    """Every case, in the order of the tables."""
    parts = (_chapter, _convolutions, _few_channels, _depthwise, _matrices, _others, _memory_bound, _training)
    return [case for part in parts for case in part()]
