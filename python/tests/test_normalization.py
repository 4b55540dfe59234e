"""Normalization and pooling of sizes at which their kernels take different paths, against NumPy in float64."""

import numpy as np
import pytest

import swiftconv as sc
import swiftconv.nn.functional as F

# Rows shorter and longer than registers, channels joined to rows, and one of a size that goes past the caches.
BATCHES = [(3, 5, 7, 7), (2, 3, 64), (5, 130), (300, 2, 3), (4, 300, 3, 3), (33, 2, 9, 9), (2, 3, 1024, 640)]
# Fewer and more rows than are added up in one go; rows shorter than a register, and longer than a block of sums.
LAYERS = [(1, 1), (150, 7), (65, 33), (3, 9000), (64, 16), (0, 5)]


def draw(shape, seed, dtype=np.float32):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


def on_threads(count, call):
    before = sc.get_num_threads()
    sc.set_num_threads(count)
    try:
        return call()
    finally:
        sc.set_num_threads(before)


def normalized(x, axes, eps=1e-5):
    center = x.mean(axes, keepdims=True)
    slope = 1 / np.sqrt(((x - center) ** 2).mean(axes, keepdims=True) + eps)
    return (x - center) * slope, slope


def check(call, expected, dtype):
    """Results of `call` with one thread and with more, which must be the same bits, against what is expected."""
    results = on_threads(1, call)
    for result, again, value in zip(results, on_threads(3, call), expected, strict=True):
        np.testing.assert_array_equal(result, again)
        scale = max(1.0, float(np.abs(value).max(initial=0)))
        np.testing.assert_allclose(result, value, rtol=0, atol=(2e-5 if dtype == np.float32 else 1e-11) * scale)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", BATCHES)
def test_batch_norm(shape, dtype):
    x, g = draw(shape, 1, dtype) + dtype(2), draw(shape, 2, dtype)
    weight, bias = draw(shape[1:2], 3, dtype), draw(shape[1:2], 4, dtype)

    def call():
        tensors = [sc.tensor(array, requires_grad=True) for array in (x, weight, bias)]
        y = F.batch_norm(tensors[0], None, None, tensors[1], tensors[2], training=True)
        y.backward(sc.tensor(g))
        return [y.detach().numpy()] + [tensor.grad.numpy() for tensor in tensors]

    axes = (0, *range(2, len(shape)))
    column = (-1, *[1] * (len(shape) - 2))
    normal, slope = normalized(x.astype(np.float64), axes)
    scaled = g * weight.astype(np.float64).reshape(column)
    dx = (scaled - scaled.mean(axes, keepdims=True) - normal * (scaled * normal).mean(axes, keepdims=True)) * slope
    y = normal * weight.reshape(column) + bias.reshape(column)
    check(call, [y, dx, (g * normal).sum(axes), g.astype(np.float64).sum(axes)], dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", LAYERS)
def test_layer_norm(shape, dtype):
    x, g = draw(shape, 1, dtype) + dtype(2), draw(shape, 2, dtype)
    weight, bias = draw(shape[1:], 3, dtype), draw(shape[1:], 4, dtype)

    def call():
        tensors = [sc.tensor(array, requires_grad=True) for array in (x, weight, bias)]
        y = F.layer_norm(tensors[0], shape[1:], tensors[1], tensors[2])
        y.backward(sc.tensor(g))
        return [y.detach().numpy()] + [tensor.grad.numpy() for tensor in tensors]

    normal, slope = normalized(x.astype(np.float64), (1,))
    scaled = g * weight.astype(np.float64)
    dx = (scaled - scaled.mean(1, keepdims=True) - normal * (scaled * normal).mean(1, keepdims=True)) * slope
    check(call, [normal * weight + bias, dx, (g * normal).sum(0), g.astype(np.float64).sum(0)], dtype)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 6, 7, 9, 13, 31])
@pytest.mark.parametrize("planes", [(1, 1), (3, 7), (2, 33), (5, 40)])
def test_mean_of_planes(planes, size):
    x, g = draw((*planes, size, size), 1), draw((*planes, 1, 1), 2)

    def call():
        tensor = sc.tensor(x, requires_grad=True)
        y = F.adaptive_avg_pool2d(tensor, 1)
        y.backward(sc.tensor(g))
        return [y.detach().numpy(), tensor.grad.numpy()]

    mean = x.astype(np.float64).mean((2, 3), keepdims=True)
    check(call, [mean, np.broadcast_to(g / size**2, x.shape)], np.float32)


@pytest.mark.parametrize("window", [(3, 2, 1, 1), (3, 1, 1, 1), (2, 1, 0, 3), (5, 2, 2, 1), (2, 2, 1, 1), (4, 2, 0, 1)])
@pytest.mark.parametrize("shape", [(2, 3, 13, 15), (1, 2, 48, 48), (1, 1, 70, 7), (2, 1, 9, 100)])
def test_largest_of_windows(shape, window):
    kernel, stride, padding, dilation = window
    x = draw(shape, 1)
    x[0, 0, 3:5, 2:4] = np.nan
    x[0, 0, -1] = -np.inf

    padded = np.pad(x, ((0, 0), (0, 0), (padding,) * 2, (padding,) * 2), constant_values=-np.inf)
    reach = (kernel - 1) * dilation + 1
    windows = np.lib.stride_tricks.sliding_window_view(padded, (reach, reach), (2, 3))
    expected = windows[:, :, ::stride, ::stride, ::dilation, ::dilation].max((4, 5))
    for tensor in (sc.tensor(x), sc.tensor(np.ascontiguousarray(x.swapaxes(2, 3))).swapaxes(2, 3)):
        result = F.max_pool2d(tensor, kernel, stride, padding, dilation).numpy()
        np.testing.assert_array_equal(result, expected)
