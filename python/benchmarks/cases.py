"""What is measured: a list of cases, each of which makes the same call for every peer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import models
import numpy as np
from peers import Call, Peer, TensorPeer


@dataclass(frozen=True)
class Case:
    """One row of the table.

    `make` returns what is timed, or None when the peer has no such thing. `flops` counts multiplications and additions
    of one call, padding included, or is 0 where that says nothing. `tolerance` is relative to the largest element.
    """

    group: str
    name: str
    make: Callable[[Peer, Any], Call | None]
    flops: float = 0
    quick: bool = False
    tolerance: float = 2e-5


def draw(shape: tuple[int, ...], dtype: Any, seed: int = 0) -> np.ndarray:
    """Normal numbers that are float32 numbers in every type."""
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32).astype(dtype)


def tensor_call(build: Callable[[TensorPeer, Any], Call]) -> Callable[[Peer, Any], Call | None]:
    """Only for the libraries with PyTorch's names."""
    return lambda peer, dtype: build(peer, dtype) if isinstance(peer, TensorPeer) else None


# The chapter


def elementary(operation: str) -> Callable[[Peer, Any], Call | None]:
    return lambda peer, dtype: peer.elementary(operation, draw((6, 8), dtype), draw((6, 8), dtype, 1))


def square_sum_backward(peer: TensorPeer, dtype: Any) -> Call:
    x = peer.tensor(draw((6, 8), dtype), requires_grad=True)

    def run() -> Any:
        x.grad = None
        (x**2).sum().backward()
        return x.grad

    return run


def learn_kernel(peer: TensorPeer, dtype: Any) -> Call:
    """The chapter's loop, as printed: ten steps that learn the edge detector."""
    module = peer.module
    image = np.ones((6, 8), dtype)
    image[:, 2:6] = 0
    x = peer.tensor(image).reshape((1, 1, 6, 8))
    y = peer.tensor(image[:, :-1] - image[:, 1:]).reshape((1, 1, 6, 7))
    layer = module.nn.Conv2d(1, 1, kernel_size=(1, 2), bias=False)
    start = draw((1, 1, 1, 2), dtype)

    def run() -> Any:
        layer.weight.data = peer.tensor(start)
        for _ in range(10):
            loss = (layer(x) - y) ** 2
            layer.zero_grad()
            loss.sum().backward()
            layer.weight.data[:] -= 3e-2 * layer.weight.grad
        return layer.weight

    return run


def corr2d(shape: tuple[int, int], kernel: tuple[int, int]) -> Callable[[Peer, Any], Call | None]:
    return lambda peer, dtype: peer.corr2d(draw(shape, dtype), draw(kernel, dtype, 1))


# Layers


