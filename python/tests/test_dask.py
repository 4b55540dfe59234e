"""Correlations in Dask's blocks are those of the whole array, and need memory for a block only."""

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest

import swiftconv as sc
from subprocesses import MOST_MEMORY, check_python
from swiftconv.nn import functional as F

da = pytest.importorskip("dask.array")

from swiftconv.dask import conv2d, corr2d  # noqa: E402

NUMBERS = np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(1, 1), (7, 5), (12, 30), (31, 17)])
@pytest.mark.parametrize("kernel", [(1, 1), (2, 3), (5, 4), (7, 1)])
@pytest.mark.parametrize("chunks", [1, 4, (5, 3), ((7, 5, 0), (12, 18)), 100])
@pytest.mark.parametrize("dtype", ["float32", "float64", "int64"])
def test_corr2d(shape, kernel, chunks, dtype):
    kernel = tuple(map(min, kernel, shape))
    if isinstance(chunks, tuple) and isinstance(chunks[0], tuple) and tuple(map(sum, chunks)) != shape:
        chunks = (3, 3)
    X, K = (NUMBERS.integers(-9, 9, size).astype(dtype) for size in (shape, kernel))
    Y = corr2d(da.from_array(X, chunks=chunks), K)
    result = Y.compute()
    assert Y.shape == result.shape and Y.dtype == result.dtype
    np.testing.assert_array_equal(result, sc.corr2d(X, K))


@pytest.mark.parametrize("stride", [1, 2, (3, 5)])
@pytest.mark.parametrize("padding", [0, 1, (2, 0)])
@pytest.mark.parametrize("dilation", [1, (1, 3)])
@pytest.mark.parametrize("chunks", [(1, 1, 3, 4), (2, 4, 9, 8), (3, 2, 50, 5)])
def test_conv2d(stride, padding, dilation, chunks):
    x, w, b = (NUMBERS.integers(-4, 5, size).astype(np.float32) for size in ((3, 4, 19, 22), (6, 2, 3, 4), (6,)))
    y = conv2d(da.from_array(x, chunks=chunks), w, b, stride, padding, dilation, groups=2)
    expected = F.conv2d(*map(sc.from_numpy, (x, w, b)), stride, padding, dilation, groups=2)
    np.testing.assert_array_equal(y.compute(), expected)
    assert y.shape == tuple(expected.shape) and y.dtype == np.float32


def test_the_weights_of_a_layer():
    layer = sc.nn.Conv2d(1, 2, 3)
    x = NUMBERS.normal(size=(1, 1, 20, 20)).astype(np.float32)
    y = conv2d(da.from_array(x, chunks=(1, 1, 8, 8)), layer.weight, layer.bias)
    np.testing.assert_allclose(y.compute(), layer(sc.from_numpy(x)).detach(), rtol=1e-5, atol=1e-6)


def test_mistakes():
    with pytest.raises(TypeError, match="corr2d: expected an array of Dask, got ndarray; swiftconv.corr2d takes"):
        corr2d(np.ones((3, 3)), np.ones((2, 2)))
    with pytest.raises(ValueError, match=r"corr2d: the array has shape \(3,\), expected 2 axes"):
        corr2d(da.ones(3), np.ones((2, 2)))
    with pytest.raises(ValueError, match=r"corr2d: K has shape \(2,\)"):
        corr2d(da.ones((3, 3)), np.ones(2))
    with pytest.raises(ValueError, match="the kernel reaches over 4 elements of an axis of 3"):
        corr2d(da.ones((3, 3)), np.ones((2, 4)))
    with pytest.raises(ValueError, match="conv2d: .*channels"):
        conv2d(da.ones((1, 2, 5, 5), dtype="float32"), np.ones((1, 3, 3, 3), np.float32))


def test_an_image_larger_than_memory_may_be():
    code = """
        import dask
        import dask.array as da
        import numpy as np
        from swiftconv.dask import corr2d

        dask.config.set(scheduler="threads", num_workers=2)
        X = da.ones((32_000, 16_000), chunks=(1_000, 2_000), dtype="float32")
        before = most_memory()
        total = corr2d(X, np.full((3, 3), 0.5, np.float32)).sum(dtype="float64").compute()
        print(total == 31_998 * 15_998 * 4.5, X.nbytes // (most_memory() - before))
    """
    right, times = check_python(MOST_MEMORY + dedent(code)).split()
    assert right == "True"
    assert int(times) >= 4, "the memory that was needed is more than a quarter of the image"


def test_the_example():
    script = Path(__file__).parents[1] / "examples" / "large_image.py"
    command = [sys.executable, script, "--height", "2100", "--width", "1900", "--block", "500", "--most-memory", "0.5"]
    process = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert process.returncode == 0, process.stderr
    # Stripes at 45 degrees: both derivatives are 3 there, so the edge is as strong as the square root of 18.
    assert process.stdout.splitlines()[1:] == ["edges 2098 x 1898, strongest 4.243"]
