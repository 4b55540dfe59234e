"""IDX files, and the datasets that are made of them."""

import gzip
import hashlib
import os
import tracemalloc

import numpy
import pytest

import swiftconv as sc
from swiftconv.data import MNIST, DataLoader, FashionMNIST, read_idx, transforms, write_idx

DTYPES = [numpy.uint8, numpy.int8, numpy.int16, numpy.int32, numpy.float32, numpy.float64]


def idx(code, sizes, data):
    header = bytes([0, 0, code, len(sizes)]) + b"".join(size.to_bytes(4, "big") for size in sizes)
    return header + data


# ---- Reading and writing ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(3,), (2, 3), (0,), (4, 0, 2), (1, 2, 1, 2, 1, 2, 1, 2)])
def test_round_trip(tmp_path, rng, dtype, shape, ending):
    values = (rng.standard_normal(shape) * 100).astype(dtype)
    path = tmp_path / f"values{ending}"
    write_idx(path, values)
    found = read_idx(path)
    assert found.dtype == dtype and found.dtype.isnative and found.flags.writeable and found.shape == shape
    numpy.testing.assert_array_equal(found, values)


def test_bytes_of_the_format(tmp_path):
    path = tmp_path / "values"
    write_idx(path, numpy.array([[1, -2]], dtype=numpy.int32))
    expected = bytes.fromhex("00000c02 00000001 00000002 00000001 fffffffe")
    assert path.read_bytes() == expected
    write_idx(path, numpy.array([[1, -2]], dtype=">i4"))
    assert path.read_bytes() == expected
    write_idx(path, sc.tensor([[1, -2]], dtype=sc.int32).T.T)
    assert path.read_bytes() == expected


def test_what_cannot_be_written(tmp_path):
    for values, error in [
        (numpy.zeros(2, numpy.int64), TypeError),
        (numpy.zeros(2, object), TypeError),
        (numpy.zeros((), numpy.uint8), ValueError),
        (numpy.zeros((1,) * 9, numpy.uint8), ValueError),
    ]:
        with pytest.raises(error, match="write_idx"):
            write_idx(tmp_path / "values", values)
    assert not (tmp_path / "values").exists()


# ---- Damaged files ---------------------------------------------------------------------------------------------------

GOOD = idx(8, (2, 3), bytes(range(6)))
PACKED = gzip.compress(GOOD)
DAMAGED = {
    "empty": (b"", "cut off; the magic number"),
    "three bytes": (b"\0\0\x08", "cut off; the magic number should have 4 bytes, found 3"),
    "text": (b"hello, world", "not an IDX file, its magic number is 0x68656c6c"),
    "unknown type": (idx(0x0A, (1,), b"\0"), "not an IDX file"),
    "no axes": (idx(8, (), b"\0"), "0 axes, expected 1 to 8"),
    "too many axes": (idx(8, (1,) * 9, b"\0"), "9 axes"),
    "sizes missing": (GOOD[:9], "cut off; the sizes of 2 axes"),
    "data missing": (GOOD[:-1], r"cut off; the data of shape \(2, 3\) should have 6 bytes, found 5"),
    "data left over": (GOOD + b"\0", "bytes after the data"),
    "huge": (idx(8, (2**32 - 1,) * 8, b""), "allowed are max_bytes"),
    "large": (idx(8, (2**31,), b"\0" * 10), "cut off"),
    "packed, cut off": (PACKED[:-9], "gzip data is damaged"),
    "packed header only": (PACKED[:10], "gzip data is damaged"),
    "packed, wrong checksum": (PACKED[:-8] + bytes(4) + PACKED[-4:], "gzip data is damaged"),
    "packed rubbish": (gzip.compress(b"hello, world"), "not an IDX file"),
    "packed, left over": (gzip.compress(GOOD + b"\0"), "bytes after the data"),
    "not really packed": (b"\x1f\x8bhello", "gzip data is damaged"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_files(tmp_path, name):
    content, text = DAMAGED[name]
    path = tmp_path / "images"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=text) as caught:
        read_idx(path)
    assert str(path) in str(caught.value)


def test_every_cut_and_every_flipped_byte_is_found_or_harmless(tmp_path):
    path = tmp_path / "images"
    for good in (GOOD, PACKED):
        for length in range(len(good)):
            path.write_bytes(good[:length])
            with pytest.raises(ValueError):
                read_idx(path)
        for place in range(len(good)):
            path.write_bytes(good[:place] + bytes([good[place] ^ 0xFF]) + good[place + 1 :])
            try:
                assert read_idx(path).size == 6
            except ValueError as error:
                assert str(path) in str(error)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_no_memory_for_what_a_header_only_claims(tmp_path, pack):
    path = tmp_path / "images"
    path.write_bytes(pack(idx(8, (2**30,), b"\0" * 1000)))
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="cut off"):
            read_idx(path)
        assert tracemalloc.get_traced_memory()[1] < 2**23
    finally:
        tracemalloc.stop()


def test_limit_on_memory(tmp_path):
    path = tmp_path / "bomb.gz"
    write_idx(path, numpy.zeros(2**20, numpy.uint8))
    assert path.stat().st_size < 5000
    with pytest.raises(ValueError, match="allowed are max_bytes=1000"):
        read_idx(path, max_bytes=1000)


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_idx(tmp_path / "nothing")
    with pytest.raises(IsADirectoryError):
        read_idx(tmp_path)


# ---- MNIST -----------------------------------------------------------------------------------------------------------


