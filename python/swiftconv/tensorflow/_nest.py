"""Lists, tuples and dictionaries of values, as ``tf.nest`` sees them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["flat", "mapped", "packed"]


def _is_structure(value: Any) -> bool:
    return isinstance(value, (list, tuple, Mapping))


def _children(value: Any) -> list[Any]:
    return [value[key] for key in sorted(value)] if isinstance(value, Mapping) else list(value)


def flat(value: Any) -> list[Any]:
    """Return the leaves of a structure in order.

    Example
    -------
    >>> from swiftconv.tensorflow._nest import flat
    >>> flat({"b": [1, 2], "a": 3})
    [3, 1, 2]
    """
    if not _is_structure(value):
        return [value]
    return [leaf for child in _children(value) for leaf in flat(child)]


def packed(structure: Any, leaves: list[Any]) -> Any:
    """Return a structure like the given one, with other leaves."""
    return _rebuilt(structure, iter(leaves))


def _rebuilt(structure: Any, leaves: Any) -> Any:
    if isinstance(structure, Mapping):
        made = {key: _rebuilt(structure[key], leaves) for key in sorted(structure)}
        return {key: made[key] for key in structure}
    if isinstance(structure, tuple):
        children = [_rebuilt(each, leaves) for each in structure]
        return type(structure)(*children) if hasattr(structure, "_fields") else tuple(children)
    if isinstance(structure, list):
        return [_rebuilt(each, leaves) for each in structure]
    return next(leaves)


def mapped(function: Callable[..., Any], *structures: Any) -> Any:
    """Return a structure with the function's results for the leaves of one or more structures alike."""
    leaves = [flat(each) for each in structures]
    return packed(structures[0], [function(*each) for each in zip(*leaves, strict=True)])
