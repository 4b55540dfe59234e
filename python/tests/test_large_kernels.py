"""Correlation with kernels so large that it uses Fourier transforms: values, gradients, and what stays exact."""

import numpy as np
import pytest

import swiftconv as sc

BOUNDS = {np.float32: 1e-5, np.float64: 1e-12}
"""Of errors, as a share of the result's root mean square."""


def _sampled(a, b, positions):
    """Elements of the correlation of `a` with `b`, by its definition."""
    h, w = b.shape
    return np.array([np.sum(a[i : i + h, j : j + w] * b) for i, j in positions])


def _positions(shape, count=300):
    return np.random.default_rng(1).integers(0, shape, (count, 2))


def _assert_close(found, expected, dtype):
    scale = np.sqrt(np.mean(expected**2))
    assert np.max(np.abs(found - expected)) <= BOUNDS[dtype] * scale


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("image", "kernel"), [((200, 310), (31, 31)), ((401, 150), (63, 17)), ((640, 600), (301, 290))]
)
def test_values_and_gradients_match_the_definition(image, kernel, dtype):
    rng = np.random.default_rng(0)
    x, k = rng.standard_normal(image).astype(dtype), rng.standard_normal(kernel).astype(dtype)
    X, K = sc.tensor(x, requires_grad=True), sc.tensor(k, requires_grad=True)
    Y = sc.corr2d(X, K)
    dy = rng.standard_normal(tuple(Y.shape)).astype(dtype)
    Y.backward(sc.tensor(dy))
    exact_x, exact_k, exact_dy = x.astype(float), k.astype(float), dy.astype(float)

    places = _positions(Y.shape)
    _assert_close(Y.detach().numpy()[tuple(places.T)], _sampled(exact_x, exact_k, places), dtype)
    places = _positions(K.shape)
    _assert_close(K.grad.numpy()[tuple(places.T)], _sampled(exact_x, exact_dy, places), dtype)
    places = _positions(X.shape)
    around = np.pad(exact_dy, [(size - 1, size - 1) for size in kernel])
    _assert_close(X.grad.numpy()[tuple(places.T)], _sampled(around, exact_k[::-1, ::-1], places), dtype)


def test_strides_and_types_enter_as_they_are():
    rng = np.random.default_rng(2)
    x, k = rng.standard_normal((300, 280)), rng.standard_normal((40, 40))
    expected = sc.corr2d(x, k)
    twice = np.repeat(np.repeat(x, 2, axis=0), 2, axis=1)
    assert np.array_equal(sc.corr2d(twice[::2, ::2], k), expected)
    assert np.array_equal(sc.corr2d(np.asfortranarray(x), np.asfortranarray(k)), expected)
    assert np.array_equal(sc.corr2d(np.ascontiguousarray(x[::-1, ::-1])[::-1, ::-1], k), expected)
    pixels = rng.integers(0, 255, (300, 280), dtype=np.uint8)
    assert np.allclose(sc.corr2d(pixels, k), sc.corr2d(pixels.astype(float), k))


def test_integers_stay_exact():
    rng = np.random.default_rng(3)
    x, k = rng.integers(-99, 99, (120, 120)), rng.integers(-99, 99, (33, 33))
    places = _positions((88, 88), 50)
    assert np.array_equal(sc.corr2d(x, k)[tuple(places.T)], _sampled(x, k, places))


def test_what_is_not_finite_stays_in_its_windows():
    x, k = np.ones((200, 200), np.float32), np.ones((40, 40), np.float32)
    x[100, 90] = np.nan
    x[10, 10] = np.inf
    y = sc.corr2d(x, k)
    seen = np.zeros((161, 161), bool)
    seen[61:101, 51:91] = True
    assert np.array_equal(np.isnan(y), seen)
    assert np.isinf(y[:11, :11]).all()
    assert np.allclose(y[120:], 1600)


def test_results_do_not_depend_on_the_number_of_threads():
    rng = np.random.default_rng(4)
    x, k = rng.standard_normal((500, 450)), rng.standard_normal((31, 31))
    before = sc.get_num_threads()
    try:
        results = []
        for threads in (1, 2, 3):
            sc.set_num_threads(threads)
            X, K = sc.tensor(x, requires_grad=True), sc.tensor(k, requires_grad=True)
            Y = sc.corr2d(X, K)
            Y.square().sum().backward()
            results.append([Y.detach().numpy(), X.grad.numpy(), K.grad.numpy()])
    finally:
        sc.set_num_threads(before)
    for other in results[1:]:
        for first, second in zip(results[0], other, strict=True):
            assert np.array_equal(first, second)
