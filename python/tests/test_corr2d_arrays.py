"""`corr2d` of arrays: small ones are computed without tensors, and must give the same as tensors do."""

import ctypes
import itertools
import mmap
import sys

import numpy as np
import pytest

import swiftconv as sc

SIZES = [((1, 1), (1, 1)), ((3, 3), (2, 2)), ((6, 8), (1, 2)), ((7, 5), (7, 5)), ((17, 33), (3, 4)), ((70, 69), (5, 2))]


def _reference(X, K):
    X, K = X.astype(np.float64), K.astype(np.float64)
    windows = np.lib.stride_tricks.sliding_window_view(X, K.shape)
    return np.einsum("ijab,ab->ij", windows, K)


def _arrangements(shape, dtype, rng):
    """Arrays of a shape, with all kinds of strides."""
    rows, columns = shape
    yield rng.standard_normal(shape).astype(dtype)
    yield np.asfortranarray(rng.standard_normal(shape).astype(dtype))
    yield rng.standard_normal((2 * rows, 3 * columns)).astype(dtype)[::-2, 1::3]
    yield rng.standard_normal((columns, rows)).astype(dtype).T[:, ::-1]
    yield np.broadcast_to(rng.standard_normal(columns).astype(dtype), shape)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("shape", "size"), SIZES)
def test_values(shape, size, dtype, rng):
    for X in _arrangements(shape, dtype, rng):
        for K in _arrangements(size, dtype, rng):
            Y = sc.corr2d(X, K)
            assert type(Y) is np.ndarray and Y.dtype == dtype and Y.flags.c_contiguous and Y.flags.writeable
            tolerance = (1e-6 if dtype == np.float32 else 1e-14) * K.size
            np.testing.assert_allclose(Y, _reference(X, K), rtol=tolerance, atol=8 * tolerance)
            np.testing.assert_array_equal(Y, sc.corr2d(sc.from_numpy(X), sc.from_numpy(K)).numpy())


@pytest.mark.parametrize("algorithm", ["reference", "direct", "fft"])
def test_the_chosen_algorithm_is_taken(algorithm, rng):
    X, K = rng.standard_normal((20, 30)), rng.standard_normal((4, 5))
    with sc.conv_algorithm(algorithm):
        Y = sc.corr2d(X, K)
        np.testing.assert_array_equal(Y, sc.corr2d(sc.from_numpy(X), sc.from_numpy(K)).numpy())
    np.testing.assert_allclose(Y, _reference(X, K), rtol=1e-9, atol=1e-9)


def test_read_only_arrays_and_mixed_types():
    X, K = np.arange(12.0).reshape(3, 4), np.ones((2, 2), np.float32)
    X.flags.writeable = K.flags.writeable = False
    for x, k, dtype in ((X, K, np.float64), (X.astype(np.float32), K, np.float32), (X.astype(np.int32), K, np.float32)):
        Y = sc.corr2d(x, k)
        assert Y.dtype == dtype and Y.flags.writeable
        np.testing.assert_array_equal(Y, _reference(X, K))
    assert sc.corr2d(X.astype(np.uint8), np.ones((2, 2), bool)).dtype == np.int64


@pytest.mark.parametrize(
    ("X", "K", "error"),
    [
        (np.ones((2, 2)), np.ones((3, 3)), ValueError),
        (np.ones((2, 2)), np.ones((2, 3)), ValueError),
        (np.ones(4), np.ones((2, 2)), ValueError),
        (np.ones((2, 2)), np.ones((2, 2, 1)), ValueError),
        (np.ones((4, 4)), np.ones((0, 2)), ValueError),
        (np.ones((0, 4)), np.ones((1, 2)), ValueError),
        (np.ones((4, 4)).astype(">f8"), np.ones((2, 2)), TypeError),
        (np.ones((4, 4), np.float16), np.ones((2, 2)), TypeError),
        (np.ones((4, 4), complex), np.ones((2, 2)), TypeError),
        (np.ones((4, 4), "datetime64[s]"), np.ones((2, 2)), TypeError),
        (np.zeros(33, np.int8)[1:].view(np.float32)[:4].reshape(2, 2), np.ones((2, 2), np.float32), TypeError),
    ],
)
def test_what_does_not_fit_is_an_error(X, K, error):
    with pytest.raises(error):
        sc.corr2d(X, K)


def test_nothing_is_kept(rng):
    import sys

    X, K = rng.standard_normal((6, 8)), rng.standard_normal((1, 2))
    before = sys.getrefcount(X), sys.getrefcount(K), sys.getrefcount(X.dtype)
    for _ in range(1000):
        sc.corr2d(X, K)
    after = sys.getrefcount(X), sys.getrefcount(K), sys.getrefcount(X.dtype)
    assert before[:2] == after[:2] and abs(after[2] - before[2]) < 10
    X.resize((2, 3), refcheck=True)  # Refused while a buffer is held.


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="protects a page with Linux's mprotect")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kernel", [(2, 2), (3, 3), (7, 7), (4, 3)])
def test_nothing_is_read_beyond_the_image(dtype, kernel):
    libc, page = ctypes.CDLL(None), mmap.PAGESIZE
    K = np.random.default_rng(0).standard_normal(kernel).astype(dtype)
    for rows, columns in itertools.product((3, 6), (9, 16, 17, 26, 31, 33, 40, 47, 49, 64, 70)):
        shape = rows + kernel[0] - 1, columns + kernel[1] - 1
        size = shape[0] * shape[1] * K.itemsize
        before = -(-size // page) * page
        memory = mmap.mmap(-1, before + page)
        # The image ends where a page begins that cannot be read.
        guard = ctypes.addressof(ctypes.c_char.from_buffer(memory)) + before
        assert libc.mprotect(ctypes.c_void_p(guard), ctypes.c_size_t(page), 0) == 0
        X = np.frombuffer(memory, dtype, shape[0] * shape[1], before - size).reshape(shape)
        X[:] = np.random.default_rng(1).standard_normal(shape)
        windows = np.lib.stride_tricks.sliding_window_view(X.astype("float64"), kernel)
        expected = np.einsum("ijab,ab->ij", windows, K.astype("float64"))
        tolerance = 1e-5 if dtype == "float32" else 1e-13
        np.testing.assert_allclose(sc.corr2d(X, K), expected, rtol=0, atol=tolerance * np.abs(K).sum() * 4)
        assert libc.mprotect(ctypes.c_void_p(guard), ctypes.c_size_t(page), 3) == 0