def write_files(folder, images, labels, kind="train", ending=""):
    os.makedirs(folder, exist_ok=True)
    write_idx(os.path.join(folder, f"{kind}-images-idx3-ubyte{ending}"), images)
    write_idx(os.path.join(folder, f"{kind}-labels-idx1-ubyte{ending}"), labels)


@pytest.fixture
def pictures(rng):
    return rng.integers(0, 256, (20, 28, 28), dtype=numpy.uint8), numpy.arange(20, dtype=numpy.uint8) % 10


@pytest.mark.parametrize("kind, ending", [("train", ""), ("t10k", ".gz")])
@pytest.mark.parametrize("dataset_type", [MNIST, FashionMNIST])
def test_files_that_are_there(tmp_path, pictures, dataset_type, kind, ending):
    pytest.importorskip("PIL", reason="needs Pillow")
    images, labels = pictures
    write_files(tmp_path / dataset_type.__name__ / "raw", images, labels, kind, ending)
    dataset = dataset_type(tmp_path, train=kind == "train", download=True)
    assert len(dataset) == 20
    assert dataset.data.dtype is sc.uint8 and dataset.targets.dtype is sc.int64
    numpy.testing.assert_array_equal(dataset.data.numpy(), images)
    image, label = dataset[-3]
    assert image.mode == "L" and type(label) is int and label == 7
    numpy.testing.assert_array_equal(numpy.asarray(image), images[17])
    with pytest.raises(IndexError, match=dataset_type.__name__):
        dataset[20]
    assert repr(dataset).startswith(f"{dataset_type.__name__}(20 images, {'train' if ending == '' else 'test'}")
    assert len(dataset.classes) == 10 and dataset.class_to_idx[dataset.classes[9]] == 9


def test_transforms_and_loader(tmp_path, pictures):
    pytest.importorskip("PIL", reason="needs Pillow")
    images, labels = pictures
    write_files(tmp_path / "FashionMNIST" / "raw", images, labels)
    prepare = transforms.Compose([transforms.Resize((32, 32)), transforms.ToTensor()])
    dataset = FashionMNIST(str(tmp_path), transform=prepare, target_transform=lambda label: label + 1)
    X, y = next(iter(DataLoader(dataset, batch_size=8, num_workers=2)))
    assert tuple(X.shape) == (8, 1, 32, 32) and X.dtype is sc.float32 and 0 <= X.min().item() <= X.max().item() <= 1
    assert y.tolist() == list(range(1, 9))
    dataset.data, dataset.targets = dataset.data[3:5], dataset.targets[3:5]
    assert len(dataset) == 2 and [label for _, label in dataset] == [4, 5]


def test_files_that_do_not_fit(tmp_path, pictures):
    images, labels = pictures
    folder = tmp_path / "MNIST" / "raw"
    for bad_images, bad_labels, text in [
        (images[:19], labels, "20 labels for 19 images"),
        (images.astype(numpy.float32), labels, "holds float32"),
        (labels, labels, r"expected uint8 images \(n, height, width\)"),
        (images, images, r"expected uint8 labels \(n,\)"),
        (images, labels + 1, "a label is 10, expected 0 to 9"),
    ]:
        write_files(folder, bad_images, bad_labels)
        with pytest.raises(ValueError, match=text) as caught:
            MNIST(tmp_path)
        assert str(folder) in str(caught.value)


def test_no_files_and_no_download(tmp_path):
    with pytest.raises(RuntimeError, match=r"train-images-idx3-ubyte.gz is not there; download=True"):
        MNIST(tmp_path)


# ---- Downloads -------------------------------------------------------------------------------------------------------


@pytest.fixture
def served(tmp_path, pictures):
    """MNIST from a folder that stands for the internet."""
    source = tmp_path / "source"
    write_files(source, *pictures, ending=".gz")

    class Served(MNIST):
        mirrors = (f"{(tmp_path / 'nowhere').as_uri()}/", f"{source.as_uri()}/")
        resources = {
            path.name.removesuffix(".gz"): hashlib.md5(path.read_bytes()).hexdigest() for path in source.iterdir()
        }

    return Served


def test_download(tmp_path, served, pictures):
    dataset = served(tmp_path / "data", download=True)
    numpy.testing.assert_array_equal(dataset.data.numpy(), pictures[0])
    folder = tmp_path / "data" / "Served" / "raw"
    assert sorted(path.name for path in folder.iterdir()) == [
        "train-images-idx3-ubyte.gz",
        "train-labels-idx1-ubyte.gz",
    ]
    served.mirrors = ()
    assert len(served(tmp_path / "data", download=True)) == 20, "what is there is not downloaded again"


def test_download_of_wrong_files(tmp_path, served):
    served.resources = dict.fromkeys(served.resources, "0" * 32)
    with pytest.raises(RuntimeError, match="the file's MD5 is .*, expected 0000") as caught:
        served(tmp_path / "data", download=True)
    assert "nowhere" in str(caught.value), "every address is named with its reason"
    assert list((tmp_path / "data" / "Served" / "raw").iterdir()) == []


def test_download_of_too_much(tmp_path):
    from swiftconv.data.download import download

    (tmp_path / "long").write_bytes(bytes(100_000))
    with pytest.raises(RuntimeError, match="more than 1000 bytes"):
        download([(tmp_path / "long").as_uri()], str(tmp_path / "data" / "file"), "0" * 32, max_bytes=1000)


def test_download_without_a_connection(tmp_path):
    class Offline(MNIST):
        mirrors = ("http://127.0.0.1:9/",)

    with pytest.raises(RuntimeError, match="Without a connection to the internet, put the file into .*raw by hand"):
        Offline(tmp_path, download=True)
