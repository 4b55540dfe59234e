"""The C extension: any object in any place is an exception, nothing leaks, and nothing dies too early."""

import gc
import struct
import sys
import threading
import weakref

import numpy as np
import pytest

import swiftconv as sc
from swiftconv import _core

OPERATORS = _core.operators
ADD = OPERATORS["add"]
STRANGE_OBJECTS = [None, "text", b"", {}, object(), 3 + 4j, np.complex64(1), 10**40, [], [[]], (), int, len, ...]


def borrowed(*shape, dtype=np.float32):
    array = np.arange(np.prod(shape, dtype=int), dtype=dtype).reshape(shape)
    return array, _core.from_buffer(array)


# ---- Arguments -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "number", [np.complex64(1), np.complex128(2j), (0.0, np.complex64(1)), (0.0, np.complex128(1))]
)
@pytest.mark.filterwarnings("error")
def test_complex_settings_are_errors(number):
    with pytest.raises(TypeError, match=r"complex|got complex"):
        _core.apply(OPERATORS["leaky_relu"], sc.ones(2), number)


@pytest.mark.parametrize("name", list(OPERATORS))
@pytest.mark.filterwarnings("error")
def test_strange_operands_are_errors(name):
    for strange in STRANGE_OBJECTS:
        for count in range(4):
            arguments = [strange] * count
            try:
                _core.apply(OPERATORS[name], *arguments)
                _core.apply(OPERATORS[name], arguments)
            except (TypeError, ValueError, IndexError, RuntimeError, NotImplementedError):
                pass


@pytest.mark.parametrize("name", list(OPERATORS))
def test_strange_attributes_are_errors(name):
    """Attributes of any number and kind, also those that would be very large."""
    tensor = _core.from_buffer(np.ones((2, 3), np.float32))
    arity = _core.arities[name]
    slots = [[tensor, tensor]] if arity < 0 else [tensor] * arity
    numbers = [0, -1, 2**62, -(2**63), 2**63 - 1, 2**70, 1.5, float("nan"), float("inf"), True]
    values = [*numbers, (), (2**62, 2**62), (0, 1), (-1,), (1.5,), (1,) * 9, [0] * 100, "text", None, tensor]
    for value in values:
        for count in range(5):
            try:
                _core.apply(OPERATORS[name], *slots, *[value] * count)
            except (TypeError, ValueError, IndexError, RuntimeError, NotImplementedError, MemoryError):
                pass


@pytest.mark.parametrize("index", [-1, len(OPERATORS), 10**30, "add", None, 1.0])
def test_operator_index(index):
    for call in (_core.apply, _core.apply_in_place, _core.apply_into):
        with pytest.raises((TypeError, ValueError), match="index"):
            call(index, 1, 2)
    with pytest.raises(TypeError):
        _core.apply()


@pytest.mark.parametrize("scalar", [True, 2, 2.5, np.True_, np.int64(2), np.uint8(2), np.float16(2), np.float32(2.5)])
def test_scalars_keep_the_tensors_dtype(scalar):
    array, tensor = borrowed(3)
    result = _core.apply(ADD, tensor, scalar)
    assert result.dtype is sc.float32
    np.testing.assert_array_equal(np.asarray(result), array + np.float32(scalar))


def test_complex_scalars_are_refused():
    _, tensor = borrowed(3)
    for scalar in (1j, np.complex64(1), np.complex128(1)):
        with pytest.raises(TypeError):
            _core.apply(ADD, tensor, scalar)


def test_list_changed_while_it_is_read():
    items = []

    class Clearing:
        def __index__(self):
            items.clear()
            gc.collect()
            return 1

        def __float__(self):
            return float(self.__index__())

    items.extend([_core.from_buffer(np.ones(1)), Clearing(), _core.from_buffer(np.ones(1))])
    with pytest.raises((TypeError, ValueError)):  # a number has no axis to join on
        _core.apply(OPERATORS["cat"], items, 0)
    _, tensor = borrowed(3)
    items.extend([Clearing(), 3])
    assert _core.apply(OPERATORS["reshape"], tensor, items).shape == (1, 3)


def test_tensors_are_not_made_from_nothing():
    for make in (_core.TensorBase, lambda: object.__new__(sc.Tensor), lambda: _core.TensorBase.__new__(sc.Tensor)):
        with pytest.raises(TypeError):
            make()


# ---- Indexing ------------------------------------------------------------------------------------------------------


