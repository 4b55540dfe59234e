"""Arrays by name in files of two formats, each with an optional text beside them."""

from __future__ import annotations

import json
import math
import os
import zipfile
from collections.abc import Callable
from typing import Any

import numpy

Arrays = dict[str, numpy.ndarray]

# Under this name a file has the text that `_structure` makes.
_KEY = "__swiftconv__.json"

# A byte of deflated data stands for at most 1032 bytes.
_MOST_INFLATION = 1032

# ---- safetensors -----------------------------------------------------------------------------------------------------

_TYPES = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "BF16": "<u2",
    "I64": "<i8",
    "U64": "<u8",
    "I32": "<i4",
    "U32": "<u4",
    "I16": "<i2",
    "U16": "<u2",
    "I8": "i1",
    "U8": "u1",
    "BOOL": "?",
}


def _safetensors() -> Any:
    try:
        import safetensors
        import safetensors.numpy
    except ImportError:
        raise ImportError(
            '.safetensors files need the package safetensors; install it with: pip install "swiftconv[models]"; '
            "or use a name that ends in .npz"
        ) from None
    return safetensors


def write_safetensors(path: str, arrays: Arrays, structure: str | None) -> None:
    """Write a file; see `read_safetensors`."""
    package = _safetensors()
    try:
        package.numpy.save_file(arrays, path, metadata=None if structure is None else {_KEY: structure})
    except package.SafetensorError as error:
        raise ValueError(f"save: {error}") from None


def read_safetensors(path: str, mmap: bool = False) -> tuple[Arrays, str | None]:
    """Return arrays that share one block of memory, or the file's pages, and the text beside them."""
    package = _safetensors()
    try:
        # Checks the whole header: sizes, types, and that the tensors' bytes are neither missing nor overlapping.
        with package.safe_open(path, framework="np") as file:
            structure = (file.metadata() or {}).get(_KEY)
    except package.SafetensorError as error:
        raise ValueError(f"{path}: not a safetensors file, or damaged ({error})") from None
    with open(path, "rb") as file:
        start = 8 + int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(start - 8))
        if mmap and os.fstat(file.fileno()).st_size > start:
            # Changes stay in this process.
            data = numpy.memmap(file, numpy.uint8, mode="c", offset=start).view(numpy.ndarray)
        else:
            data = numpy.fromfile(file, numpy.uint8)
    header.pop("__metadata__", None)
    return {name: _view(data, entry, name, path) for name, entry in header.items()}, structure


def _view(data: numpy.ndarray, entry: dict[str, Any], name: str, path: str) -> numpy.ndarray:
    begin, end = entry["data_offsets"]
    kind = entry["dtype"]
    if kind not in _TYPES:
        raise ValueError(f"{path}: {name!r} has the dtype {kind}, which arrays do not have")
    values = data[begin:end]
    dtype = numpy.dtype(_TYPES[kind])
    if values.ctypes.data % dtype.alignment:
        values = values.copy()
    try:
        array = values.view(dtype).reshape(entry["shape"])
    except ValueError as error:
        raise ValueError(f"{path}: {name!r} is cut off ({error})") from None
    if kind == "BF16":
        # The upper half of a float32.
        return (array.astype(numpy.uint32) << 16).view(numpy.float32)
    return array


# ---- npz -------------------------------------------------------------------------------------------------------------


def write_npz(path: str, arrays: Arrays, structure: str | None) -> None:
    """Write a file; see `read_npz`."""
    if structure is not None:
        arrays = {**arrays, _KEY: numpy.frombuffer(structure.encode(), numpy.uint8)}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for name, array in arrays.items():
            # Not by numpy.savez, whose own arguments some names would collide with.
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                numpy.lib.format.write_array(member, array, allow_pickle=False)


def read_npz(path: str) -> tuple[Arrays, str | None]:
    """Return all arrays of a file, and the text beside them."""
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        try:
            with zipfile.ZipFile(file) as archive:
                arrays = {
                    member.filename.removesuffix(".npy"): _read_member(archive, member, size)
                    for member in archive.infolist()
                }
            structure = arrays.pop(_KEY, None)
            return arrays, None if structure is None else structure.tobytes().decode()
        except MemoryError:
            raise
        except Exception as error:
            # The readers of both formats let many kinds of exceptions out when the data is damaged.
            raise ValueError(f"{path}: not an .npz file, or damaged ({type(error).__name__}: {error})") from None


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, file_size: int) -> numpy.ndarray:
    """One array; its header must agree with what the file can hold before memory is taken for it."""
    formats = numpy.lib.format
    with archive.open(member) as file:
        version = formats.read_magic(file)
        read_header = formats.read_array_header_1_0 if version == (1, 0) else formats.read_array_header_2_0
        shape, _, dtype = read_header(file)
        if dtype.hasobject:
            raise ValueError(f"{member.filename} holds Python objects, which are not loaded")
        count = math.prod(shape) * dtype.itemsize
        if count + file.tell() != member.file_size or member.file_size > file_size * _MOST_INFLATION:
            raise ValueError(f"{member.filename} should have {count} bytes of data, and has other ones")
    with archive.open(member) as file:
        return formats.read_array(file, allow_pickle=False)


WRITERS: dict[str, Callable[..., None]] = {".safetensors": write_safetensors, ".npz": write_npz}
READERS: dict[str, Callable[..., tuple[Arrays, str | None]]] = {".safetensors": read_safetensors, ".npz": read_npz}
