"""Saving and loading."""

import io
import json
import os
import struct
import zipfile
from textwrap import dedent

import numpy
import pytest

import swiftconv as sc
from subprocesses import MOST_MEMORY, check_python
from swiftconv import nn

try:
    import safetensors
    import safetensors.numpy
except ImportError:
    safetensors = None

with_safetensors = pytest.mark.skipif(safetensors is None, reason="needs the package safetensors")
FORMATS = [pytest.param(".safetensors", marks=with_safetensors), ".npz"]

NAN_AND_MORE = [0.1, 1e308, float("inf"), float("-inf"), 5e-324]


def same(a, b):
    """Equal in values, types and structure."""
    if isinstance(a, (sc.Tensor, numpy.ndarray)):
        return type(a) is type(b) and a.dtype == b.dtype and numpy.array_equal(numpy.asarray(a), numpy.asarray(b))
    if isinstance(a, dict):
        return type(b) is dict and list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and a == b


# ---- What comes back -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", FORMATS)
def test_tensors_by_name(tmp_path, ending):
    tensors = {
        f"{dtype}.{shape}": sc.ones(shape).to(dtype) * 2
        for dtype in (sc.bool, sc.uint8, sc.int32, sc.int64, sc.float32, sc.float64)
        for shape in [(), (0,), (3,), (2, 0, 3), (2, 3)]
    }
    tensors["transposed"] = sc.arange(6).reshape(2, 3).T
    tensors["backwards"] = sc.arange(6).flip(0)[::2]
    tensors["with gradient / ünïcödé"] = sc.ones(2, requires_grad=True)
    path = tmp_path / f"tensors{ending}"
    sc.save(tensors, path)
    loaded = sc.load(path)
    assert set(loaded) == set(tensors)
    for name, tensor in tensors.items():
        found = loaded[name]
        assert found.dtype is tensor.dtype and found.shape == tensor.shape and not found.requires_grad
        assert found.tolist() == tensor.tolist()
        found.zero_()


@pytest.mark.parametrize("ending", FORMATS)
def test_nested_structures(tmp_path, ending):
    state = {
        "epoch": 3,
        "done": False,
        "nothing": None,
        "text": 'a "quoted" ünïcödé\n',
        "big": 2**200,
        "floats": NAN_AND_MORE,
        0: {"0": sc.ones(2), 1: (1, [2.5, ()], {})},
        "0": {"0": sc.zeros(3, dtype=sc.int64)},
        "array": numpy.arange(3.0),
        "": {True: "a key that is a bool", None: "and one that is None"},
    }
    path = tmp_path / f"state{ending}"
    sc.save(state, path)
    assert same(state, sc.load(path))
    for simple in (sc.ones(2, 2), [sc.ones(1), 2], (1, 2.0, "x"), {}, [], 7):
        sc.save(simple, path)
        assert same(simple, sc.load(path))


@pytest.mark.parametrize("ending", FORMATS)
def test_numbers_of_numpy_become_those_of_python(tmp_path, ending):
    path = tmp_path / f"state{ending}"
    sc.save([numpy.float64(0.5), numpy.int32(7), numpy.bool_(True), float("nan")], path)
    *loaded, nan = sc.load(path)
    assert same(loaded, [0.5, 7, True]) and nan != nan


@pytest.mark.parametrize("ending", FORMATS)
def test_training_goes_on_after_loading(tmp_path, ending):
    """A network and its optimizer, loaded half-way, end where an uninterrupted training ends."""
    X, y = sc.randn(8, 3), sc.randn(8, 1)

    def start():
        sc.manual_seed(1)
        net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
        return net, sc.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=0.01)

    def train(net, optimizer, steps):
        for _ in range(steps):
            optimizer.zero_grad()
            nn.functional.mse_loss(net(X), y).backward()
            optimizer.step()

    net, optimizer = start()
    train(net, optimizer, 3)
    path = tmp_path / f"checkpoint{ending}"
    sc.save({"net": net.state_dict(), "optimizer": optimizer.state_dict(), "step": 3}, path)
    train(net, optimizer, 3)
    resumed, resumed_optimizer = start()
    checkpoint = sc.load(path)
    resumed.load_state_dict(checkpoint["net"])
    resumed_optimizer.load_state_dict(checkpoint["optimizer"])
    train(resumed, resumed_optimizer, 3)
    for expected, found in zip(net.parameters(), resumed.parameters(), strict=True):
        assert found.tolist() == expected.tolist()


