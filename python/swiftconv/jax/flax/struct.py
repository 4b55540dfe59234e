"""Immutable dataclasses that are nodes of trees.

Example
-------
>>> from swiftconv.jax.flax import struct
>>> @struct.dataclass
... class Pair:
...     first: int
...     second: int = 2
>>> Pair(1).replace(first=3)
Pair(first=3, second=2)
"""

from __future__ import annotations

import dataclasses
from typing import Any

from ...dialects.switch import missing as _missing
from ..tree_util import register_pytree_node

__all__ = ["PyTreeNode", "dataclass", "field"]


def field(pytree_node: bool = True, **options: Any) -> Any:
    """Return a dataclass's field, which is a child of the node unless `pytree_node` is False."""
    return dataclasses.field(metadata={"pytree_node": pytree_node}, **options)


def dataclass(cls: type, **options: Any) -> type:
    """Make a class an immutable dataclass and a node of trees, with a method ``replace``."""
    made = dataclasses.dataclass(frozen=True, **options)(cls)
    children = [each.name for each in dataclasses.fields(made) if each.metadata.get("pytree_node", True)]
    rest = [each.name for each in dataclasses.fields(made) if not each.metadata.get("pytree_node", True)]

    def flatten(node: Any) -> tuple[list[Any], tuple[Any, ...]]:
        return [getattr(node, name) for name in children], tuple(getattr(node, name) for name in rest)

    def unflatten(data: tuple[Any, ...], values: Any) -> Any:
        return made(**dict(zip(children, values, strict=True)), **dict(zip(rest, data, strict=True)))

    if "replace" not in vars(made):
        made.replace = _replace
    register_pytree_node(made, flatten, unflatten)
    return made


def _replace(self: Any, **updates: Any) -> Any:
    """Return a copy with other values."""
    return dataclasses.replace(self, **updates)


class PyTreeNode:
    """The base of classes that are such dataclasses."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__()
        dataclass(cls, **options)

    def replace(self, **updates: Any) -> Any:
        """Return a copy with other values."""
        return dataclasses.replace(self, **updates)


__getattr__ = _missing("jax", "flax.struct", globals())
