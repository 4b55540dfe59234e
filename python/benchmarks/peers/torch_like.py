"""swiftconv and PyTorch: the same lines for both, since they have the same names."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import models
import numpy as np
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

from .peer import Call, Peer, start_of

Function = Callable[..., Any]


class TensorPeer(Peer):
    """A library with PyTorch's names."""

    module_name = "torch"

    def __init__(self, threads: int) -> None:
        self.module = importlib.import_module(self.module_name)
        self.module.set_num_threads(threads)
        self.version = self.module.__version__
        self.functional = self.module.nn.functional

    def tensor(self, array: np.ndarray, requires_grad: bool = False) -> Any:
        """A tensor with a copy of the array."""
        result = self.placed(self.module.tensor(array.copy()))
        return result.requires_grad_() if requires_grad else result

    def placed(self, tensor: Any) -> Any:
        """The tensor in the layout that is measured."""
        return tensor

    def call(self, function: Function, operation: Operation, gradients: tuple[int, ...], dtype: Any) -> Call:
        module = self.module
        tensors = [self.tensor(a, i in gradients) for i, a in enumerate(operation.inputs(dtype))]
        if not gradients:

            def forward() -> Any:
                with module.no_grad():
                    return function(*tensors)

            return forward
        inputs = [tensors[i] for i in gradients]
        start = self.tensor(start_of(tuple(function(*tensors).shape), dtype))

        def both() -> Any:
            y = function(*tensors)
            return (y, *module.autograd.grad(y, inputs, start))

        return both

    def arrays(self, results: Any, operation: Operation, gradients: tuple[int, ...]) -> list[np.ndarray]:
        if not isinstance(results, (tuple, list)):
            results = [results]
        return [np.array(r.detach().numpy()) if hasattr(r, "detach") else np.asarray(r) for r in results]

    def conv(self, o: Conv) -> Function:
        if o.transposed:
            function = getattr(self.functional, f"conv_transpose{o.axes}d")
            return lambda x, w: function(x, w, None, o.s, o.p)
        function = getattr(self.functional, f"conv{o.axes}d")
        return lambda x, w: function(x, w, None, o.s, o.p, o.d, o.g)

    def linear(self, o: Linear) -> Function:
        return self.functional.linear if o.bias else lambda x, w: x @ w

    def pool(self, o: Pool) -> Function:
        if not o.k:
            return lambda x: self.functional.adaptive_avg_pool2d(x, 1)
        function = getattr(self.functional, f"{o.mode}_pool2d")
        return lambda x: function(x, o.k, o.s, o.p)

    def batchnorm(self, o: BatchNorm) -> Function:
        mean, variance = self.module.zeros(o.shape[1]), self.module.ones(o.shape[1])

        def normalize(x: Any, weight: Any, bias: Any) -> Any:
            # The running statistics have the type of what they are statistics of.
            running = (mean, variance) if x.dtype == mean.dtype else (mean.to(x.dtype), variance.to(x.dtype))
            return self.functional.batch_norm(x, *running, weight, bias, True)

        return normalize

    def layernorm(self, o: LayerNorm) -> Function:
        return lambda x, weight, bias: self.functional.layer_norm(x, o.shape[1:], weight, bias)

    def unary(self, o: Unary) -> Function:
        if o.name == "softmax":
            return lambda x: self.functional.softmax(x, -1)
        return getattr(self.functional, o.name) if o.name == "relu" else getattr(self.module, o.name)

    def crossentropy(self, o: CrossEntropy) -> Function:
        classes = self.module.tensor(o.targets)
        return lambda x: self.functional.cross_entropy(x, classes)

    def prepare(self, operation: Operation, gradients: tuple[int, ...], dtype: Any) -> Call | None:
        whole = {
            Elementary: self.elementary, LearningStep: self.learning, Corr2d: self.corr2d, TrainingStep: self.step
        }.get(type(operation))  # fmt: skip
        if whole is not None:
            return whole(operation, dtype)
        return super().prepare(operation, gradients, dtype)

    def elementary(self, o: Elementary, dtype: Any) -> Call:
        x, y = (self.tensor(a, o.tape) for a in o.inputs(dtype))
        return {"add": lambda: x + y, "mul": lambda: x * y, "sum": lambda: x.sum()}[o.name]

    def corr2d(self, o: Corr2d, dtype: Any) -> Call:
        x, k = o.inputs(dtype)
        if hasattr(self.module, "corr2d"):
            return lambda: self.module.corr2d(x, k)
        images, weight = self.module.tensor(x)[None, None], self.module.tensor(k)[None, None]

        def run() -> Any:
            with self.module.no_grad():
                return self.functional.conv2d(images, weight)[0, 0]

        return run

    def learning(self, o: LearningStep, dtype: Any) -> Call:
        image, target, start = o.inputs(dtype)
        x, y = self.module.tensor(image), self.module.tensor(target)
        layer = self.module.nn.Conv2d(1, 1, kernel_size=(1, 2), bias=False)
        layer.weight.data = self.module.tensor(start)

        def run() -> Any:
            loss = (layer(x) - y) ** 2
            layer.zero_grad()
            loss.sum().backward()
            layer.weight.data[:] -= 3e-2 * layer.weight.grad
            return layer.weight

        return run

    def step(self, o: TrainingStep, dtype: Any) -> Call:
        module = self.module
        net = getattr(models, o.model)(module.nn)
        models.set_parameters(self, net, 3)
        net = self.compiled(self.placed_model(net.to(module.float64) if dtype == "float64" else net))
        x, y = self.tensor(o.inputs(dtype)[0]), module.tensor(o.targets)
        optimizer = module.optim.SGD(net.parameters(), lr=0.01)
        loss_function = module.nn.CrossEntropyLoss()

        def run() -> Any:
            loss = loss_function(net(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            return loss

        return run

    def placed_model(self, net: Any) -> Any:
        return net

    def compiled(self, net: Any) -> Any:
        return net


class SwiftConv(TensorPeer):
    module_name = "swiftconv"


class ChannelsLastTorch(TensorPeer):
    """PyTorch with images and weights in its second layout, which many of its kernels prefer."""

    def placed(self, tensor: Any) -> Any:
        return tensor.to(memory_format=self.module.channels_last) if tensor.ndim == 4 else tensor

    def placed_model(self, net: Any) -> Any:
        return net.to(memory_format=self.module.channels_last)

    def prepare(self, operation: Operation, gradients: tuple[int, ...], dtype: Any) -> Call | None:
        if isinstance(operation, (Elementary, LearningStep, Corr2d, Linear, LayerNorm, CrossEntropy)):
            return None
        if isinstance(operation, (Conv, Unary)) and len(operation.inputs(dtype)[0].shape) != 4:
            return None
        return super().prepare(operation, gradients, dtype)


class StepsOnly(TensorPeer):
    """A setting of PyTorch that matters to whole training steps."""

    def prepare(self, operation: Operation, gradients: tuple[int, ...], dtype: Any) -> Call | None:
        return super().prepare(operation, gradients, dtype) if isinstance(operation, TrainingStep) else None


class CompiledTorch(StepsOnly):
    def compiled(self, net: Any) -> Any:
        return self.module.compile(net)