def test_basic_indices_follow_numpy():
    array, tensor = borrowed(4, 3, 2)
    indices = [0, -1, np.int64(2), slice(1, None), slice(None, None, 2), slice(-3, 100), slice(3, 1), None, ...]
    for first in indices:
        for second in (slice(None), 0, None):
            index = (first, second)
            np.testing.assert_array_equal(np.asarray(tensor[index]), array[index], err_msg=repr(index))
            assert np.asarray(tensor[index]).shape == array[index].shape
    huge = slice(-sys.maxsize - 1, sys.maxsize, sys.maxsize)
    np.testing.assert_array_equal(np.asarray(tensor[huge]), array[huge])


@pytest.mark.parametrize("index", [10, -5, 10**30, (0, 0, 0, 0), (..., ...), "x", 1.5, np.float32(1), {}, 1j, object()])
def test_bad_indices(index):
    _, tensor = borrowed(4, 3, 2)
    with pytest.raises((IndexError, TypeError)):
        tensor[index]
    with pytest.raises((IndexError, TypeError)):
        tensor[index] = 0


def test_bad_slices():
    _, tensor = borrowed(4)
    for step in (0, -1, -sys.maxsize):
        with pytest.raises(ValueError, match="step must be greater than 0"):
            tensor[::step]
    with pytest.raises(TypeError):
        tensor["a":]
    with pytest.raises(TypeError):
        del tensor[0]


# ---- Buffers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dtype", "cast"),
    [("f2", "float32"), ("i1", "int32"), ("i2", "int32"), ("u2", "int32"), ("u4", "int64"), ("u8", "int64")]
    + [("O", "float64"), ("g", "float64"), (">f4", "float32"), (">i8", "int64")],
)
def test_refusal_names_the_cast(dtype, cast):
    array = np.zeros(3, dtype)
    with pytest.raises(TypeError, match=rf"without a copy; write x\.astype\('{cast}'\)"):
        _core.from_buffer(array)
    _core.from_buffer(array.astype(cast))


@pytest.mark.parametrize("dtype", ["c8", "c16", "M8[s]", "S3", "U2", [("a", "f4")], "V4"])
def test_other_arrays_are_refused(dtype):
    with pytest.raises(TypeError):
        _core.from_buffer(np.zeros(3, dtype))


def test_layouts_that_need_a_copy():
    with pytest.raises(TypeError, match="misaligned"):
        _core.from_buffer(np.zeros(9, np.uint8)[1:].view(np.float32))
    with pytest.raises(TypeError, match="misaligned"):
        _core.from_buffer(np.zeros(4, [("a", "i2"), ("b", "f4")])["b"])
    with pytest.raises(TypeError, match="axes"):
        _core.from_buffer(np.zeros((1,) * 9))


def test_views_keep_strides_both_ways():
    array = np.arange(24.0).reshape(4, 6)
    views = [array.T, array[::-1], array[:, ::-2], np.asfortranarray(array), array[:0], array[1:2, 3], array[1, 3:3]]
    for view in [*views, np.broadcast_to(array[0], (3, 6))]:
        back = np.asarray(_core.from_buffer(view))
        np.testing.assert_array_equal(back, view)
        assert back.flags.writeable == view.flags.writeable
        assert view.size == 0 or np.shares_memory(back, view)
        assert view.size < 2 or back.strides == view.strides


def test_requests_that_cannot_be_met():
    array, tensor = borrowed(4, 6)
    assert bytes(tensor) == array.tobytes()
    with pytest.raises(BufferError, match="not contiguous"):
        struct.unpack_from("f", tensor[:, ::2])
    struct.pack_into("f", tensor, 0, 7)
    assert array[0, 0] == 7
    array.flags.writeable = False
    fixed = _core.from_buffer(array)
    assert memoryview(fixed).readonly
    with pytest.raises((BufferError, TypeError)):
        struct.pack_into("f", fixed, 0, 8)
    tensor.requires_grad = True
    with pytest.raises(BufferError, match="requires grad"):
        memoryview(tensor)


def test_export_outlives_data():
    tensor = _core.empty((3,), 5)
    view = np.asarray(tensor)
    tensor.data = _core.empty((4,), 5)
    del tensor
    gc.collect()
    view[:] = 2
    assert view.sum() == 6


def test_memory_is_given_back_when_the_last_view_dies():
    class Watched(np.ndarray):
        pass

    array = np.ones(6).view(Watched)
    gone = []
    weakref.finalize(array, gone.append, True)
    tensor = _core.from_buffer(array)
    row = tensor[1:]
    del array, tensor
    gc.collect()
    assert not gone
    del row
    gc.collect()
    assert gone


