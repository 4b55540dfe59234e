"""Flax's layers. Images are ``(N, H, W, C)`` and kernels ``(h, w, C_in, C_out)``."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy

import swiftconv as sc

from ...nn import functional as F
from .. import _shapes, lax, random
from .._array import Array, as_array, wrapped
from .._convolution import channels_first, channels_last, convolve, largest, mean, steps, total
from .._elementwise import to_float, where
from ..nn import initializers
from .module import Module, compact

__all__ = ["BatchNorm", "Conv", "Dense", "Dropout", "Embed", "LayerNorm", "Sequential", "avg_pool", "max_pool",
           "min_pool", "pool"]  # fmt: skip

_lecun_normal = initializers.lecun_normal()


def _around(padding: Any, rank: int) -> Any:
    """The border of a layer: a name as it is, numbers as pairs for each axis."""
    if isinstance(padding, str):
        return padding
    sides = (padding,) * rank if isinstance(padding, int) else padding
    pairs = [(each, each) if isinstance(each, int) else each for each in sides]
    if len(pairs) != rank or any(len(each) != 2 for each in pairs):
        raise ValueError(
            f"Invalid padding format: {padding}, should be str, int, or a sequence of len {rank} where each element is "
            "an int or pair of ints."
        )
    return pairs


class Dense(Module):
    """A linear layer: ``x @ kernel + bias``, with a kernel ``(in, features)``."""

    features: int
    use_bias: bool = True
    dtype: Any = None
    param_dtype: Any = numpy.float32
    precision: Any = None
    kernel_init: Callable[..., Array] = _lecun_normal
    bias_init: Callable[..., Array] = initializers.zeros
    dot_general: Any = None

    @compact
    def __call__(self, inputs: Any) -> Array:
        """Return the layer's output."""
        x = to_float(inputs)
        kernel = self.param("kernel", self.kernel_init, (x.shape[-1], self.features), self.param_dtype)
        bias = self.param("bias", self.bias_init, (self.features,), self.param_dtype) if self.use_bias else None
        return wrapped(
            F.linear(x._tensor, as_array(kernel)._tensor.t(), None if bias is None else as_array(bias)._tensor)
        )


