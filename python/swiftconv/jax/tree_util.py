"""Trees: lists, tuples, dicts and registered classes, with arrays and other values as leaves."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable
from functools import partial
from functools import reduce as _reduce
from typing import Any

from ..dialects.switch import missing as _missing

__all__ = [
    "Partial",
    "PyTreeDef",
    "register_pytree_node",
    "register_pytree_node_class",
    "tree_all",
    "tree_flatten",
    "tree_leaves",
    "tree_map",
    "tree_reduce",
    "tree_structure",
    "tree_transpose",
    "tree_unflatten",
]

_registered: dict[type, tuple[Callable[[Any], Any], Callable[[Any, Any], Any]]] = {}

_LEAF = object()


def register_pytree_node(
    nodetype: type, flatten_func: Callable[[Any], Any], unflatten_func: Callable[..., Any]
) -> None:
    """Make a class a node: `flatten_func` gives its children and what else it needs to be made again."""
    _registered[nodetype] = (flatten_func, unflatten_func)


def register_pytree_node_class(cls: type) -> type:
    """Make a class with ``tree_flatten`` and ``tree_unflatten`` a node."""
    register_pytree_node(cls, lambda node: node.tree_flatten(), cls.tree_unflatten)
    return cls


class Partial(partial):
    """``functools.partial`` whose arguments are leaves."""


register_pytree_node(
    Partial,
    lambda node: ((node.args, node.keywords), node.func),
    lambda func, children: Partial(func, *children[0], **children[1]),
)


class PyTreeDef:
    """The structure of a tree without its leaves."""

    __slots__ = ("children", "data", "kind")

    def __init__(self, kind: Any, data: Any = None, children: tuple[PyTreeDef, ...] = ()) -> None:
        self.kind, self.data, self.children = kind, data, children

    @property
    def num_leaves(self) -> int:
        """How many leaves the tree has."""
        return 1 if self.kind is _LEAF else sum(each.num_leaves for each in self.children)

    def unflatten(self, leaves: Iterable[Any]) -> Any:
        """Return the tree with these leaves."""
        leaves = list(leaves)
        if len(leaves) != self.num_leaves:
            raise ValueError(f"tree_unflatten: the tree has {self.num_leaves} leaves, got {len(leaves)}")
        return self._built(iter(leaves))

    def _built(self, leaves: Any) -> Any:
        if self.kind is _LEAF:
            return next(leaves)
        if self.kind is type(None):
            return None
        children = [each._built(leaves) for each in self.children]
        if self.kind in _registered:
            return _registered[self.kind][1](self.data, tuple(children))
        if self.kind is dict:
            return dict(zip(self.data, children, strict=True))
        if self.kind is defaultdict:
            return defaultdict(self.data[0], zip(self.data[1], children, strict=True))
        if self.kind is OrderedDict:
            return OrderedDict(zip(self.data, children, strict=True))
        return self.kind(*children) if hasattr(self.kind, "_fields") else self.kind(children)

    def __eq__(self, other: Any) -> bool:
        return (
            isinstance(other, PyTreeDef)
            and (self.kind, self.children) == (other.kind, other.children)
            and (bool(self.data == other.data))
        )

    def __hash__(self) -> int:
        return hash((self.kind, self.children))

    def _text(self) -> str:
        inside = [each._text() for each in self.children]
        if self.kind is _LEAF:
            return "*"
        if self.kind is type(None):
            return "None"
        if self.kind is dict:
            return "{" + ", ".join(f"{key!r}: {each}" for key, each in zip(self.data, inside, strict=True)) + "}"
        if self.kind is list:
            return f"[{', '.join(inside)}]"
        if self.kind is tuple:
            return f"({', '.join(inside)}{',' if len(inside) == 1 else ''})"
        return f"CustomNode({self.kind.__name__}[{self.data}], [{', '.join(inside)}])"

    def __repr__(self) -> str:
        return f"PyTreeDef({self._text()})"


def _opened(tree: Any) -> tuple[Any, list[Any]] | None:
    """The data and children of a node; None for a leaf."""
    kind = type(tree)
    if kind in _registered:
        children, data = _registered[kind][0](tree)
        return data, list(children)
    if tree is None:
        return None, []
    if kind is dict:
        keys = sorted(tree)
        return keys, [tree[key] for key in keys]
    if kind is OrderedDict:
        return list(tree), list(tree.values())
    if kind is defaultdict:
        keys = sorted(tree)
        return (tree.default_factory, keys), [tree[key] for key in keys]
    if kind in (list, tuple) or (isinstance(tree, tuple) and hasattr(kind, "_fields")):
        return None, list(tree)
    return None


def _flatten(tree: Any, leaves: list[Any], is_leaf: Callable[[Any], bool] | None) -> PyTreeDef:
    opened = None if is_leaf is not None and is_leaf(tree) else _opened(tree)
    if opened is None:
        leaves.append(tree)
        return PyTreeDef(_LEAF)
    data, children = opened
    return PyTreeDef(type(tree), data, tuple(_flatten(each, leaves, is_leaf) for each in children))


def tree_flatten(tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> tuple[list[Any], PyTreeDef]:
    """Return the leaves of a tree and its structure.

    Example
    -------
    >>> from swiftconv.jax.tree_util import tree_flatten
    >>> tree_flatten({"b": (1, 2), "a": [3]})
    ([3, 1, 2], PyTreeDef({'a': [*], 'b': (*, *)}))
    """
    leaves: list[Any] = []
    structure = _flatten(tree, leaves, is_leaf)
    return leaves, structure


def tree_unflatten(treedef: PyTreeDef, leaves: Iterable[Any]) -> Any:
    """Return a tree of a structure with new leaves."""
    return treedef.unflatten(leaves)


def tree_leaves(tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> list[Any]:
    """Return the leaves of a tree."""
    return tree_flatten(tree, is_leaf)[0]


def tree_structure(tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> PyTreeDef:
    """Return the structure of a tree."""
    return tree_flatten(tree, is_leaf)[1]


def _leaves_up_to(structure: PyTreeDef, tree: Any, found: list[Any]) -> None:
    if structure.kind is _LEAF:
        found.append(tree)
        return
    opened = _opened(tree)
    if opened is None or type(tree) is not structure.kind or len(opened[1]) != len(structure.children):
        wanted, count = structure.kind.__name__, len(structure.children)
        if opened is not None and type(tree) is structure.kind and wanted in ("list", "tuple"):
            kind = wanted.capitalize()
            raise ValueError(f"{kind} arity mismatch: {len(tree)} != {count}; {wanted}: {tree}.")
        raise ValueError(f"Expected {wanted} with {count} children, got {tree!r}.")
    if isinstance(tree, dict) and list(opened[0]) != list(structure.data):
        raise ValueError(f"Dict key mismatch; expected keys: {list(structure.data)}; dict: {tree}.")
    for part, child in zip(structure.children, opened[1], strict=True):
        _leaves_up_to(part, child, found)


def tree_map(f: Callable[..., Any], tree: Any, *rest: Any, is_leaf: Callable[[Any], bool] | None = None) -> Any:
    """Return the tree of what `f` gives for the leaves of one or several trees.

    Example
    -------
    >>> from swiftconv.jax.tree_util import tree_map
    >>> tree_map(lambda p, g: p - g, {"a": 3, "b": [4]}, {"a": 1, "b": [1]})
    {'a': 2, 'b': [3]}
    """
    leaves, structure = tree_flatten(tree, is_leaf)
    others = []
    for each in rest:
        found: list[Any] = []
        _leaves_up_to(structure, each, found)
        others.append(found)
    return structure.unflatten([f(*several) for several in zip(leaves, *others, strict=True)])


def tree_reduce(function: Callable[[Any, Any], Any], tree: Any, *initializer: Any) -> Any:
    """Return the leaves combined by a function of two values."""
    return _reduce(function, tree_leaves(tree), *initializer)


def tree_all(tree: Any) -> bool:
    """Tell whether all leaves are true."""
    return all(tree_leaves(tree))


def tree_transpose(outer_treedef: PyTreeDef, inner_treedef: PyTreeDef, pytree_to_transpose: Any) -> Any:
    """Return a tree of trees turned inside out."""
    leaves = tree_leaves(pytree_to_transpose)
    width = inner_treedef.num_leaves
    rows = [leaves[place::width] for place in range(width)]
    return inner_treedef.unflatten([outer_treedef.unflatten(row) for row in rows])


__getattr__ = _missing("jax", "jax.tree_util", globals())
