"""TensorFlow, everything in a `tf.function`, images as (N, H, W, C)."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np
from operations import BatchNorm, Conv, Corr2d, CrossEntropy, Linear, Operation, Pool, Unary

from .peer import Call, ChannelsLast

Function = Callable[..., Any]


class TensorFlow(ChannelsLast):
    def __init__(self, threads: int) -> None:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
        self.tf, self.version = tf, tf.__version__

    def call(self, function: Function, operation: Operation, gradients: tuple[int, ...], dtype: Any) -> Call:
        tf = self.tf
        tensors = [tf.constant(a) for a in self.natives(operation, dtype)]
        compiled = tf.function(function)
        if not gradients:
            return lambda: compiled(*tensors)
        shape = tuple(compiled(*tensors).shape)
        start = tf.constant(self.start(operation, shape, dtype))

        @tf.function
        def both(start: Any, *tensors: Any) -> Any:
            wanted = [tensors[i] for i in gradients]
            with tf.GradientTape() as tape:
                tape.watch(wanted)
                y = function(*tensors)
            return (y, *tape.gradient(y, wanted, start))

        return lambda: both(start, *tensors)

    def native(self, array: np.ndarray, role: str, operation: Operation) -> np.ndarray:
        if role == "weight" and operation.is_depthwise:
            return np.ascontiguousarray(np.transpose(array, (2, 3, 0, 1)))
        return super().native(array, role, operation)

    def canonical(self, array: np.ndarray, role: str, operation: Operation) -> np.ndarray:
        if isinstance(operation, Corr2d):
            return array
        if role == "weight" and operation.is_depthwise:
            return np.transpose(array, (2, 3, 0, 1))
        return super().canonical(array, role, operation)

    def conv(self, o: Conv) -> Function | None:
        if o.transposed or o.axes != 2 or (o.g > 1 and not o.is_depthwise):
            return None
        nn, pad = self.tf.nn, [[0, 0], [o.p, o.p], [o.p, o.p], [0, 0]]
        if o.is_depthwise:
            return lambda x, w: nn.depthwise_conv2d(x, w, (1, o.s, o.s, 1), pad)
        return lambda x, w: nn.conv2d(x, w, o.s, pad, dilations=o.d)

    def linear(self, o: Linear) -> Function:
        if not o.bias:
            return self.tf.linalg.matmul
        return lambda x, w, b: self.tf.linalg.matmul(x, w, transpose_b=True) + b

    def pool(self, o: Pool) -> Function | None:
        if not o.k:
            return lambda x: self.tf.reduce_mean(x, (1, 2), keepdims=True)
        if o.mode == "avg" and o.p:
            return None
        function = self.tf.nn.max_pool2d if o.mode == "max" else self.tf.nn.avg_pool2d
        pad = [[0, 0], [o.p, o.p], [o.p, o.p], [0, 0]] if o.p else "VALID"
        return lambda x: function(x, o.k, o.s, pad)

    def batchnorm(self, o: BatchNorm) -> Function:
        fused = self.tf.compat.v1.nn.fused_batch_norm
        return lambda x, w, b: fused(x, w, b, epsilon=1e-5, is_training=True)[0]

    def unary(self, o: Unary) -> Function:
        return getattr(self.tf.nn, o.name)

    def crossentropy(self, o: CrossEntropy) -> Function:
        classes = self.tf.constant(o.targets)
        loss = self.tf.nn.sparse_softmax_cross_entropy_with_logits
        return lambda x: self.tf.reduce_mean(loss(labels=classes, logits=x))

    def corr2d(self, o: Corr2d) -> Function:
        conv2d = self.tf.nn.conv2d
        return lambda x, k: conv2d(x[None, :, :, None], k[:, :, None, None], 1, "VALID")[0, :, :, 0]

    def natives(self, operation: Operation, dtype: Any) -> list[np.ndarray]:
        return operation.inputs(dtype) if isinstance(operation, Corr2d) else super().natives(operation, dtype)