def test_state_of_the_random_numbers(tmp_path):
    generator = sc.manual_seed(4)
    path = tmp_path / "random.npz"
    sc.save(generator.bit_generator.state, path)
    expected = sc.rand(3).tolist()
    generator.bit_generator.state = sc.load(path)
    assert sc.rand(3).tolist() == expected


# ---- Other programs --------------------------------------------------------------------------------------------------


def test_npz_of_numpy(tmp_path):
    path = tmp_path / "arrays.npz"
    arrays = {
        "a": numpy.arange(6.0).reshape(2, 3).T,
        "half": numpy.float16([1.5, 2.5]),
        "swapped": numpy.array([1, 2], ">i4"),
    }
    for write in (numpy.savez, numpy.savez_compressed):
        write(path, **arrays)
        loaded = sc.load(path)
        assert loaded["a"].tolist() == arrays["a"].tolist() and loaded["a"].dtype is sc.float64
        assert loaded["half"].dtype is sc.float32 and loaded["half"].tolist() == [1.5, 2.5]
        assert loaded["swapped"].dtype is sc.int32 and loaded["swapped"].tolist() == [1, 2]
    sc.save({"b": sc.arange(3), "file": sc.ones(1)}, path)
    with numpy.load(path, allow_pickle=False) as found:
        assert found["b"].tolist() == [0, 1, 2] and found["file"].tolist() == [1]


@with_safetensors
def test_safetensors_of_others(tmp_path):
    path = tmp_path / "arrays.safetensors"
    safetensors.numpy.save_file({"a": numpy.ones((2, 3), numpy.float32), "h": numpy.float16([0.5])}, path, {"by": "x"})
    loaded = sc.load(path)
    assert loaded["a"].tolist() == [[1] * 3] * 2 and loaded["h"].dtype is sc.float32 and loaded["h"].item() == 0.5
    sc.save({"b": sc.arange(6).reshape(2, 3).T}, path)
    assert safetensors.numpy.load_file(path)["b"].tolist() == [[0, 3], [1, 4], [2, 5]]


def tensors_file(header, data=b""):
    """The bytes of a .safetensors file."""
    text = json.dumps(header).encode() if isinstance(header, dict) else header
    return struct.pack("<Q", len(text)) + text + data


@with_safetensors
def test_half_precision_of_google(tmp_path):
    values = numpy.float32([1.0, -2.5, 3.140625, 1e30])
    upper_halves = (values.view(numpy.uint32) >> 16).astype(numpy.uint16)
    path = tmp_path / "half.safetensors"
    path.write_bytes(
        tensors_file({"x": {"dtype": "BF16", "shape": [2, 2], "data_offsets": [0, 8]}}, upper_halves.tobytes())
    )
    expected = (upper_halves.astype(numpy.uint32) << 16).view(numpy.float32).reshape(2, 2)
    for mmap in (False, True):
        assert sc.load(path, mmap=mmap)["x"].tolist() == expected.tolist()


@with_safetensors
def test_misaligned_data(tmp_path):
    path = tmp_path / "odd.safetensors"
    entries = {
        "a": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]},
        "b": {"dtype": "F64", "shape": [2], "data_offsets": [1, 17]},
    }
    path.write_bytes(tensors_file(entries, b"\7" + numpy.float64([1, 2]).tobytes()))
    for mmap in (False, True):
        loaded = sc.load(path, mmap=mmap)
        assert loaded["a"].tolist() == [7] and loaded["b"].tolist() == [1, 2]


# ---- Memory ----------------------------------------------------------------------------------------------------------


@with_safetensors
def test_tensors_share_one_block(tmp_path):
    path = tmp_path / "tensors.safetensors"
    sc.save({"a": sc.ones(100), "b": sc.zeros(100)}, path)
    for mmap in (False, True):
        loaded = sc.load(path, mmap=mmap)
        a, b = (loaded[name].numpy() for name in "ab")
        assert abs(a.ctypes.data - b.ctypes.data) == 400
    assert a.base is not None