@dataclass(frozen=True)
class Layer:
    """A convolution: images, input channels and size, output channels, kernel, stride, padding, groups."""

    n: int
    ic: int
    size: int
    oc: int
    k: int
    s: int = 1
    p: int = 0
    g: int = 1

    @property
    def output(self) -> int:
        return (self.size + 2 * self.p - self.k) // self.s + 1

    @property
    def flops(self) -> float:
        return 2.0 * self.n * self.oc * self.output**2 * self.ic // self.g * self.k**2

    def call(self, peer: TensorPeer, dtype: Any, backward: bool, needs_dx: bool = True) -> Call:
        x = draw((self.n, self.ic, self.size, self.size), dtype)
        w = draw((self.oc, self.ic // self.g, self.k, self.k), dtype, 1) / np.sqrt(self.ic // self.g * self.k**2)
        conv2d = peer.module.nn.functional.conv2d
        w = w.astype(np.float32).astype(dtype)
        return pass_call(
            peer, lambda x, w: conv2d(x, w, None, self.s, self.p, 1, self.g), [x, w], backward,
            [1] if not needs_dx else None,
        )  # fmt: skip


def pass_call(
    peer: TensorPeer,
    function: Callable[..., Any],
    arrays: list[np.ndarray],
    backward: bool,
    wanted: list[int] | None = None,
) -> Call:
    """A function under `no_grad`, or with the gradients of some of its arguments (all without `wanted`)."""
    module = peer.module
    wanted = list(range(len(arrays))) if wanted is None else wanted
    tensors = [peer.tensor(a, backward and i in wanted) for i, a in enumerate(arrays)]
    if not backward:

        def forward() -> Any:
            with module.no_grad():
                return function(*tensors)

        return forward
    inputs = [tensors[i] for i in wanted]
    result = function(*tensors)
    start = peer.tensor(draw(tuple(result.shape), arrays[0].dtype, 7))

    def both() -> Any:
        y = function(*tensors)
        return (y, *module.autograd.grad(y, inputs, start))

    return both


LAYERS = {
    "lenet.c1 n32": Layer(32, 1, 28, 6, 5, p=2),
    "lenet.c2 n32": Layer(32, 6, 14, 16, 5),
    "alex.c1 n8": Layer(8, 3, 224, 96, 11, 4, 1),
    "alex.c2 n8": Layer(8, 96, 26, 256, 5, p=2),
    "alex.c3 n8": Layer(8, 256, 12, 384, 3, p=1),
    "vgg.c1 n1": Layer(1, 3, 224, 64, 3, p=1),
    "vgg.c2 n1": Layer(1, 64, 112, 128, 3, p=1),
    "vgg.c4 n1": Layer(1, 256, 56, 256, 3, p=1),
    "vgg.c7 n1": Layer(1, 512, 14, 512, 3, p=1),
    "rn18.stem 7x7 s2 n1": Layer(1, 3, 224, 64, 7, 2, 3),
    "rn18.64@56 n1": Layer(1, 64, 56, 64, 3, p=1),
    "rn18.64-128 s2 n1": Layer(1, 64, 56, 128, 3, 2, 1),
    "rn18.128@28 n1": Layer(1, 128, 28, 128, 3, p=1),
    "rn18.256@14 n1": Layer(1, 256, 14, 256, 3, p=1),
    "rn18.256-512 s2 n1": Layer(1, 256, 14, 512, 3, 2, 1),
    "rn18.512@7 n1": Layer(1, 512, 7, 512, 3, p=1),
    "rn18.ds 1x1 s2 64-128 n8": Layer(8, 64, 56, 128, 1, 2),
    "d2l.stem 7x7 s2 n32": Layer(32, 1, 96, 64, 7, 2, 3),
    "d2l.64@24 n32": Layer(32, 64, 24, 64, 3, p=1),
    "d2l.128@12 n32": Layer(32, 128, 12, 128, 3, p=1),
    "d2l.256@6 n32": Layer(32, 256, 6, 256, 3, p=1),
    "d2l.512@3 n32": Layer(32, 512, 3, 512, 3, p=1),
    "mb.dw32@112 n1": Layer(1, 32, 112, 32, 3, p=1, g=32),
    "mb.dw64@112 s2 n1": Layer(1, 64, 112, 64, 3, 2, 1, 64),
    "mb.dw256@28 n1": Layer(1, 256, 28, 256, 3, p=1, g=256),
    "mb.dw512@14 n1": Layer(1, 512, 14, 512, 3, p=1, g=512),
    "mb.dw1024@7 n1": Layer(1, 1024, 7, 1024, 3, p=1, g=1024),
    "mb.dw64@112 s2 n8": Layer(8, 64, 112, 64, 3, 2, 1, 64),
    "mb.dw128@56 n8": Layer(8, 128, 56, 128, 3, p=1, g=128),
    "mb.dw1024@7 n8": Layer(8, 1024, 7, 1024, 3, p=1, g=1024),
    "mb.pw64-128@56 n1": Layer(1, 64, 56, 128, 1),
    "mb.pw256@28 n1": Layer(1, 256, 28, 256, 1),
    "mb.pw1024@7 n1": Layer(1, 1024, 7, 1024, 1),
}
_QUICK_LAYERS = {
    "lenet.c1 n32",
    "rn18.64@56 n1",
    "rn18.512@7 n1",
    "mb.dw64@112 s2 n1",
    "mb.dw1024@7 n1",
    "mb.pw256@28 n1",
}


def step(model: str, shape: tuple[int, ...]) -> Callable[[TensorPeer, Any], Call]:
    """A step of training: forward, loss, backward, update. Returns the loss before the update."""

    def build(peer: TensorPeer, dtype: Any) -> Call:
        module = peer.module
        net = getattr(models, model)(module.nn)
        models.set_parameters(peer, net, 3)
        if np.dtype(dtype) == np.float64:
            net = net.to(module.float64)
        x = peer.tensor(draw(shape, dtype))
        y = peer.tensor(np.random.default_rng(5).integers(0, 10, shape[0]))
        optimizer = module.optim.SGD(net.parameters(), lr=0.01)
        loss_function = module.nn.CrossEntropyLoss()

        def run() -> Any:
            loss = loss_function(net(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            return loss

        return run

    return build


def _function(name: str, shape: tuple[int, ...], backward: bool, *arguments: Any) -> Callable[[TensorPeer, Any], Call]:
    def build(peer: TensorPeer, dtype: Any) -> Call:
        function = getattr(peer.module.nn.functional, name)
        return pass_call(peer, lambda x: function(x, *arguments), [draw(shape, dtype)], backward)

    return build


def _sigmoid(shape: tuple[int, ...], backward: bool) -> Callable[[TensorPeer, Any], Call]:
    return lambda peer, dtype: pass_call(peer, peer.module.sigmoid, [draw(shape, dtype)], backward)


def _linear(n: int, inputs: int, outputs: int, backward: bool) -> Callable[[TensorPeer, Any], Call]:
    def build(peer: TensorPeer, dtype: Any) -> Call:
        arrays = [draw((n, inputs), dtype), draw((outputs, inputs), dtype, 1), draw((outputs,), dtype, 2)]
        return pass_call(peer, peer.module.nn.functional.linear, arrays, backward)

    return build


def _batch_norm(shape: tuple[int, ...], backward: bool) -> Callable[[TensorPeer, Any], Call]:
    def build(peer: TensorPeer, dtype: Any) -> Call:
        mean, variance = peer.tensor(np.zeros(shape[1], dtype)), peer.tensor(np.ones(shape[1], dtype))
        function = peer.module.nn.functional.batch_norm
        arrays = [draw(shape, dtype), draw((shape[1],), dtype, 1), draw((shape[1],), dtype, 2)]
        return pass_call(peer, lambda x, w, b: function(x, mean, variance, w, b, True), arrays, backward)

    return build


def _cross_entropy(shape: tuple[int, int], backward: bool) -> Callable[[TensorPeer, Any], Call]:
    def build(peer: TensorPeer, dtype: Any) -> Call:
        classes = peer.tensor(np.random.default_rng(5).integers(0, shape[1], shape[0]))
        function = peer.module.nn.functional.cross_entropy
        return pass_call(peer, lambda x: function(x, classes), [draw(shape, dtype)], backward)

    return build


def _chapter_cases() -> Iterator[Case]:
    yield Case("chapter", "add (6, 8)", elementary("add"), quick=True)
    yield Case("chapter", "mul (6, 8)", elementary("mul"))
    yield Case("chapter", "sum (6, 8)", elementary("sum"), quick=True)
    yield Case("chapter", "square, sum, backward (6, 8)", tensor_call(square_sum_backward), quick=True)
    yield Case("chapter", "corr2d 3x3 by 2x2", corr2d((3, 3), (2, 2)), 32)
    yield Case("chapter", "corr2d 6x8 by 1x2", corr2d((6, 8), (1, 2)), 168, quick=True)
    yield Case("chapter", "learn the kernel, 10 steps", tensor_call(learn_kernel), quick=True)
    for size in (512, 1024, 2048):
        # The largest of all would take NumPy half a minute.
        for k in (3, 5, 7, 15, 31) if size < 2048 else (3, 5, 7, 15):
            flops = 2.0 * (size - k + 1) ** 2 * k * k
            quick = size == 512 and k in (3, 7)
            yield Case("corr2d", f"corr2d {size} by {k}x{k}", corr2d((size, size), (k, k)), flops, quick)


def _layer_cases() -> Iterator[Case]:
    for name, layer in LAYERS.items():
        for backward in (False, True):
            label = f"{name} {'fwd+bwd' if backward else 'fwd'}"
            make = tensor_call(lambda peer, dtype, layer=layer, b=backward: layer.call(peer, dtype, b))
            yield Case("conv2d", label, make, layer.flops * (3 if backward else 1), name in _QUICK_LAYERS, 1e-4)
    for name in ("vgg.c1 n1", "rn18.stem 7x7 s2 n1"):
        layer = LAYERS[name]
        make = tensor_call(lambda peer, dtype, layer=layer: layer.call(peer, dtype, True, needs_dx=False))
        yield Case("conv2d", f"{name} fwd+dw", make, layer.flops * 2, tolerance=1e-4)


def _operation_cases() -> Iterator[Case]:
    for backward in (False, True):
        label = "fwd+bwd" if backward else "fwd"

        def case(
            name: str, make: Callable[[TensorPeer, Any], Call], flops: float = 0, quick: bool = True, label: str = label
        ) -> Case:
            return Case("layers", f"{name} {label}", tensor_call(make), flops, quick, 1e-4)

        grey, deep = (256, 6, 28, 28), (32, 64, 48, 48)
        yield case("max pool 2 (256, 6, 28, 28)", _function("max_pool2d", grey, backward, 2))
        yield case("max pool 3 s2 p1 (32, 64, 48, 48)", _function("max_pool2d", deep, backward, 3, 2, 1))
        yield case("avg pool 2 (256, 6, 28, 28)", _function("avg_pool2d", grey, backward, 2))
        yield case("global avg pool (32, 512, 3, 3)", _function("adaptive_avg_pool2d", (32, 512, 3, 3), backward, 1))
        yield case("batch norm (32, 64, 24, 24)", _batch_norm((32, 64, 24, 24), backward))
        yield case("batch norm (32, 512, 3, 3)", _batch_norm((32, 512, 3, 3), backward))
        yield case("relu (32, 64, 24, 24)", _function("relu", (32, 64, 24, 24), backward))
        yield case("relu (32, 64, 112, 112)", _function("relu", (32, 64, 112, 112), backward), quick=False)
        yield case("sigmoid (256, 6, 28, 28)", _sigmoid(grey, backward))
        yield case("softmax (256, 1000)", _function("softmax", (256, 1000), backward, -1))
        yield case("log_softmax (256, 10)", _function("log_softmax", (256, 10), backward, -1))
        yield case("cross entropy (256, 10)", _cross_entropy((256, 10), backward))
        for n, inputs, outputs in ((256, 400, 120), (256, 120, 84), (32, 4096, 4096)):
            make = _linear(n, inputs, outputs, backward)
            flops = 2.0 * n * inputs * outputs * (3 if backward else 1)
            yield case(f"linear {n}x{inputs}x{outputs}", make, flops, inputs < 4096)


def _step_cases() -> Iterator[Case]:
    yield Case(
        "training", "LeNet step (256, 1, 28, 28)", tensor_call(step("lenet", (256, 1, 28, 28))), 580e6, True, 1e-3
    )
    yield Case(
        "training",
        "ResNet-18 step (32, 1, 96, 96)",
        tensor_call(step("resnet18", (32, 1, 96, 96))),
        60.7e9,
        False,
        1e-2,
    )


def all_cases() -> list[Case]:
    """Every case, in the order of the table."""
    return [*_chapter_cases(), *_layer_cases(), *_operation_cases(), *_step_cases()]
