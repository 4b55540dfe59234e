"""Saving and loading: the state of networks and optimizers, in files that hold nothing but numbers and text.

Loading never runs code from a file: Python's pickle is not used.
"""

from __future__ import annotations

import os
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any

import numpy

from .conversion import from_numpy

if TYPE_CHECKING:
    from .tensor import Tensor

__all__ = ["load", "save"]

# What reads and writes files is imported when it is needed: the standard modules behind it are many.


def save(obj: Any, path: str | PathLike[str]) -> None:
    """Save tensors to a file whose ending says the format.

    A dictionary of tensors by name, such as `Module.state_dict` returns, becomes a plain file of that format that other
    programs understand. Anything else made of dictionaries, lists, tuples, tensors, arrays, numbers, strings and None,
    such as the state of an optimizer, has its structure beside the tensors, as text.

    Parameters
    ----------
    obj : dict, list, tuple or Tensor
        What to save.
    path : str or path
        Ending in ``.safetensors``, which needs the package safetensors, or ``.npz``, which needs nothing. A file that
        has this name is replaced, once the new one is complete.

    Raises
    ------
    TypeError
        When something in `obj` is of another type; the text says where.
    ValueError
        When the path ends in something else.
    ImportError
        When safetensors is not installed.

    Example
    -------
    >>> import tempfile, os
    >>> path = os.path.join(tempfile.mkdtemp(), "state.npz")
    >>> net = nn.Linear(2, 1)
    >>> sc.save({"net": net.state_dict(), "epoch": 3}, path)
    >>> state = sc.load(path)
    >>> state["epoch"], net.load_state_dict(state["net"])
    (3, <All keys matched successfully>)
    """
    import tempfile

    from ._structure import encoded
    from ._tensor_files import WRITERS

    write = WRITERS[_ending(path, "save")]
    arrays, structure = encoded(obj)
    # Written beside the old file and then put in its place, so that there is a complete one at any time.
    folder = os.path.dirname(os.path.abspath(fspath(path)))
    with tempfile.TemporaryDirectory(prefix=".saving-", dir=folder) as beside:
        part = os.path.join(beside, "part")
        write(part, arrays, structure)
        os.replace(part, path)


def load(path: str | PathLike[str], *, mmap: bool = False) -> Any:
    """Load what `save` or another program has saved.

    Parameters
    ----------
    path : str or path
        Ending in ``.safetensors`` or ``.npz``.
    mmap : bool
        Leave the tensors in the file until they are used; only for ``.safetensors``. They can be changed, but the file
        does not change with them; and while they are in use, it must not be shortened.

    Returns
    -------
    dict
        Of tensors by name; or whatever was saved. Half-precision numbers of other programs become float32.

    Raises
    ------
    ValueError
        When the file is damaged, cut off or of another format, or holds a type that tensors do not have. The text names
        the file.
    ImportError
        When safetensors is not installed.

    Example
    -------
    >>> import tempfile, os
    >>> path = os.path.join(tempfile.mkdtemp(), "weights.npz")
    >>> sc.save({"weight": sc.tensor([1.0, 2.0])}, path)
    >>> sc.load(path)
    {'weight': tensor([1., 2.])}
    """
    from ._structure import decoded
    from ._tensor_files import READERS

    ending = _ending(path, "load")
    if mmap and ending != ".safetensors":
        raise ValueError(f"load: mmap=True is for .safetensors files, got {fspath(path)}")
    options = {"mmap": True} if mmap else {}
    arrays, structure = READERS[ending](fspath(path), **options)
    if structure is None:
        return {name: _tensor(array, name, fspath(path)) for name, array in arrays.items()}
    try:
        return decoded(structure, arrays)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"{fspath(path)}: the description of what was saved is damaged ({error})") from None


def _ending(path: str | PathLike[str], name: str) -> str:
    _, ending = os.path.splitext(fspath(path))
    if ending.lower() not in (".safetensors", ".npz"):
        raise ValueError(f"{name}: the file must end in .safetensors or .npz, got {fspath(path)}")
    return ending.lower()


def _tensor(array: numpy.ndarray, name: str, path: str) -> Tensor:
    if array.dtype == numpy.float16:
        array = array.astype(numpy.float32)
    try:
        return from_numpy(array.astype(array.dtype.newbyteorder("="), copy=False))
    except TypeError as error:
        raise ValueError(f"{path}: {name!r} cannot be a tensor: {error}") from None
