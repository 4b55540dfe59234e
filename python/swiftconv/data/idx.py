"""IDX files, the format of MNIST: a short header and then the numbers, most significant byte first.

Source
------
LeCun, Cortes, Burges, "The MNIST database of handwritten digits", 1998, section "File formats".
"""

from __future__ import annotations

import math
from os import PathLike, fspath
from typing import IO, Any

import numpy

# The third byte of the file says the type of the numbers.
_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_CHUNK = 1 << 20


def read_idx(path: str | PathLike[str], *, max_bytes: int = 1 << 31) -> numpy.ndarray:
    """Read an IDX file.

    Parameters
    ----------
    path : str or path
        The file, as it is or compressed with gzip.
    max_bytes : int
        How much memory the numbers may take. Memory is only ever taken for what is really in the file.

    Returns
    -------
    numpy.ndarray
        In the shape and type that the file says, in the byte order of this computer.

    Raises
    ------
    ValueError
        When it is no IDX file, or when it is damaged, too short or too long. The text names the file and the fault.
    OSError
        When the file cannot be opened.

    Example
    -------
    >>> import tempfile, os
    >>> path = os.path.join(tempfile.mkdtemp(), "labels")
    >>> sc.data.write_idx(path, np.array([7, 2, 1], dtype=np.uint8))
    >>> sc.data.read_idx(path)
    array([7, 2, 1], dtype=uint8)
    """
    import gzip
    import zlib

    name = fspath(path)
    with open(path, "rb") as raw:
        try:
            if raw.read(2) != b"\x1f\x8b":
                raw.seek(0)
                return _read(raw, name, max_bytes)
            raw.seek(0)
            with gzip.open(raw) as unpacked:
                return _read(unpacked, name, max_bytes)
        except (EOFError, zlib.error) as error:
            raise ValueError(f"{name}: the gzip data is damaged or cut off ({error})") from None
        except OSError as error:
            # gzip reports damage with an OSError that has no number.
            if error.errno is not None:
                raise
            raise ValueError(f"{name}: the gzip data is damaged ({error})") from None


def _read(file: IO[bytes], name: str, max_bytes: int) -> numpy.ndarray:
    magic = _exactly(file, 4, name, "the magic number")
    if magic[:2] != b"\0\0" or magic[2] not in _TYPES:
        raise ValueError(f"{name}: not an IDX file, its magic number is 0x{magic.hex()}")
    rank = magic[3]
    if not 1 <= rank <= 8:
        raise ValueError(f"{name}: {rank} axes, expected 1 to 8 (magic number 0x{magic.hex()})")
    sizes = numpy.frombuffer(_exactly(file, 4 * rank, name, f"the sizes of {rank} axes"), ">u4")
    shape = tuple(map(int, sizes))
    dtype = numpy.dtype(_TYPES[magic[2]])
    count = math.prod(shape) * dtype.itemsize
    if count > max_bytes:
        raise ValueError(f"{name}: the header says shape {shape}, {count} bytes; allowed are max_bytes={max_bytes}")
    data = _exactly(file, count, name, f"the data of shape {shape}")
    if file.read(1):
        raise ValueError(f"{name}: there are bytes after the data of shape {shape}")
    return numpy.frombuffer(data, dtype).reshape(shape).astype(dtype.newbyteorder("="), copy=False)


def _exactly(file: IO[bytes], count: int, name: str, what: str) -> bytearray:
    """So many bytes of a file; read piece by piece, as the header's word for their number is not to be trusted."""
    data = bytearray()
    while len(data) < count:
        piece = file.read(min(count - len(data), _CHUNK))
        if not piece:
            raise ValueError(f"{name}: cut off; {what} should have {count} bytes, found {len(data)}")
        data += piece
    return data


def write_idx(path: str | PathLike[str], array: Any) -> None:
    """Write an array as an IDX file, compressed with gzip if the name ends in ``.gz``.

    Parameters
    ----------
    path : str or path
        The file; it is replaced if there is one.
    array : array or Tensor
        uint8, int8, int16, int32, float32 or float64, with 1 to 8 axes.

    Raises
    ------
    TypeError
        For other dtypes.
    ValueError
        For other numbers of axes, and for sizes of 2³² and more.

    Example
    -------
    >>> import os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "labels.gz")
    >>> sc.data.write_idx(path, [[1.5, 2.0]])
    >>> sc.data.read_idx(path)
    array([[1.5, 2. ]])
    """
    values = numpy.asarray(array)
    codes = {numpy.dtype(kind).newbyteorder("="): code for code, kind in _TYPES.items()}
    code = codes.get(values.dtype.newbyteorder("="))
    if code is None:
        raise TypeError(
            f"write_idx: IDX files cannot hold {values.dtype}; cast to uint8, int8, int16, int32, float32 or float64"
        )
    if not 1 <= values.ndim <= 8 or max(values.shape) >= 1 << 32:
        raise ValueError(f"write_idx: expected 1 to 8 axes with sizes below 2**32, got shape {values.shape}")
    header = bytes([0, 0, code, values.ndim]) + numpy.array(values.shape, ">u4").tobytes()
    content = header + values.astype(_TYPES[code]).tobytes()
    if fspath(path).endswith(".gz"):
        import gzip

        # Without a time, so that equal arrays make equal files.
        content = gzip.compress(content, mtime=0)
    with open(path, "wb") as file:
        file.write(content)
