"""Flax's layers. Images are ``(N, H, W, C)`` and kernels ``(h, w, C_in, C_out)``."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy

import swiftconv as sc

from ...nn import functional as F
from ...nn.functional.conv import _CONVOLUTION, apply
from .. import _shapes, random
from .._array import Array, as_array, wrapped
from .._elementwise import to_float, where
from ..nn import initializers
from .module import Module, compact

__all__ = ["BatchNorm", "Conv", "Dense", "Dropout", "Embed", "LayerNorm", "Sequential", "avg_pool", "max_pool",
           "min_pool"]  # fmt: skip

_lecun_normal = initializers.lecun_normal()


def _steps(value: Any, rank: int) -> tuple[int, ...]:
    """One number for all axes, or one for each."""
    if value is None:
        return (1,) * rank
    if isinstance(value, (tuple, list)):
        return tuple(operator.index(each) for each in value)
    return (operator.index(value),) * rank


def _borders(
    padding: Any, sizes: Sequence[int], windows: Sequence[int], strides: Sequence[int]
) -> list[tuple[int, int]]:
    """The border before and after each axis, of its name or numbers; windows count their holes."""
    if isinstance(padding, str):
        name = padding.upper()
        if name == "VALID":
            return [(0, 0)] * len(sizes)
        if name not in ("SAME", "SAME_LOWER"):
            raise ValueError(f'Unrecognized padding type: expected "VALID", "SAME" or "SAME_LOWER", got {padding!r}.')
        borders = []
        for size, window, stride in zip(sizes, windows, strides, strict=True):
            whole = max((-(-size // stride) - 1) * stride + window - size, 0)
            small, large = whole // 2, whole - whole // 2
            borders.append((small, large) if name == "SAME" else (large, small))
        return borders
    if isinstance(padding, int):
        return [(padding, padding)] * len(sizes)
    return [(each, each) if isinstance(each, int) else tuple(each) for each in padding]


def _channels_first(tensor: Any) -> Any:
    rank = tensor.ndim
    return tensor.permute((0, rank - 1, *range(1, rank - 1)))


def _channels_last(tensor: Any) -> Any:
    rank = tensor.ndim
    return tensor.permute((0, *range(2, rank), 1))


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

    @compact
    def __call__(self, inputs: Any) -> Array:
        """Return the layer's output."""
        if isinstance(self.kernel_size, int):
            raise TypeError(
                f"Expected Conv kernel_size to be either a tuple/list of integers (eg.: [3, 3]) but got "
                f"{self.kernel_size}."
            )
        x, size = to_float(inputs), tuple(self.kernel_size)
        rank = len(size)
        outer = x.shape[: -(rank + 1)]
        if x.ndim != rank + 2:
            x = _shapes.reshape(x, (math.prod(outer), *x.shape[-(rank + 1) :]))
        channels = x.shape[-1]
        if channels % self.feature_group_count:
            raise ValueError(f"Conv: {channels} channels cannot be divided into {self.feature_group_count} groups")
        shape = (*size, channels // self.feature_group_count, self.features)
        kernel = as_array(self.param("kernel", self.kernel_init, shape, self.param_dtype))._tensor
        bias = as_array(self.param("bias", self.bias_init, (self.features,), self.param_dtype))._tensor \
            if self.use_bias else None  # fmt: skip
        if self.mask is not None:
            kernel = kernel * as_array(self.mask)._tensor
        if set(_steps(self.input_dilation, rank)) != {1}:
            raise NotImplementedError("Conv: input_dilation is not in swiftconv's jax dialect")
        strides, dilation = _steps(self.strides, rank), _steps(self.kernel_dilation, rank)
        windows = [step * (each - 1) + 1 for step, each in zip(dilation, size, strict=True)]
        borders = _borders(self.padding, x.shape[1:-1], windows, strides)
        before, after = zip(*borders, strict=True)
        weight = kernel.permute((rank + 1, rank, *range(rank)))
        result = _channels_last(
            apply(_CONVOLUTION, _channels_first(x._tensor), weight, bias, strides, before, after, dilation,
                  self.feature_group_count)
        )  # fmt: skip
        return wrapped(result if len(outer) == 1 else result.reshape((*outer, *result.shape[1:])))


def _pooled(
    operation: Callable[..., Any], inputs: Any, window_shape: Any, strides: Any, padding: Any, border: float
) -> Array:
    x = to_float(inputs)
    windows = tuple(operator.index(each) for each in window_shape)
    rank = len(windows)
    if rank not in (1, 2, 3):
        raise ValueError(f"pooling: window_shape has {rank} axes, expected 1, 2 or 3")
    # As in Flax, the windows move by one place unless told otherwise.
    steps = _steps(strides or 1, rank)
    tensor = _channels_first(x._tensor if x.ndim == rank + 2 else x._tensor.unsqueeze(0))
    borders = _borders(padding, tensor.shape[2:], windows, steps)
    sides = 0
    if any(before or after for before, after in borders):
        even = all(
            before == after and 2 * before <= window for (before, after), window in zip(borders, windows, strict=True)
        )
        if even:
            sides = tuple(before for before, _ in borders)
        else:
            tensor = F.pad(tensor, [each for pair in borders[::-1] for each in pair], "constant", border)
    result = _channels_last(operation(tensor, windows, steps, sides))
    return wrapped(result if x.ndim == rank + 2 else result[0])


_MAX = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}
_AVG = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}


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
    return _pooled(_MAX[len(window_shape)], inputs, window_shape, strides, padding, -math.inf)


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
    pooled = _pooled(_AVG[len(window_shape)], inputs, window_shape, strides, padding, 0.0)
    if count_include_pad:
        return pooled
    inside = _pooled(_AVG[len(window_shape)], _shapes.ones_like(as_array(inputs)), window_shape, strides, padding, 0.0)
    return pooled / inside


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
            f"Parameter {name!r} was passed to the constructor and at call time. Should be passed just once."
        )
    if own is None and given is None:
        raise ValueError(f"Parameter {name!r} must be passed to the constructor or at call time.")
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
        rows = x._tensor if x.ndim == 2 else _channels_first(x._tensor)
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
        return wrapped(result if x.ndim == 2 else _channels_last(result))


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
