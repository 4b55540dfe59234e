"""Depthwise convolutions of 3x3 taps: planes of all widths and heights, both steps, every padding, beside NumPy."""

import numpy as np
import pytest

import swiftconv as sc

F = sc.nn.functional

# Below, at and above the lengths of vectors, and their halves.
SIZES = [1, 2, 3, 4, 5, 7, 8, 9, 12, 14, 15, 16, 17, 18, 19, 28, 31, 32, 33, 34, 35, 37, 50, 65, 67]


def reference(x, weight, bias, dy, stride, padding):
    """The result and the gradients by x and weight, in float64."""
    (n, c, height, width), (rows, columns) = x.shape, dy.shape[2:]
    padded = np.zeros((n, c, height + 8, width + 8))
    inside = np.s_[:, :, padding[0] : padding[0] + height, padding[1] : padding[1] + width]
    padded[inside] = x
    y = np.zeros(dy.shape) + bias[:, None, None]
    dx, dw = np.zeros_like(padded), np.zeros(weight.shape)
    for ky in range(3):
        for kx in range(3):
            seen = np.s_[:, :, ky : ky + stride * rows : stride, kx : kx + stride * columns : stride]
            tap = weight[:, 0, ky, kx].astype(np.float64)[:, None, None]
            y += tap * padded[seen][:, :, :rows, :columns]
            dx[seen][:, :, :rows, :columns] += tap * dy
            dw[:, 0, ky, kx] = (padded[seen][:, :, :rows, :columns] * dy).sum((0, 2, 3))
    return y, dx[inside], dw


def passes(x, weight, bias, dy, stride, padding):
    y = F.conv2d(x, weight, bias, stride, padding, 1, weight.shape[0])
    return [y.detach().numpy(), *(g.numpy() for g in sc.autograd.grad(y, [x, weight], dy))]


def draws(seed, dtype, n, c, height, width, stride, padding):
    rng = np.random.default_rng(seed)
    rows, columns = (height + 2 * padding[0] - 3) // stride + 1, (width + 2 * padding[1] - 3) // stride + 1
    shapes = (n, c, height, width), (c, 1, 3, 3), (c,), (n, c, rows, columns)
    return [rng.standard_normal(shape).astype(dtype) for shape in shapes]


def cases():
    rng = np.random.default_rng(0)
    for width in SIZES:
        for stride in (1, 2):
            height = int(rng.choice(SIZES))
            padding = int(rng.integers(0, 3)), int(rng.integers(0, 3))
            if height + 2 * padding[0] >= 3 and width + 2 * padding[1] >= 3:
                yield height, width, stride, padding


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("height", "width", "stride", "padding"), list(cases()))
def test_values_and_gradients(height, width, stride, padding, dtype):
    arrays = draws(1, dtype, 2, 17, height, width, stride, padding)
    expected = reference(*arrays, stride, padding)
    x, weight, bias, dy = (sc.tensor(a) for a in arrays)
    # The same as a part of something larger, in which every other number is NaN.
    larger = np.full((2, 20, height + 3, width + 4), np.nan, dtype)
    larger[:, 1:18, 1 : height + 1, 3 : width + 3] = arrays[0]
    part = sc.tensor(larger)[:, 1:18, 1 : height + 1, 3 : width + 3]
    tolerance = 1e-4 if dtype == "float32" else 1e-12
    for source in (x, part):
        found = passes(source.requires_grad_(), weight.requires_grad_(), bias, dy, stride, padding)
        for what, a, b in zip(("y", "dx", "dw"), found, expected, strict=True):
            np.testing.assert_allclose(a, b, rtol=0, atol=tolerance * max(1, np.abs(b).max()), err_msg=what)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("top", [0, 1, 2])
@pytest.mark.parametrize("height", [2, 4, 5, 7, 8])
@pytest.mark.parametrize("width", [1, 2, 3, 5, 6, 7, 8, 14])
def test_narrow_planes_between_others(width, height, top, dtype):
    """Rows that share a vector with their neighbours see nothing of the planes before and after."""
    if height + 2 * top < 3:
        return
    arrays = draws(3, dtype, 2, 17, height, width, 1, (top, 1))
    expected = reference(*arrays, 1, (top, 1))
    larger = np.full((2, 19, height, width), np.nan, dtype)
    larger[:, 1:18] = arrays[0]
    x = sc.tensor(larger)[:, 1:18].requires_grad_()
    weight, bias, dy = (sc.tensor(a) for a in arrays[1:])
    tolerance = 1e-4 if dtype == "float32" else 1e-12
    found = passes(x, weight.requires_grad_(), bias, dy, 1, (top, 1))
    for what, a, b in zip(("y", "dx", "dw"), found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=tolerance * max(1, np.abs(b).max()), err_msg=what)


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("size", [7, 14, 30])
def test_results_do_not_depend_on_threads(size, stride):
    before = sc.get_num_threads()
    x, weight, bias, dy = (sc.tensor(a) for a in draws(2, "float32", 3, 300, size, size, stride, (1, 1)))
    x.requires_grad_(), weight.requires_grad_()
    try:
        results = []
        for threads in (1, 2, 3):
            sc.set_num_threads(threads)
            results.append(passes(x, weight, bias, dy, stride, (1, 1)))
    finally:
        sc.set_num_threads(before)
    for other in results[1:]:
        for a, b in zip(results[0], other, strict=True):
            assert np.array_equal(a, b)


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("size", [5, 14, 33, 40])
def test_infinity_stays_where_it_belongs(size, stride):
    x, weight, bias, dy = draws(3, "float32", 1, 16, size, size, stride, (1, 1))
    x[:, :, -1, -1] = np.inf
    tensors = [sc.tensor(a) for a in (x, weight, bias, dy)]
    tensors[0].requires_grad_(), tensors[1].requires_grad_()
    y, dx, dw = passes(*tensors, stride, (1, 1))
    with np.errstate(invalid="ignore"):
        expected = reference(x, weight, bias, dy, stride, (1, 1))
    assert np.array_equal(np.isfinite(y), np.isfinite(expected[0]))
    assert np.isfinite(dx).all()
    assert np.array_equal(np.isfinite(dw), np.isfinite(expected[2]))
