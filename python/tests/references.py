"""What operators compute, as NumPy formulas or plain loops in float64: short, slow and easy to believe."""

import itertools
import math

import numpy as np

erf = np.vectorize(math.erf, otypes=[float])


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def silu(x):
    return x * sigmoid(x)


def gelu(x, approximate="none"):
    if approximate == "tanh":
        return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    return 0.5 * x * (1 + erf(x / math.sqrt(2)))


def softplus(x, beta=1.0, threshold=20.0):
    return np.where(x * beta > threshold, x, np.log1p(np.exp(np.minimum(x * beta, threshold))) / beta)


def logsumexp(x, dim=None, keepdim=False):
    top = x.max(axis=dim, keepdims=True)
    result = np.log(np.exp(x - top).sum(axis=dim, keepdims=True)) + top
    return result if keepdim else np.squeeze(result, axis=dim)


def log_softmax(x, dim):
    return x - logsumexp(x, dim, True)


def softmax(x, dim):
    return np.exp(log_softmax(x, dim))


def corr2d(X, K):
    h, w = K.shape
    Y = np.zeros((X.shape[0] - h + 1, X.shape[1] - w + 1), np.result_type(X, K))
    for i, j in np.ndindex(*Y.shape):
        Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y


def _output_size(size, kernel, stride, before, after, dilation):
    return (size + before + after - dilation * (kernel - 1) - 1) // stride + 1


