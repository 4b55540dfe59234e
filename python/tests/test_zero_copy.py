"""Memory that NumPy and Swift share: nothing is copied, and nothing is freed too early."""

import gc
import weakref
from textwrap import dedent

import numpy as np
import pytest

import swiftconv as sc
from subprocesses import MOST_MEMORY, check_python

DTYPES = [np.float32, np.float64, np.int64, np.int32, np.uint8, np.bool_]


@pytest.mark.parametrize("dtype", DTYPES)
def test_shared_in_and_out(dtype):
    array = np.ones((3, 4), dtype)
    x = sc.from_numpy(array)
    assert np.shares_memory(array, x.numpy())
    assert x.data_ptr() == array.ctypes.data
    assert x.numpy().dtype == dtype
    array[1, 2] = 0
    assert x[1, 2].item() == 0
    x[2, 3] = 0
    assert array[2, 3] == 0


@pytest.mark.parametrize(
    "view",
    [
        lambda a: a.T,
        lambda a: a[::-1],
        lambda a: a[:, ::-2],
        lambda a: a[1:3, ::2],
        lambda a: np.broadcast_to(a[0], (5, 6)),
        lambda a: a[2],
        lambda a: a[:0],
        lambda a: np.asfortranarray(a),
        lambda a: a[1, 2],
    ],
)
def test_any_strides(view):
    array = view(np.arange(24.0).reshape(4, 6))
    array = np.asarray(array)
    x = sc.from_numpy(array)
    assert tuple(x.shape) == array.shape
    np.testing.assert_array_equal(x.numpy(), array)
    if array.size:
        assert np.shares_memory(x.numpy(), array)
        assert x.numpy().strides == array.strides
        np.testing.assert_array_equal((x * 2).numpy(), array * 2)


def test_views_of_tensors_share_memory():
    x = sc.zeros(4, 6)
    for view in (
        x[1],
        x[:, 2:4],
        x.t(),
        x.reshape(24),
        x[::2],
        x.unsqueeze(0),
        x.expand(2, 4, 6),
        x.diagonal(),
        x.data,
        x.detach(),
    ):
        assert np.shares_memory(view.numpy(), x.numpy())


def test_results_of_corr2d_are_not_copied():
    for size in (5, 200):
        Y = sc.corr2d(np.ones((size, size)), np.ones((2, 2)))
        # Small ones are computed into NumPy's own memory, larger ones into the library's.
        assert Y.flags.owndata == (size == 5)
        assert Y.flags.writeable
        assert Y.flags.c_contiguous


def test_array_lives_as_long_as_the_tensor():
    class Array(np.ndarray):
        pass

    array = np.ones(1000).view(Array)
    gone = weakref.ref(array)
    x = sc.from_numpy(array)
    view = x[10:20]
    del array, x
    gc.collect()
    assert gone() is not None
    assert view.sum().item() == 10
    del view
    gc.collect()
    assert gone() is None


def test_tensor_lives_as_long_as_the_array():
    x = sc.ones(100_000)
    array = x.numpy()[5:10]
    gone = weakref.ref(x)
    del x
    gc.collect()
    # Other tensors get other memory.
    others = [sc.zeros(100_000) for _ in range(20)]
    assert array.tolist() == [1.0] * 5
    del array, others
    gc.collect()
    assert gone() is None


def test_setting_data_does_not_take_memory_from_an_array():
    x = sc.ones(100_000)
    array = x.numpy()
    x.data = sc.zeros(3)
    sc.ones(100_000).mul_(7)
    assert (array == 1).all()
    assert x.tolist() == [0, 0, 0]


def test_graph_keeps_arrays_alive():
    w = sc.ones(3, requires_grad=True)
    y = (w * sc.from_numpy(np.array([1, 2, 3], np.float32))).sum()
    gc.collect()
    y.backward()
    assert w.grad.tolist() == [1, 2, 3]


def test_read_only():
    array = np.zeros(3)
    array.flags.writeable = False
    x = sc.from_numpy(array)
    assert not x.numpy().flags.writeable
    with pytest.raises(ValueError, match="fill_|copy_|read-only"):
        x.fill_(1)
    with pytest.raises(ValueError, match="read-only"):
        x[0] = 1
    assert array.tolist() == [0, 0, 0]
    assert (x + 1).tolist() == [1, 1, 1]
    x.clone().fill_(1)


def test_tensor_that_requires_grad():
    x = sc.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError, match=r"detach\(\)\.numpy\(\)"):
        x.numpy()
    with pytest.raises(BufferError, match=r"detach\(\)\.numpy\(\)"):
        memoryview(x)
    assert np.shares_memory(x.detach().numpy(), x.data.numpy())
    assert x.numpy(force=True).tolist() == [1, 1]


def test_numpy_functions_take_tensors():
    x = sc.tensor([3.0, 4.0])
    assert np.asarray(x).tolist() == [3, 4]
    assert np.array(x, dtype=np.float64).dtype == np.float64
    assert np.shares_memory(np.asarray(x), x.numpy())
    assert not np.shares_memory(np.array(x), x.numpy())
    assert np.linalg.norm(np.asarray(x)) == 5


def test_operators_of_arrays_and_tensors():
    """NumPy leaves these to the tensor, so that no gradient is lost."""
    x = sc.ones(3, requires_grad=True)
    array = np.array([1, 2, 3], np.float32)
    for y in (array * x, x * array, array + x, array - x, array / x, array @ x, array**x, array > x):
        assert isinstance(y, sc.Tensor)
    (array * x).sum().backward()
    assert x.grad.tolist() == [1, 2, 3]
    with pytest.raises(TypeError):
        array += x


def test_memoryview():
    view = memoryview(sc.arange(6).reshape(2, 3))
    assert (view.format, view.shape, view.itemsize, view.readonly) == (np.dtype("int64").char, (2, 3), 8, False)
    assert view.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert memoryview(sc.zeros(0, 3)).nbytes == 0


LARGE = """
    import sys
    import numpy as np
    import swiftconv as sc

    side = 8192
    image = np.ones((side, side), np.float32)  # 256 MiB
    image[0, 0] = 2
    image = {
        "plain": lambda: image,
        "transposed": lambda: image.T,
        "reversed": lambda: image[::-1, ::-1],
        "every other row": lambda: image[::2],
        "fortran": lambda: np.ndarray(image.shape, image.dtype, image, order="F"),
        "0-stride": lambda: np.broadcast_to(image[1], image.shape),
    }[sys.argv[1]]()
    sc.corr2d(np.ones((4, 4), np.float32), np.ones((2, 2), np.float32))
    result = sc.corr2d(image[:, :64], np.ones((3, 3), np.float32))
    assert result[-5, -5] == 9, result[-5, -5]
    out = np.empty((image.shape[0] - 2, image.shape[1] - 2), np.float32)
    out[...] = 0
    before = most_memory()
    sc.corr2d(image, np.ones((3, 3), np.float32), out=out)
    assert out[100, 100] == 9
    print((most_memory() - before) >> 20)
"""


@pytest.mark.parametrize("layout", ["plain", "transposed", "reversed", "every other row", "fortran", "0-stride"])
def test_large_image_is_not_copied(layout):
    """Beside the image and the result, 256 MiB each, a correlation needs a few MiB."""
    assert int(check_python(MOST_MEMORY + dedent(LARGE), layout)) < 40