@with_safetensors
def test_changes_do_not_reach_the_file(tmp_path):
    path = tmp_path / "tensors.safetensors"
    sc.save({"a": sc.ones(4), "empty": sc.zeros(0)}, path)
    before = path.read_bytes()
    for mmap in (False, True):
        loaded = sc.load(path, mmap=mmap)
        loaded["a"].mul_(3)
        assert loaded["a"].tolist() == [3] * 4 and loaded["empty"].tolist() == []
    assert path.read_bytes() == before


@with_safetensors
def test_mapped_files_take_no_memory():
    code = """
        import os, sys, tempfile
        import swiftconv as sc
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "large.safetensors")
            child = os.fork()
            if child == 0:
                sc.save({"a": sc.zeros(100 << 18)}, path)
                os._exit(0)
            assert os.waitpid(child, 0)[1] == 0
            before = most_memory()
            loaded = sc.load(path, mmap=True)
            assert loaded["a"][-1].item() == 0
            print(most_memory() - before)
    """
    assert int(check_python(MOST_MEMORY + dedent(code))) < 50 << 20, "of 100 MiB"


# ---- Errors ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "obj, text",
    [
        ({"a": {"b": [1, len]}}, r"a\.b\.1 is of type builtin_function_or_method"),
        ({"a": {1.5: 1}}, "a key of a is of type float"),
        (object(), "the object is of type object"),
        ({"a": numpy.array([None])}, "arrays of object cannot be saved"),
        ({"a": numpy.ones(1, complex)}, "arrays of complex128"),
        ({1, 2}, "of type set"),
    ],
)
@pytest.mark.parametrize("ending", FORMATS)
def test_what_cannot_be_saved(tmp_path, ending, obj, text):
    path = tmp_path / f"state{ending}"
    sc.save([1], path)
    before = path.read_bytes()
    with pytest.raises(TypeError, match=text):
        sc.save(obj, path)
    assert path.read_bytes() == before and os.listdir(tmp_path) == [path.name]


def test_endings(tmp_path):
    for call in (lambda path: sc.save({}, path), sc.load):
        for name in ("state.pt", "state", ".npz"):
            with pytest.raises(ValueError, match=r"must end in .safetensors or .npz, got .*"):
                call(tmp_path / name)
    with pytest.raises(ValueError, match="mmap=True is for .safetensors"):
        sc.load(tmp_path / "state.npz", mmap=True)


@pytest.mark.parametrize("ending", FORMATS)
def test_missing_files(tmp_path, ending):
    with pytest.raises(FileNotFoundError):
        sc.load(tmp_path / f"state{ending}")
    with pytest.raises(FileNotFoundError):
        sc.save({}, tmp_path / "no folder" / f"state{ending}")


def test_without_safetensors(tmp_path):
    code = """
        import sys
        sys.modules["safetensors"] = None
        import swiftconv as sc
        for call in (lambda path: sc.save({}, path), sc.load):
            try:
                call(sys.argv[1])
            except ImportError as error:
                print(error)
    """
    for line in check_python(code, tmp_path / "x.safetensors").splitlines():
        assert line == (
            ".safetensors files need the package safetensors; "
            'install it with: pip install "swiftconv[models]"; or use a name that ends in .npz'
        )


@pytest.mark.parametrize("ending", FORMATS)
def test_every_cut_and_every_flipped_byte_is_found_or_harmless(tmp_path, ending):
    path = tmp_path / f"state{ending}"
    sc.save({"net": {"weight": sc.arange(3.0)}, "epoch": 1}, path)
    good = path.read_bytes()
    for length in range(0, len(good), 3):
        path.write_bytes(good[:length])
        with pytest.raises(ValueError) as caught:
            sc.load(path)
        assert str(path) in str(caught.value)
    for place in range(len(good)):
        for mask in (0xFF, 0x01):
            path.write_bytes(good[:place] + bytes([good[place] ^ mask]) + good[place + 1 :])
            try:
                sc.load(path)
            except ValueError as error:
                assert str(path) in str(error)


