"""Dictionaries of dictionaries as flat ones.

Example
-------
>>> from swiftconv.jax.flax import traverse_util
>>> traverse_util.flatten_dict({"a": {"b": 1}}, sep="/")
{'a/b': 1}
"""

from __future__ import annotations

from typing import Any

from ...dialects.switch import missing as _missing
from .core import unfreeze

__all__ = ["flatten_dict", "unflatten_dict"]


def flatten_dict(xs: Any, keep_empty_nodes: bool = False, sep: str | None = None) -> dict[Any, Any]:
    """Return a dictionary whose keys are the paths to the values."""
    flat: dict[Any, Any] = {}

    def walk(value: Any, path: tuple[Any, ...]) -> None:
        if isinstance(value, dict) and (value or not path):
            for key, each in value.items():
                walk(each, (*path, key))
        elif not isinstance(value, dict) or keep_empty_nodes:
            flat[path if sep is None else sep.join(path)] = value

    walk(unfreeze(xs), ())
    return flat


def unflatten_dict(xs: Any, sep: str | None = None) -> dict[Any, Any]:
    """Return the dictionary of dictionaries that `flatten_dict` was given."""
    result: dict[Any, Any] = {}
    for path, value in xs.items():
        parts = path if sep is None else path.split(sep)
        inner = result
        for each in parts[:-1]:
            inner = inner.setdefault(each, {})
        inner[parts[-1]] = value
    return result


__getattr__ = _missing("jax", "flax.traverse_util", globals())
