"""``tf.nn``: layers as functions. Images are (N, H, W, C), kernels (kh, kw, C_in, C_out)."""

from __future__ import annotations

from typing import Any

from .. import ops as _ops
from .._core import apply as _apply
from .._core import operators as _operators
from ..creation import ones_like as _ones_like
from ..dialects import missing as _missing
from ..nn import functional as _F
from ..tensor import Tensor as _Native
from . import _dtypes
from ._elementwise import relu, sigmoid, softplus, tanh
from ._math import reduce_mean, reduce_variance
from ._tensor import EagerTensor, convert, matched, native
from .errors import InvalidArgumentError, fault

__all__ = [
    "avg_pool",
    "avg_pool2d",
    "batch_normalization",
    "bias_add",
    "conv2d",
    "dropout",
    "elu",
    "gelu",
    "l2_loss",
    "leaky_relu",
    "log_softmax",
    "max_pool",
    "max_pool2d",
    "moments",
    "relu",
    "selu",
    "sigmoid",
    "sigmoid_cross_entropy_with_logits",
    "silu",
    "softmax",
    "softmax_cross_entropy_with_logits",
    "softplus",
    "sparse_softmax_cross_entropy_with_logits",
    "swish",
    "tanh",
]


# What computes convolutions, as errors name it.
_MKL = "__MklNativeConv2D"


def window(value: Any, rank: int, name: str, allow_zero: bool = False) -> tuple[int, ...]:
    """Return a number, one number per axis, or one per axis of the whole tensor, as one per axis of the image."""
    sizes = (value,) if isinstance(value, int) else tuple(int(each) for each in value)
    fault = f"The `{name}` argument must be a tuple of {rank} integers. Received: {value}"
    if len(sizes) == 1:
        sizes *= rank
    if len(sizes) == rank + 2:
        sizes = sizes[1:-1]
    if len(sizes) != rank:
        raise ValueError(fault)
    wrong = {each for each in sizes if each < 0 or (each == 0 and not allow_zero)}
    if wrong:
        rule = ">= 0" if allow_zero else "> 0"
        raise ValueError(f"{fault} including {wrong} that does not satisfy the requirement `{rule}`.")
    return sizes


