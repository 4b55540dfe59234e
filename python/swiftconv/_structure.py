"""Nested dictionaries and lists as text, with the tensors in them apart by name."""

from __future__ import annotations

import json
from typing import Any

import numpy

from . import _core
from .conversion import from_numpy

Arrays = dict[str, numpy.ndarray]


def encoded(obj: Any) -> tuple[Arrays, str | None]:
    """Return the arrays in `obj` by name, and its structure as text; None for a plain dictionary of tensors."""
    is_plain = isinstance(obj, dict) and all(
        isinstance(name, str) and isinstance(value, (_core.TensorBase, numpy.ndarray)) for name, value in obj.items()
    )
    if is_plain:
        return {name: _array(value) for name, value in obj.items()}, None
    arrays: Arrays = {}
    return arrays, json.dumps(_described(obj, "", arrays), allow_nan=False, separators=(",", ":"))


def decoded(text: str, arrays: Arrays) -> Any:
    """Return what `encoded` was given."""
    return _restored(json.loads(text), arrays)


def _array(value: Any) -> numpy.ndarray:
    """The memory of a tensor in C order, and copied only for that."""
    if isinstance(value, _core.TensorBase):
        value = value.detach().numpy()
    if value.dtype.kind not in "biuf":
        raise TypeError(f"save: arrays of {value.dtype} cannot be saved")
    return numpy.asarray(value, order="C")


# Lists, numbers and strings stand for themselves. Everything else is a dictionary with one entry that says what it is,
# so dictionaries, too, are written as the list of their items; which also keeps keys that are numbers.


def _described(obj: Any, path: str, arrays: Arrays) -> Any:
    if obj is None or isinstance(obj, (bool, int, str)):
        return obj
    if isinstance(obj, float):
        # JSON has no infinity and no NaN.
        return obj if obj - obj == 0 else {"float": repr(obj)}
    if isinstance(obj, (_core.TensorBase, numpy.ndarray)):
        name = _free_name(path or "value", arrays)
        arrays[name] = _array(obj)
        return {"tensor" if isinstance(obj, _core.TensorBase) else "array": name}
    if isinstance(obj, numpy.generic):
        return _described(obj.item(), path, arrays)
    if isinstance(obj, dict):
        return {"dict": [[_key(key, path), _described(obj[key], _joined(path, key), arrays)] for key in obj]}
    if isinstance(obj, (list, tuple)):
        entries = [_described(each, _joined(path, place), arrays) for place, each in enumerate(obj)]
        return entries if isinstance(obj, list) else {"tuple": entries}
    raise TypeError(
        f"save: {path or 'the object'} is of type {type(obj).__name__}; only dictionaries, lists, tuples, tensors, "
        "arrays, numbers, strings and None can be saved"
    )


def _joined(path: str, key: Any) -> str:
    return f"{path}.{key}" if path else str(key)


def _key(key: Any, path: str) -> Any:
    if isinstance(key, (bool, int, str)) or key is None:
        return key
    raise TypeError(f"save: a key of {path or 'the object'} is of type {type(key).__name__}, expected str or int")


def _free_name(path: str, arrays: Arrays) -> str:
    """The path, unless two of them are spelled the same, as those of the keys 1 and "1"."""
    name, number = path, 1
    while name in arrays:
        number += 1
        name = f"{path}#{number}"
    return name


def _restored(node: Any, arrays: Arrays) -> Any:
    if isinstance(node, list):
        return [_restored(each, arrays) for each in node]
    if not isinstance(node, dict):
        return node
    ((kind, content),) = node.items()
    if kind == "tensor":
        return from_numpy(arrays[content])
    if kind == "array":
        return arrays[content]
    if kind == "dict":
        return {key: _restored(value, arrays) for key, value in content}
    if kind == "tuple":
        return tuple(_restored(each, arrays) for each in content)
    if kind == "float":
        return float(content)
    raise ValueError(f"unknown entry {kind!r}")
