"""Files of arrays, in NumPy's ``.npz`` format under any name."""

from __future__ import annotations

from os import PathLike
from typing import Any

import numpy

from ... import _core
from .._values import wrap
from ..array import ndarray

# How the entries of a list are named in a file.
_NUMBERED = "#{}"


def write_arrays(path: str | PathLike[str], arrays: Any) -> None:
    """Write an array, or a list or dictionary of arrays."""
    if isinstance(arrays, ndarray):
        arrays = [arrays]
    named = arrays if isinstance(arrays, dict) else {_NUMBERED.format(i): each for i, each in enumerate(arrays)}
    with open(path, "wb") as file:
        numpy.savez(file, **{name: each.asnumpy() for name, each in named.items()})


def read_arrays(path: str | PathLike[str]) -> Any:
    """Return the list or dictionary of arrays in a file.

    Raises
    ------
    ValueError
        When the file was not written by `write_arrays`.
    """
    try:
        with open(path, "rb") as file, numpy.load(file, allow_pickle=False) as found:
            arrays = {name: wrap(_core.from_buffer(found[name])) for name in found.files}
    except (ValueError, EOFError, AttributeError) as error:
        raise ValueError(f"{path}: not a file of arrays that swiftconv has written ({error})") from None
    if arrays and all(name == _NUMBERED.format(i) for i, name in enumerate(arrays)):
        return list(arrays.values())
    return arrays