def convolution(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """One product for every tap of the kernel."""
    rank = x.ndim - 2
    stride, dilation = (each if isinstance(each, tuple) else (each,) * rank for each in (stride, dilation))
    kernel = weight.shape[2:]
    if padding == "same":
        total = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
        around = [(each // 2, each - each // 2) for each in total]
    else:
        padding = padding if isinstance(padding, tuple) else (0 if padding == "valid" else padding,) * rank
        around = [(each, each) for each in padding]
    out = [
        _output_size(x.shape[axis + 2], kernel[axis], stride[axis], *around[axis], dilation[axis])
        for axis in range(rank)
    ]
    x = np.pad(x, [(0, 0), (0, 0), *around])
    y = np.zeros((x.shape[0], weight.shape[0], *out))
    per_in, per_out = weight.shape[1], weight.shape[0] // groups
    for group, tap in itertools.product(range(groups), np.ndindex(*kernel)):
        window = tuple(
            slice(t * d, t * d + (o - 1) * s + 1, s) for t, d, o, s in zip(tap, dilation, out, stride, strict=True)
        )
        seen = x[(slice(None), slice(group * per_in, (group + 1) * per_in), *window)]
        here = slice(group * per_out, (group + 1) * per_out)
        y[:, here] += np.einsum("nc...,oc->no...", seen, weight[(here, slice(None), *tap)])
    return y if bias is None else y + bias.reshape((-1,) + (1,) * rank)


def conv_transpose(x, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """Every element of x puts a scaled kernel into the result."""
    rank = x.ndim - 2
    stride, padding, output_padding, dilation = (
        each if isinstance(each, tuple) else (each,) * rank for each in (stride, padding, output_padding, dilation)
    )
    kernel, per_in, per_out = weight.shape[2:], x.shape[1] // groups, weight.shape[1]
    full = [
        (size - 1) * s + d * (k - 1) + 1 + extra
        for size, s, d, k, extra in zip(x.shape[2:], stride, dilation, kernel, output_padding, strict=True)
    ]
    y = np.zeros((x.shape[0], per_out * groups, *full))
    for group, tap in itertools.product(range(groups), np.ndindex(*kernel)):
        place = tuple(
            slice(t * d, t * d + (size - 1) * s + 1, s)
            for t, d, size, s in zip(tap, dilation, x.shape[2:], stride, strict=True)
        )
        here = slice(group * per_in, (group + 1) * per_in)
        there = slice(group * per_out, (group + 1) * per_out)
        y[(slice(None), there, *place)] += np.einsum("nc...,co->no...", x[:, here], weight[(here, slice(None), *tap)])
    y = y[(slice(None), slice(None), *(slice(p, size - p) for p, size in zip(padding, full, strict=True)))]
    return y if bias is None else y + bias.reshape((-1,) + (1,) * rank)


def windows(shape, kernel, stride, padding, dilation=1):
    """The positions of each two-dimensional window: its place in the result, and the elements inside of the image."""
    sizes = [_output_size(size, kernel, stride, padding, padding, dilation) for size in shape]
    for place in np.ndindex(*sizes):
        rows, columns = ([p * stride - padding + tap * dilation for tap in range(kernel)] for p in place)
        inside = [(r, c) for r in rows for c in columns if 0 <= r < shape[0] and 0 <= c < shape[1]]
        yield place, inside


def max_pool2d(x, kernel_size, stride, padding=0, dilation=1):
    places = list(windows(x.shape[2:], kernel_size, stride, padding, dilation))
    size = tuple(np.array(places[-1][0]) + 1)
    y, positions = np.zeros((*x.shape[:2], *size)), np.zeros((*x.shape[:2], *size), np.int64)
    for place, inside in places:
        values = np.stack([x[:, :, r, c] for r, c in inside], -1)
        y[(..., *place)] = values.max(-1)
        flat = np.array([r * x.shape[3] + c for r, c in inside])
        positions[(..., *place)] = flat[values.argmax(-1)]
    return y, positions


def avg_pool2d(x, kernel_size, stride, padding=0, count_include_pad=True):
    places = list(windows(x.shape[2:], kernel_size, stride, padding))
    y = np.zeros((*x.shape[:2], *(np.array(places[-1][0]) + 1)))
    for place, inside in places:
        total = sum(x[:, :, r, c] for r, c in inside)
        y[(..., *place)] = total / (kernel_size**2 if count_include_pad else len(inside))
    return y


def adaptive_pool2d(x, output_size, reduce):
    y = np.zeros((*x.shape[:2], output_size, output_size))
    cuts = [
        [(i * size // output_size, -(-(i + 1) * size // output_size)) for i in range(output_size)]
        for size in x.shape[2:]
    ]
    for i, j in np.ndindex(output_size, output_size):
        (top, bottom), (left, right) = cuts[0][i], cuts[1][j]
        y[:, :, i, j] = reduce(x[:, :, top:bottom, left:right], axis=(2, 3))
    return y


def unfold(x, kernel_size, dilation=1, padding=0, stride=1):
    padded = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
    rows, columns = (_output_size(size, kernel_size, stride, padding, padding, dilation) for size in x.shape[2:])
    taps = []
    for r, c in np.ndindex(kernel_size, kernel_size):
        top, left = r * dilation, c * dilation
        seen = padded[
            :, :, top : top + (rows - 1) * stride + 1 : stride, left : left + (columns - 1) * stride + 1 : stride
        ]
        taps.append(seen.reshape(*x.shape[:2], -1))
    return np.stack(taps, 2).reshape(x.shape[0], -1, rows * columns)


def fold(columns, output_size, kernel_size, dilation=1, padding=0, stride=1):
    """The adjoint of `unfold`, element by element."""
    count, channels = columns.shape[0], columns.shape[1] // kernel_size**2
    numbers = np.arange(count * channels * output_size**2, dtype=float) + 1
    images = numbers.reshape(count, channels, output_size, output_size)
    came_from = unfold(images, kernel_size, dilation, padding, stride)
    result = np.zeros(numbers.size + 1)
    np.add.at(result, came_from.astype(int), columns)
    return result[1:].reshape(images.shape)


def batch_norm(x, running_mean, running_var, weight, bias, training=False, eps=1e-5):
    shape = (1, -1) + (1,) * (x.ndim - 2)
    axes = (0, *range(2, x.ndim))
    mean = x.mean(axes) if training else running_mean
    variance = x.var(axes) if training else running_var
    unit = (x - mean.reshape(shape)) / np.sqrt(variance.reshape(shape) + eps)
    return unit * weight.reshape(shape) + bias.reshape(shape)


def layer_norm(x, normalized_shape, weight, bias, eps=1e-5):
    axes = tuple(range(x.ndim - len(normalized_shape), x.ndim))
    unit = (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + eps)
    return unit * weight + bias


def group_norm(x, num_groups, weight, bias, eps=1e-5):
    parts = x.reshape(x.shape[0], num_groups, -1)
    unit = (parts - parts.mean(-1, keepdims=True)) / np.sqrt(parts.var(-1, keepdims=True) + eps)
    shape = (1, -1) + (1,) * (x.ndim - 2)
    return unit.reshape(x.shape) * weight.reshape(shape) + bias.reshape(shape)


def reduced(losses, reduction="mean"):
    return {"mean": np.mean, "sum": np.sum, "none": lambda each: each}[reduction](losses)


def nll_loss(log_probabilities, classes, weight=None, reduction="mean"):
    losses = -log_probabilities[np.arange(len(classes)), classes]
    if weight is None:
        return reduced(losses, reduction)
    scale = weight[classes]
    return (losses * scale).sum() / scale.sum() if reduction == "mean" else reduced(losses * scale, reduction)


def binary_cross_entropy_with_logits(x, target, reduction="mean"):
    return reduced(np.maximum(x, 0) - x * target + np.log1p(np.exp(-np.abs(x))), reduction)