def borders(padding: Any, sizes: Any, kernel: Any, strides: Any, dilations: Any) -> tuple[Any, Any]:
    """Return the padding before and after each axis; with "same" the odd one goes after."""
    if not isinstance(padding, str):
        pairs = list(padding)[1:-1] if len(padding) == len(sizes) + 2 else list(padding)
        return tuple(int(pair[0]) for pair in pairs), tuple(int(pair[1]) for pair in pairs)
    if padding.lower() == "valid":
        return (0,) * len(sizes), (0,) * len(sizes)
    if padding.lower() != "same":
        raise ValueError(f"The `padding` argument must be one of 'valid' or 'same'. Received: {padding}")
    totals = []
    for size, width, stride, dilation in zip(sizes, kernel, strides, dilations, strict=True):
        reach = (width - 1) * dilation + 1
        totals.append(max((-(-size // stride) - 1) * stride + reach - size, 0))
    return tuple(total // 2 for total in totals), tuple(total - total // 2 for total in totals)


def channels_first(tensor: _Native) -> _Native:
    """Return a view with the last axis second."""
    return _ops.movedim(tensor, -1, 1)


def channels_last(tensor: _Native) -> _Native:
    """Return a view with the second axis last."""
    return _ops.movedim(tensor, 1, -1)


def convolution(
    input: Any, filters: Any, bias: Any, strides: Any, padding: Any, dilations: Any, groups: int | None = None
) -> EagerTensor:
    """Return the convolution over all axes but the first and the last, with a bias or None."""
    x, kernel = matched("Conv2D", input, filters)
    rank = kernel.ndim - 2
    depth, wanted = x.shape[-1], kernel.shape[-2]
    if groups is None and depth % wanted:
        raise fault("Conv2D", f"input depth must be evenly divisible by filter depth: {depth} vs {wanted}", "", _MKL)
    if groups is None and kernel.shape[-1] % (depth // wanted):
        text = f"output depth must be evenly divisible by number of groups: {kernel.shape[-1]} vs {depth // wanted}"
        raise fault("Conv2D", text, "", _MKL)
    if x.ndim != rank + 2:
        raise InvalidArgumentError(
            f"input must be {rank + 2}-dimensional: {list(x.shape)}; images are (batch, height, width, channels) "
            f"[Op:Conv{rank}D]"
        )
    stride, dilation = window(strides, rank, "strides"), window(dilations, rank, "dilations")
    before, after = borders(padding, x.shape[1:-1], kernel.shape[:rank], stride, dilation)
    if groups is None:
        groups = max(x.shape[-1] // kernel.shape[-2], 1)
    weight = _ops.permute(kernel, (rank + 1, rank, *range(rank)))
    added = None if bias is None else native(bias)
    result = _apply(
        _operators["convolution"], channels_first(x), weight, added, stride, before, after, dilation, groups
    )
    return EagerTensor(channels_last(result))


def conv2d(
    input: Any,
    filters: Any,
    strides: Any = 1,
    padding: Any = "VALID",
    data_format: str = "NHWC",
    dilations: Any = 1,
    name: str | None = None,
) -> EagerTensor:
    """Return the convolution of images ``(N, H, W, C)`` with kernels ``(kh, kw, C, C_out)``."""
    if data_format != "NHWC":
        raise ValueError("conv2d: swiftconv's tensorflow dialect has data_format='NHWC' only")
    return convolution(input, filters, None, strides, padding, dilations)


def _bordered(x: _Native, before: Any, after: Any, value: float) -> _Native:
    if not any(before) and not any(after):
        return x
    sides = [side for pair in reversed(list(zip(before, after, strict=True))) for side in pair]
    return _F.pad(x, sides, value=value)


def pool(kind: str, input: Any, ksize: Any, strides: Any, padding: Any) -> EagerTensor:
    """Return the largest element ("max") or the mean ("avg") of every window; borders do not count."""
    given = native(input)
    rank = given.ndim - 2
    if rank not in (1, 2, 3):
        raise InvalidArgumentError(f"tensor_in must be 4-dimensional, got shape {list(given.shape)} [Op:MaxPool]")
    kernel = window(ksize, rank, "pool_size")
    stride = kernel if strides is None else window(strides, rank, "strides")
    x, none = channels_first(given), (0,) * rank
    before, after = borders(padding, x.shape[2:], kernel, stride, (1,) * rank)
    if kind == "max":
        framed = _bordered(x, before, after, float("-inf"))
        result = _apply(_operators["max_pool"], framed, kernel, stride, none, (1,) * rank, False, False)
        return EagerTensor(channels_last(result))

    def pooled(image: _Native, divisor: int) -> _Native:
        framed = _bordered(image, before, after, 0.0)
        return _apply(_operators["avg_pool"], framed, kernel, stride, none, (1,) * rank, False, True, divisor)

    if any(before) or any(after):
        # Sums, divided by how many elements of each window lie within the image.
        result = pooled(x, 1) / pooled(_ones_like(x.detach()[:1, :1]), 1)
    else:
        result = pooled(x, 0)
    return EagerTensor(channels_last(result))


def max_pool2d(input: Any, ksize: Any, strides: Any, padding: Any, data_format: str = "NHWC", name: Any = None) -> Any:
    """Return the largest element of every window."""
    return pool("max", input, ksize, strides, padding)


def avg_pool2d(input: Any, ksize: Any, strides: Any, padding: Any, data_format: str = "NHWC", name: Any = None) -> Any:
    """Return the mean of every window; with "SAME" the border does not count."""
    return pool("avg", input, ksize, strides, padding)


max_pool, avg_pool = max_pool2d, avg_pool2d


def bias_add(value: Any, bias: Any, data_format: Any = None, name: Any = None) -> EagerTensor:
    """Return the sum of a tensor and a bias for its last axis."""
    return convert(value) + bias


def softmax(logits: Any, axis: int = -1, name: Any = None) -> EagerTensor:
    """Return exponentials divided by their sum along an axis."""
    return EagerTensor(_ops.softmax(native(logits), axis))


def log_softmax(logits: Any, axis: int = -1, name: Any = None) -> EagerTensor:
    """Return the logarithm of `softmax`."""
    return EagerTensor(_ops.log_softmax(native(logits), axis))


def leaky_relu(features: Any, alpha: float = 0.2, name: Any = None) -> EagerTensor:
    """Return every element, negative ones times `alpha`."""
    return EagerTensor(_F.leaky_relu(native(features), alpha))


def elu(features: Any, name: Any = None) -> EagerTensor:
    """Return every element, or exp(x) - 1 if it is negative."""
    return EagerTensor(_F.elu(native(features)))


def selu(features: Any, name: Any = None) -> EagerTensor:
    """Return the scaled `elu` that keeps mean and variance."""
    return EagerTensor(_F.selu(native(features)))


def gelu(features: Any, approximate: bool = False, name: Any = None) -> EagerTensor:
    """Return every element times the normal distribution function of it."""
    return EagerTensor(_F.gelu(native(features), "tanh" if approximate else "none"))


def silu(features: Any, beta: float = 1.0) -> EagerTensor:
    """Return x / (1 + exp(-beta x))."""
    x = native(features)
    return EagerTensor(x * _ops.sigmoid(x * beta))


swish = silu


def dropout(x: Any, rate: float, noise_shape: Any = None, seed: int | None = None, name: Any = None) -> EagerTensor:
    """Return the tensor with elements left out at random and the others scaled up to keep the mean."""
    from . import random

    kept = random.uniform(native(x).shape, seed=seed) >= rate
    return EagerTensor(native(x) * (1 / (1 - float(rate))) * kept._value())


def l2_loss(t: Any, name: Any = None) -> EagerTensor:
    """Return half the sum of squares."""
    return EagerTensor(_ops.sum(_ops.square(native(t))) * 0.5)


def moments(x: Any, axes: Any, shift: Any = None, keepdims: bool = False, name: Any = None) -> tuple[Any, Any]:
    """Return the mean and the variance over axes."""
    return reduce_mean(x, axes, keepdims), reduce_variance(x, axes, keepdims)


def batch_normalization(
    x: Any, mean: Any, variance: Any, offset: Any, scale: Any, variance_epsilon: float, name: Any = None
) -> EagerTensor:
    """Return a tensor normalised with a mean and a variance, then scaled and shifted."""
    factor = _ops.rsqrt(native(variance) + variance_epsilon)
    if scale is not None:
        factor = factor * native(scale)
    result = native(x) * factor - native(mean) * factor
    return EagerTensor(result if offset is None else result + native(offset))


def normalized(
    x: Any, mean: Any, variance: Any, scale: Any, offset: Any, training: bool, epsilon: float
) -> EagerTensor:
    """Return `x` normalised per channel, by its own mean and variance in training; swiftconv's batch_norm."""
    result = _F.batch_norm(
        channels_first(native(x)) if native(x).ndim > 2 else native(x),
        None if training else native(mean),
        None if training else native(variance),
        None if scale is None else native(scale),
        None if offset is None else native(offset),
        training,
        0.0,
        epsilon,
    )
    return EagerTensor(channels_last(result) if result.ndim > 2 else result)


def sparse_softmax_cross_entropy_with_logits(labels: Any, logits: Any, name: Any = None) -> EagerTensor:
    """Return the cross-entropy of each row of logits with its label."""
    scores, classes = native(logits), native(labels).to(_dtypes.int64.native)
    if tuple(classes.shape) != tuple(scores.shape[:-1]):
        raise InvalidArgumentError(
            f"`labels.shape` must equal `logits.shape` except for the last dimension. Received: labels.shape="
            f"{tuple(classes.shape)} and logits.shape={tuple(scores.shape)}"
        )
    losses = _F.cross_entropy(scores.reshape(-1, scores.shape[-1]), classes.reshape(-1), reduction="none")
    return EagerTensor(losses.reshape(tuple(classes.shape)))


def softmax_cross_entropy_with_logits(labels: Any, logits: Any, axis: int = -1, name: Any = None) -> EagerTensor:
    """Return the cross-entropy of each row of logits with a row of probabilities."""
    scores, wanted = matched("SoftmaxCrossEntropyWithLogits", logits, labels)
    return EagerTensor(_ops.neg(_ops.sum(wanted * _ops.log_softmax(scores, axis), axis)))


def sigmoid_cross_entropy_with_logits(labels: Any, logits: Any, name: Any = None) -> EagerTensor:
    """Return the cross-entropy of every logit with its probability."""
    scores, wanted = matched("logistic_loss", logits, labels)
    return EagerTensor(_F.binary_cross_entropy_with_logits(scores, wanted, reduction="none"))


__getattr__ = _missing("tensorflow", "tensorflow.nn", globals())
