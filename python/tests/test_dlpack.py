"""Tensors to and from other libraries by DLPack."""

import gc

import numpy as np
import pytest

import swiftconv as sc

DTYPES = [np.float32, np.float64, np.int64, np.int32, np.uint8]


@pytest.mark.parametrize("dtype", DTYPES)
def test_in(dtype):
    array = np.arange(6, dtype=dtype).reshape(2, 3)
    x = sc.from_dlpack(array)
    assert x.numpy().dtype == dtype
    assert np.shares_memory(x.numpy(), array)
    assert x.tolist() == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize("dtype", DTYPES)
def test_out(dtype):
    x = sc.from_numpy(np.arange(6, dtype=dtype).reshape(2, 3))
    array = np.from_dlpack(x)
    assert array.dtype == dtype
    assert np.shares_memory(x.numpy(), array)


def test_strides():
    array = np.arange(24.0).reshape(4, 6)
    for view in (array.T, array[::2, 1::2], array[::-1]):
        np.testing.assert_array_equal(sc.from_dlpack(view).numpy(), view)
        np.testing.assert_array_equal(np.from_dlpack(sc.from_numpy(view)), view)


def test_device():
    assert sc.zeros(1).__dlpack_device__() == (1, 0)


def test_lifetimes():
    array = np.from_dlpack(sc.full((1000,), 3.0))
    x = sc.from_dlpack(np.full(1000, 4.0))
    gc.collect()
    others = [sc.zeros(1000) for _ in range(50)]
    assert array.sum() == 3000
    assert x.sum().item() == 4000
    del others


def test_round_trip():
    x = sc.arange(5)
    y = sc.from_dlpack(x)
    y[0] = 7
    assert x[0] == 7


def test_unused_capsule():
    for _ in range(100):
        sc.zeros(1000).__dlpack__()


def test_copy():
    x = sc.zeros(3)
    y = sc.from_dlpack(x.__dlpack__(copy=True))
    y[0] = 1
    assert x[0] == 0


def test_keywords_of_the_standard():
    capsule = sc.zeros(3).__dlpack__(stream=None, max_version=(1, 0), dl_device=(1, 0), copy=None)
    assert sc.from_dlpack(capsule).tolist() == [0, 0, 0]
    with pytest.raises(TypeError, match="has not been consumed yet"):
        sc.from_dlpack(capsule)


def test_what_cannot_be_exported():
    with pytest.raises(BufferError, match=r"requires grad.*detach\(\)"):
        sc.ones(2, requires_grad=True).__dlpack__()
    with pytest.raises(BufferError, match="on the CPU"):
        sc.ones(2).__dlpack__(dl_device=(2, 0))
    array = np.ones(2)
    array.flags.writeable = False
    with pytest.raises(BufferError, match="read-only"):
        sc.from_numpy(array).__dlpack__()


def test_what_cannot_be_imported():
    class OnAnotherDevice:
        def __dlpack__(self):
            raise AssertionError("is not asked for")

        def __dlpack_device__(self):
            return (2, 0)

    with pytest.raises(BufferError, match="another device"):
        sc.from_dlpack(OnAnotherDevice())
    with pytest.raises(TypeError, match="has no __dlpack__"):
        sc.from_dlpack([1, 2])
    with pytest.raises(TypeError, match="not supported"):
        sc.from_dlpack(np.ones(2, np.float16))
    with pytest.raises(TypeError, match="not supported"):
        sc.from_dlpack(np.ones(2, np.int16))
