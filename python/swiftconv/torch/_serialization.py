"""``torch.save`` and ``torch.load``: any file name, and swiftconv's own format, which holds no code."""

from __future__ import annotations

import os
import tempfile
from typing import Any

from swiftconv import serialization as _native

__all__ = ["load", "save"]


def save(obj: Any, f: Any, *args: Any, **kwargs: Any) -> None:
    """Save tensors, or lists and dictionaries of them, to a file of any name.

    Parameters
    ----------
    obj : Tensor, list, tuple or dict
        What to save; whole modules are saved by their ``state_dict()``.
    f : str, path or file
        Where to; the format is that of ``sc.save(..., "x.npz")``, not PyTorch's.

    Example
    -------
    >>> import io
    >>> from swiftconv import torch
    >>> file = io.BytesIO()
    >>> torch.save([torch.zeros(2), {"a": torch.ones(1)}], file)
    >>> _ = file.seek(0)
    >>> torch.load(file)
    [tensor([0., 0.]), {'a': tensor([1.])}]
    """
    folder = None if hasattr(f, "write") else os.path.dirname(os.path.abspath(os.fspath(f)))
    with tempfile.TemporaryDirectory(dir=folder, prefix=".saving-") as place:
        path = os.path.join(place, "state.npz")
        _native.save(obj, path)
        if folder is not None:
            os.replace(path, os.fspath(f))
            return
        with open(path, "rb") as file:
            f.write(file.read())


def load(f: Any, map_location: Any = None, *args: Any, **kwargs: Any) -> Any:
    """Return what `save` has saved.

    Parameters
    ----------
    f : str, path or file
        From where.
    map_location : device, optional
        Accepted; tensors live on the CPU.
    """
    if not hasattr(f, "read"):
        with open(os.fspath(f), "rb") as file:
            return load(file)
    with tempfile.TemporaryDirectory(prefix="swiftconv-") as place:
        path = os.path.join(place, "state.npz")
        with open(path, "wb") as file:
            file.write(f.read())
        return _native.load(path)