# ---- Identity and life ---------------------------------------------------------------------------------------------


def test_one_object_for_one_tensor():
    _, tensor = borrowed(3)
    tensor.grad = _core.empty((3,), 4)
    assert tensor.grad is tensor.grad
    assert tensor != "text"
    assert (tensor == None) is False  # noqa: E711
    assert tensor in {tensor}


def test_object_asked_for_while_it_dies():
    _, tensor = borrowed(3)
    gradient = _core.from_buffer(np.ones(3, np.float32))
    tensor.grad = gradient
    seen = []
    watcher = weakref.ref(gradient, lambda _: seen.append(tensor.grad))
    del gradient
    gc.collect()
    assert watcher() is None
    assert seen[0] is tensor.grad
    assert np.asarray(seen[0]).sum() == 3


def test_dlpack_capsules():
    array, tensor = borrowed(4, 3)
    capsule = array[:, ::2].__dlpack__()
    imported = _core.from_dlpack(capsule)
    assert np.shares_memory(np.asarray(imported), array)
    assert imported.strides_ == (3, 2)
    for bad in (capsule, None, 3, np.zeros(3, np.complex64).__dlpack__(), np.zeros(3, np.float16).__dlpack__()):
        with pytest.raises(TypeError):
            _core.from_dlpack(bad)
    _core.to_dlpack(tensor)  # a capsule that nobody consumes
    with pytest.raises(BufferError, match="read-only"):
        _core.to_dlpack(_core.from_buffer(np.broadcast_to(np.float32(1), (3,))))


def ignore_error(action, *arguments):
    try:
        action(*arguments)
    except Exception:
        pass


def repeated_calls():
    array, tensor = borrowed(4, 3)
    half = np.zeros(3, np.float16)
    cat, max_dim = OPERATORS["cat"], OPERATORS["max_dim"]
    return [
        lambda: tensor + array,
        lambda: tensor[0:1],
        lambda: tensor.shape,
        lambda: np.asarray(tensor),
        lambda: _core.from_buffer(array),
        lambda: _core.from_dlpack(array.__dlpack__()),
        lambda: _core.to_dlpack(tensor),
        lambda: _core.rewrap(sc.Tensor, tensor),
        lambda: _core.apply(cat, [array, tensor], 0),
        lambda: _core.apply(max_dim, tensor, 0, False),
        lambda: _core.apply_into(ADD, array, array, tensor),
        lambda: ignore_error(_core.apply, ADD, array, "text"),
        lambda: ignore_error(_core.apply, cat, [array, tensor, "text"], 0),
        lambda: ignore_error(_core.apply, ADD, array, tensor, "text"),
        lambda: ignore_error(_core.apply, ADD, array, np.ones(7)),
        lambda: ignore_error(_core.from_buffer, half),
        lambda: ignore_error(tensor.__getitem__, 99),
        lambda: ignore_error(tensor.__setitem__, 0, "text"),
        lambda: ignore_error(_core.backward, (tensor, 3), None, False, False),
        lambda: ignore_error(_core.grad, (tensor,), (None,), [tensor, 3], False, False, False),
    ]


@pytest.mark.parametrize("call", repeated_calls())
def test_nothing_leaks(call):
    def state():
        gc.collect()
        kept = [cell.cell_contents for cell in call.__closure__]
        return _core.info()["memory_current"], sum(map(sys.getrefcount, kept)), sys.getallocatedblocks()

    for _ in range(50):
        call()
    memory, references, blocks = state()
    for _ in range(500):
        call()
    memory_now, references_now, blocks_now = state()
    assert memory_now == memory
    assert abs(references_now - references) < 50
    assert blocks_now - blocks < 250


def test_threads_share_a_tensor():
    array, tensor = borrowed(300, 1000)
    wrong = []

    def work():
        for _ in range(5):
            if not np.array_equal(np.asarray(tensor + array), array + array):
                wrong.append(True)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


# ---- Settings ------------------------------------------------------------------------------------------------------


def test_registration_checks_what_it_gets():
    for wrong in ({"foo": 1}, {"tensor_type": int}, {"size_type": list}, {"dtypes": (1,)}, {"advanced_index": 3}):
        with pytest.raises(TypeError):
            _core.register(**wrong)
    with pytest.raises(TypeError):
        _core.register(1)


@pytest.mark.parametrize("count", [0, -1, -(10**30), "two", None, 1.5])
def test_number_of_threads(count):
    before = _core.num_threads()
    with pytest.raises((ValueError, TypeError)):
        _core.set_num_threads(count)
    assert _core.num_threads() == before
