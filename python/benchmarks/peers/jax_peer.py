"""JAX, everything under `jit`, images as (N, H, W, C)."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

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
    Unary,
)

from .peer import Call, ChannelsLast

Function = Callable[..., Any]


class Jax(ChannelsLast):
    def __init__(self, threads: int) -> None:
        # XLA has no reliable setting; it takes as many threads as there are processors it may use.
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
        import jax

        jax.config.update("jax_enable_x64", True)
        self.jax, self.version = jax, jax.__version__

    def call(self, function: Function, operation: Operation, gradients: tuple[int, ...], dtype: Any) -> Call:
        jax = self.jax
        arrays = [jax.numpy.asarray(a) for a in self.natives(operation, dtype)]
        if not gradients:
            compiled = jax.jit(function)
            return lambda: compiled(*arrays).block_until_ready()
        shape = jax.eval_shape(function, *arrays).shape
        start = jax.numpy.asarray(self.start(operation, shape, dtype))

        @jax.jit
        def both(start: Any, *arrays: Any) -> Any:
            def partial(*wanted: Any) -> Any:
                merged = list(arrays)
                for i, value in zip(gradients, wanted, strict=True):
                    merged[i] = value
                return function(*merged)

            y, backward = jax.vjp(partial, *(arrays[i] for i in gradients))
            return (y, *backward(start))

        return lambda: jax.block_until_ready(both(start, *arrays))

    def conv(self, o: Conv) -> Function | None:
        if o.transposed:
            return None
        space = "DHW"[3 - o.axes :]
        layout = (f"N{space}C", f"{space}IO", f"N{space}C")
        pad = [(o.p, o.p)] * o.axes
        return lambda x, w: self.jax.lax.conv_general_dilated(
            x, w, (o.s,) * o.axes, pad, rhs_dilation=(o.d,) * o.axes, dimension_numbers=layout, feature_group_count=o.g
        )

    def linear(self, o: Linear) -> Function:
        return (lambda x, w, b: x @ w.T + b) if o.bias else (lambda x, w: x @ w)

    def pool(self, o: Pool) -> Function:
        lax = self.jax.lax
        if not o.k:
            return lambda x: x.mean((1, 2), keepdims=True)
        window, strides = (1, o.k, o.k, 1), (1, o.s, o.s, 1)
        pad = ((0, 0), (o.p, o.p), (o.p, o.p), (0, 0))
        if o.mode == "max":
            return lambda x: lax.reduce_window(x, -float("inf"), lax.max, window, strides, pad)
        return lambda x: lax.reduce_window(x, 0.0, lax.add, window, strides, pad) / o.k**2

    def batchnorm(self, o: BatchNorm) -> Function:
        def normalize(x: Any, weight: Any, bias: Any) -> Any:
            mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
            return (x - mean) * self.jax.lax.rsqrt(variance + 1e-5) * weight + bias

        return normalize

    def layernorm(self, o: LayerNorm) -> Function:
        def normalize(x: Any, weight: Any, bias: Any) -> Any:
            mean, variance = x.mean(1, keepdims=True), x.var(1, keepdims=True)
            return (x - mean) * self.jax.lax.rsqrt(variance + 1e-5) * weight + bias

        return normalize

    def unary(self, o: Unary) -> Function:
        return getattr(self.jax.nn, o.name)

    def crossentropy(self, o: CrossEntropy) -> Function:
        classes = self.jax.numpy.asarray(o.targets)

        def loss(x: Any) -> Any:
            logarithms = self.jax.nn.log_softmax(x)
            return -self.jax.numpy.take_along_axis(logarithms, classes[:, None], 1).mean()

        return loss

    def elementary(self, o: Elementary) -> Function | None:
        if o.tape:
            return None
        return {"add": lambda x, y: x + y, "mul": lambda x, y: x * y, "sum": lambda x, y: x.sum()}[o.name]

    def corr2d(self, o: Corr2d) -> Function:
        def correlate(x: Any, k: Any) -> Any:
            return self.jax.lax.conv(x[None, None], k[None, None], (1, 1), "VALID")[0, 0]

        return correlate

    def learningstep(self, o: LearningStep) -> Function:
        jax = self.jax

        def loss(w: Any, x: Any, y: Any) -> Any:
            return ((jax.lax.conv(x, w, (1, 1), "VALID") - y) ** 2).sum()

        return lambda x, y, w: w - 3e-2 * jax.grad(loss)(w, x, y)

    def natives(self, operation: Operation, dtype: Any) -> list[Any]:
        if isinstance(operation, (Elementary, LearningStep, Corr2d)):
            return operation.inputs(dtype)
        return super().natives(operation, dtype)

    def canonical(self, array: Any, role: str, operation: Operation) -> Any:
        if isinstance(operation, (Elementary, LearningStep, Corr2d)):
            return array
        return super().canonical(array, role, operation)