ENTRY = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
HOSTILE = {
    "empty": b"",
    "header only": struct.pack("<Q", 0),
    "huge header": struct.pack("<Q", 2**63),
    "no JSON": tensors_file(b"hello"),
    "deep JSON": tensors_file(b'{"a":' * 5000),
    "deep metadata": tensors_file({"__metadata__": {"__swiftconv__.json": "[" * 100_000}}),
    "metadata of another form": tensors_file({"__metadata__": {"__swiftconv__.json": '{"tensor":"a","b":1}'}}),
    "metadata that names nothing": tensors_file({"__metadata__": {"__swiftconv__.json": '{"tensor":"a"}'}}),
    "keys that are lists": tensors_file({"__metadata__": {"__swiftconv__.json": '{"dict":[[[],1]]}'}}),
    "unknown kind": tensors_file({"__metadata__": {"__swiftconv__.json": '{"code":"1"}'}}),
    "offsets beyond the end": tensors_file({"a": {**ENTRY, "data_offsets": [0, 2**40], "shape": [2**38]}}, bytes(8)),
    "offsets backwards": tensors_file({"a": {**ENTRY, "data_offsets": [8, 0]}}, bytes(8)),
    "overlap": tensors_file({"a": ENTRY, "b": ENTRY}, bytes(8)),
    "overflowing shape": tensors_file({"a": {**ENTRY, "shape": [2**62, 2**62]}}, bytes(8)),
    "negative shape": tensors_file({"a": {**ENTRY, "shape": [-1, -2]}}, bytes(8)),
    "unknown dtype": tensors_file({"a": {**ENTRY, "dtype": "Q7"}}, bytes(8)),
    "dtype that tensors do not have": tensors_file({"a": {**ENTRY, "dtype": "U32"}}, bytes(8)),
    "eight-bit float": tensors_file({"a": {**ENTRY, "dtype": "F8_E4M3", "shape": [8]}}, bytes(8)),
    "too many axes": tensors_file({"a": {**ENTRY, "shape": [2] + [1] * 70}}, bytes(8)),
    "data left over": tensors_file({"a": ENTRY}, bytes(9)),
}


@with_safetensors
@pytest.mark.parametrize("mmap", [False, True])
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_safetensors(tmp_path, name, mmap):
    path = tmp_path / "state.safetensors"
    path.write_bytes(HOSTILE[name])
    with pytest.raises(ValueError) as caught:
        sc.load(path, mmap=mmap)
    assert str(path) in str(caught.value)


def npy(shape, data, dtype="<f8"):
    """The bytes of a .npy file whose header may lie."""
    header = repr({"descr": dtype, "fortran_order": False, "shape": shape}).encode().ljust(118) + b"\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + data


def pickled():
    file = io.BytesIO()
    numpy.save(file, numpy.array([print], dtype=object), allow_pickle=True)
    return file.getvalue()


HOSTILE_MEMBERS = {
    "no array": b"hello",
    "empty": b"",
    "huge": npy((2**40,), bytes(8)),
    "overflowing": npy((2**40, 2**40), bytes(8)),
    "negative": npy((-1, -1), bytes(8)),
    "cut off": npy((2,), bytes(8)),
    "left over": npy((2,), bytes(17)),
    "objects": pickled(),
    "records": npy((1,), bytes(8), [("a", "<f4"), ("b", "<f4")]),
    "complex": npy((1,), bytes(8), "<c8"),
    "text": npy((1,), bytes(8), "<U2"),
    "unknown version": b"\x93NUMPY\7\0" + npy((1,), bytes(8))[8:],
    "no header": b"\x93NUMPY\1\0",
    "header that is code": b"\x93NUMPY\1\0" + struct.pack("<H", 20) + b"__import__('os')    ",
    "deep header": b"\x93NUMPY\1\0" + struct.pack("<H", 9000) + b"(" * 9000,
}


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("name", HOSTILE_MEMBERS)
def test_hostile_npz(tmp_path, name, compression):
    path = tmp_path / "state.npz"
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("a.npy", HOSTILE_MEMBERS[name])
    with pytest.raises(ValueError) as caught:
        sc.load(path)
    assert str(path) in str(caught.value)