class Conv(Module):
    """A convolution over all axes between the first and the last, with a kernel ``(*kernel_size, in, features)``."""

    features: int
    kernel_size: Sequence[int]
    strides: Any = 1
    padding: Any = "SAME"
    input_dilation: Any = 1
    kernel_dilation: Any = 1
    feature_group_count: int = 1
    use_bias: bool = True
    mask: Any = None
    dtype: Any = None
    param_dtype: Any = numpy.float32
    precision: Any = None
    kernel_init: Callable[..., Array] = _lecun_normal
    bias_init: Callable[..., Array] = initializers.zeros
    conv_general_dilated: Any = lax.conv_general_dilated

    @compact
    def __call__(self, inputs: Any) -> Array:
        """Return the layer's output."""
        if isinstance(self.kernel_size, int):
            raise TypeError(
                f"Expected Conv kernel_size to be a tuple/list of integers (eg.: [3, 3]) but got {self.kernel_size}."
            )
        x, size = to_float(inputs), tuple(self.kernel_size)
        rank = len(size)
        outer = x.shape[: -(rank + 1)]
        if x.ndim != rank + 2:
            x = _shapes.reshape(x, (math.prod(outer), *x.shape[-(rank + 1) :]))
        channels = x.shape[-1]
        if channels % self.feature_group_count:
            raise ValueError(f"Conv: {channels} channels cannot be divided into {self.feature_group_count} groups")
        if set(steps(self.input_dilation, rank)) != {1}:
            raise NotImplementedError("Conv: input_dilation is not in swiftconv's jax dialect")
        shape = (*size, channels // self.feature_group_count, self.features)
        kernel = as_array(self.param("kernel", self.kernel_init, shape, self.param_dtype))._tensor
        if self.mask is not None:
            kernel = kernel * as_array(self.mask)._tensor
        dilation = steps(self.kernel_dilation, rank)
        x, padding = self._bordered(x, [step * (each - 1) for step, each in zip(dilation, size, strict=True)])
        bias = self.param("bias", self.bias_init, (self.features,), self.param_dtype) if self.use_bias else None
        result = convolve(x, kernel, None if bias is None else as_array(bias)._tensor, steps(self.strides, rank),
                          padding, dilation, self.feature_group_count)  # fmt: skip
        return result if len(outer) == 1 else _shapes.reshape(result, (*outer, *result.shape[1:]))

    def _bordered(self, x: Array, reach: list[int]) -> tuple[Array, Any]:
        """The images with a border that wraps around or looks back, and the border still to be made."""
        if self.padding == "CIRCULAR":
            sides = [(each // 2, each - each // 2) for each in reach]
            return _shapes.pad(x, [(0, 0), *sides, (0, 0)], mode="wrap"), "VALID"
        if self.padding == "CAUSAL":
            if len(reach) != 1:
                raise ValueError("Causal padding is only implemented for 1D convolutions.")
            return _shapes.pad(x, [(0, 0), (reach[0], 0), (0, 0)]), "VALID"
        return x, _around(self.padding, len(reach))


def max_pool(inputs: Any, window_shape: Sequence[int], strides: Any = None, padding: Any = "VALID") -> Array:
    """Return the largest element of every window of ``(N, H, W, C)``.

    Parameters
    ----------
    inputs : Array
    window_shape : sequence of int
        ``(h, w)``.
    strides : sequence of int, optional
        How far windows move; by one place if left out.
    padding : str or sequence of (int, int)
        "SAME", "VALID", or the border of each axis.
    """
    return largest(inputs, window_shape, strides, padding)


def min_pool(inputs: Any, window_shape: Sequence[int], strides: Any = None, padding: Any = "VALID") -> Array:
    """Return the smallest element of every window; the arguments are those of `max_pool`."""
    return -max_pool(-to_float(inputs), window_shape, strides, padding)


def avg_pool(
    inputs: Any,
    window_shape: Sequence[int],
    strides: Any = None,
    padding: Any = "VALID",
    count_include_pad: bool = True,
) -> Array:
    """Return the mean of every window; the arguments are those of `max_pool`, and the border counts as zeros."""
    result = mean(inputs, window_shape, strides, padding)
    if count_include_pad:
        return result
    return result / mean(_shapes.ones_like(as_array(inputs)), window_shape, strides, padding)


def pool(
    inputs: Any, init: Any, reduce_fn: Callable[..., Any], window_shape: Sequence[int], strides: Any, padding: Any
) -> Array:
    """Return every window's elements combined by ``lax.add``, ``lax.max`` or ``lax.min``."""
    if reduce_fn is lax.add:
        return total(inputs, window_shape, strides, padding)
    if reduce_fn is lax.max or reduce_fn is lax.min:
        return (max_pool if reduce_fn is lax.max else min_pool)(inputs, window_shape, strides, padding)
    raise NotImplementedError("pool: reduce_fn must be lax.add, lax.max or lax.min in swiftconv's jax dialect")


class Sequential(Module):
    """Layers and functions, one after the other."""

    layers: Sequence[Callable[..., Any]]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return the last layer's output; a tuple or dictionary in between becomes the next one's arguments."""
        if not self.layers:
            raise ValueError(f"Empty Sequential module {self.name}.")
        outputs = self.layers[0](*args, **kwargs)
        for layer in self.layers[1:]:
            if isinstance(outputs, tuple):
                outputs = layer(*outputs)
            elif isinstance(outputs, dict):
                outputs = layer(**outputs)
            else:
                outputs = layer(outputs)
        return outputs


class Dropout(Module):
    """Sets elements to zero with a probability, and scales the others; needs a key: ``rngs={"dropout": key}``."""

    rate: float
    broadcast_dims: Sequence[int] = ()
    deterministic: bool | None = None
    rng_collection: str = "dropout"

    @compact
    def __call__(self, inputs: Any, deterministic: bool | None = None) -> Array:
        """Return the layer's output; with `deterministic`, the input."""
        fixed = _decided("deterministic", self.deterministic, deterministic)
        x = as_array(inputs)
        if self.rate == 0.0 or fixed:
            return x
        if self.rate == 1.0:
            return _shapes.zeros_like(x)
        kept = 1.0 - self.rate
        shape = tuple(1 if axis in self.broadcast_dims else size for axis, size in enumerate(x.shape))
        mask = random.bernoulli(self.make_rng(self.rng_collection), kept, shape)
        return where(_shapes.broadcast_to(mask, x.shape), x / kept, _shapes.zeros_like(x))


def _decided(name: str, own: Any, given: Any) -> bool:
    if own is not None and given is not None:
        raise ValueError(
            f'Parameter "{name}" was passed to the constructor and at call time. Should be passed just once.'
        )
    if own is None and given is None:
        raise ValueError(f'Parameter "{name}" must be passed to the constructor or at call time.')
    return bool(own if given is None else given)


class BatchNorm(Module):
    """Normalises every channel over a batch; running means and variances are the collection "batch_stats"."""

    use_running_average: bool | None = None
    axis: int = -1
    momentum: float = 0.99
    epsilon: float = 1e-5
    dtype: Any = None
    param_dtype: Any = numpy.float32
    use_bias: bool = True
    use_scale: bool = True
    bias_init: Callable[..., Array] = initializers.zeros
    scale_init: Callable[..., Array] = initializers.ones
    axis_name: Any = None
    axis_index_groups: Any = None

    @compact
    def __call__(self, x: Any, use_running_average: bool | None = None) -> Array:
        """Return the layer's output."""
        is_fixed = _decided("use_running_average", self.use_running_average, use_running_average)
        x = to_float(x)
        if self.axis % x.ndim != x.ndim - 1:
            return _shapes.moveaxis(self._normalized(_shapes.moveaxis(x, self.axis, -1), is_fixed), -1, self.axis)
        return self._normalized(x, is_fixed)

    def _normalized(self, x: Array, is_fixed: bool) -> Array:
        shape = (x.shape[-1],)
        mean = self.variable("batch_stats", "mean", lambda: _shapes.zeros(shape))
        var = self.variable("batch_stats", "var", lambda: _shapes.ones(shape))
        scale = self.param("scale", self.scale_init, shape, self.param_dtype)._tensor if self.use_scale else None
        bias = self.param("bias", self.bias_init, shape, self.param_dtype)._tensor if self.use_bias else None
        rows = x._tensor if x.ndim == 2 else channels_first(x._tensor)
        count = x.size // shape[0]
        if is_fixed or count < 2:
            # A single value for each channel is its own mean, without variance.
            centre = mean.value._tensor if is_fixed else rows.detach().reshape(shape)
            spread = var.value._tensor if is_fixed else sc.zeros(shape)
            result = F.batch_norm(rows, centre, spread, scale, bias, False, 0.0, self.epsilon)
        else:
            # With momentum 1 the core leaves the batch's own mean and variance, the latter over count - 1.
            centre, spread = sc.zeros(shape), sc.ones(shape)
            result = F.batch_norm(rows, centre, spread, scale, bias, True, 1.0, self.epsilon)
            spread = spread * ((count - 1) / count)
        if not is_fixed and not self.is_initializing():
            kept = self.momentum
            mean.value = mean.value * kept + Array(centre) * (1 - kept)
            var.value = var.value * kept + Array(spread) * (1 - kept)
        return wrapped(result if x.ndim == 2 else channels_last(result))


class LayerNorm(Module):
    """Normalises the last axis."""

    epsilon: float = 1e-6
    dtype: Any = None
    param_dtype: Any = numpy.float32
    use_bias: bool = True
    use_scale: bool = True
    bias_init: Callable[..., Array] = initializers.zeros
    scale_init: Callable[..., Array] = initializers.ones

    @compact
    def __call__(self, x: Any) -> Array:
        """Return the layer's output."""
        x = to_float(x)
        scale = self.param("scale", self.scale_init, x.shape[-1:], self.param_dtype)._tensor if self.use_scale else None
        bias = self.param("bias", self.bias_init, x.shape[-1:], self.param_dtype)._tensor if self.use_bias else None
        return wrapped(F.layer_norm(x._tensor, x.shape[-1:], scale, bias, self.epsilon))


class Embed(Module):
    """Gives a vector for every number."""

    num_embeddings: int
    features: int
    dtype: Any = None
    param_dtype: Any = numpy.float32
    embedding_init: Callable[..., Array] = initializers.variance_scaling(1.0, "fan_in", "normal", out_axis=0)

    @compact
    def __call__(self, inputs: Any) -> Array:
        """Return the vectors of the numbers."""
        table = self.param("embedding", self.embedding_init, (self.num_embeddings, self.features), self.param_dtype)
        return _shapes.take(table, inputs, axis=0)
