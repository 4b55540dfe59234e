"""The chapter's operation as a matrix."""

import numpy
import pytest

import swiftconv as sc

SHAPES = [((3, 3), (2, 2)), ((6, 8), (1, 2)), ((5, 5), (5, 5)), ((1, 7), (1, 7)), ((4, 9), (3, 1)), ((7, 1), (2, 1))]


@pytest.mark.parametrize(("shape", "size"), SHAPES)
@pytest.mark.parametrize("dtype", [sc.float32, sc.float64])
def test_the_matrix_does_what_corr2d_does(shape, size, dtype):
    X, K = sc.rand(shape, dtype=dtype), sc.rand(size, dtype=dtype)
    Y = sc.corr2d(X, K)
    M = sc.corr2d_matrix(K, shape)
    assert M.shape == (Y.numel(), X.numel()) and M.dtype is dtype
    tolerance = 1e-5 if dtype is sc.float32 else 1e-12
    numpy.testing.assert_allclose((M @ X.reshape(-1)).numpy(), Y.reshape(-1).numpy(), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("dtype", [sc.int64, sc.int32, sc.uint8, sc.bool])
def test_integers_are_exact(dtype):
    K = sc.randint(0, 2, (2, 3)).to(dtype)
    X = sc.randint(0, 100, (5, 6))
    M = sc.corr2d_matrix(K, (5, 6))
    assert M.dtype is sc.int64
    assert ((M @ X.reshape(-1)) == sc.corr2d(X, K).reshape(-1)).all()


def test_the_transposed_matrix_is_the_gradient():
    X, K = sc.rand(5, 6, dtype=sc.float64, requires_grad=True), sc.rand(2, 3, dtype=sc.float64)
    g = sc.rand(4, 4, dtype=sc.float64)
    sc.corr2d(X, K).backward(g)
    M = sc.corr2d_matrix(K, X.shape)
    numpy.testing.assert_allclose((M.t() @ g.reshape(-1)).numpy(), X.grad.reshape(-1).numpy(), rtol=1e-12)


def test_gradients_reach_the_kernel():
    X, K = sc.rand(5, 6, dtype=sc.float64), sc.rand(2, 3, dtype=sc.float64, requires_grad=True)
    ((sc.corr2d_matrix(K, (5, 6)) @ X.reshape(-1)) ** 2).sum().backward()
    by_matrix, K.grad = K.grad, None
    (sc.corr2d(X, K) ** 2).sum().backward()
    numpy.testing.assert_allclose(by_matrix.numpy(), K.grad.numpy(), rtol=1e-12)


def test_arrays_of_any_strides_and_lists():
    K = numpy.arange(12.0).reshape(3, 4)[::-2, 1::2].T
    M = sc.corr2d_matrix(K, (4, 4))
    X = numpy.arange(16.0).reshape(4, 4)
    assert numpy.allclose((M.numpy() @ X.reshape(-1)).reshape(3, 3), sc.corr2d(X, K))
    assert sc.corr2d_matrix([[1.0, -1.0]], (1, 3)).tolist() == [[1, -1, 0], [0, 1, -1]]


@pytest.mark.parametrize(("shape", "size"), SHAPES)
def test_sparse(shape, size):
    pytest.importorskip("scipy", reason="SciPy is not installed")
    K = sc.rand(size, dtype=sc.float64)
    sparse = sc.corr2d_matrix(K, shape, sparse=True)
    assert sparse.format == "csr" and sparse.has_sorted_indices
    assert numpy.array_equal(sparse.toarray(), sc.corr2d_matrix(K, shape).numpy())
    X = numpy.random.default_rng(0).normal(size=shape)
    numpy.testing.assert_allclose(sparse @ X.reshape(-1), sc.corr2d(X, K.numpy()).reshape(-1), rtol=1e-12)


def test_sparse_stores_no_zeros_and_fits_large_images():
    pytest.importorskip("scipy", reason="SciPy is not installed")
    K = sc.filters.laplacian()
    sparse = sc.corr2d_matrix(K, (200, 300), sparse=True)
    assert sparse.shape == (198 * 298, 60000) and sparse.nnz == 198 * 298 * 5 and sparse.dtype == numpy.float32


def test_without_scipy(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "scipy.sparse", None)
    with pytest.raises(ImportError, match="pip install scipy"):
        sc.corr2d_matrix(sc.ones(1, 1), (2, 2), sparse=True)


@pytest.mark.parametrize(
    ("kernel", "shape", "error", "text"),
    [
        (sc.ones(2, 2), (1, 5), ValueError, "larger than the image"),
        (sc.ones(2, 2), (5,), ValueError, r"expected the image's \(H, W\)"),
        (sc.ones(2), (5, 5), ValueError, "expected 2 axes"),
        (sc.ones(0, 2), (5, 5), ValueError, "with elements"),
        (sc.ones(2, 2), (5.5, 3), TypeError, "whole numbers"),
        ("kernel", (5, 5), TypeError, "K must be a Tensor"),
        (numpy.ones((2, 2), dtype=numpy.float16), (5, 5), TypeError, "float16"),
        (sc.ones(2, 2), (10**6, 10**6), ValueError, "more elements"),
        (sc.ones(2, 2), (-3, 5), ValueError, "larger than the image"),
    ],
)
def test_mistakes(kernel, shape, error, text):
    with pytest.raises(error, match=text):
        sc.corr2d_matrix(kernel, shape)
