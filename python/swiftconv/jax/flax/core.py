"""Immutable dictionaries, and the scopes that hold variables while modules are called."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, KeysView, Mapping, ValuesView
from typing import Any

from ...dialects.switch import missing as _missing
from .. import random
from .._array import as_array
from ..tree_util import register_pytree_node
from . import errors

__all__ = ["DenyList", "FrozenDict", "Scope", "Variable", "copy", "freeze", "pop", "unfreeze"]


class _Keys(KeysView):
    def __repr__(self) -> str:
        return f"frozen_dict_keys({list(self)})"


class _Values(ValuesView):
    def __repr__(self) -> str:
        return f"frozen_dict_values({list(self)})"


class FrozenDict(Mapping):
    """A dictionary of variables that does not change.

    Example
    -------
    >>> from swiftconv.jax.flax.core import FrozenDict
    >>> FrozenDict({"params": {"w": 1}})
    FrozenDict({
        params: {
            w: 1,
        },
    })
    """

    __slots__ = ("_dict",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._dict = _plain(dict(*args, **kwargs))

    def __getitem__(self, key: Any) -> Any:
        value = self._dict[key]
        return FrozenDict(value) if isinstance(value, dict) else value

    def __setitem__(self, key: Any, value: Any) -> None:
        raise ValueError("FrozenDict is immutable.")

    def __contains__(self, key: Any) -> bool:
        return key in self._dict

    def __iter__(self) -> Iterator[Any]:
        return iter(self._dict)

    def __len__(self) -> int:
        return len(self._dict)

    def __hash__(self) -> int:
        return hash(frozenset(self.items()))

    def __reduce__(self) -> Any:
        return FrozenDict, (self.unfreeze(),)

    def keys(self) -> KeysView[Any]:
        """Return the names."""
        return _Keys(self)

    def values(self) -> ValuesView[Any]:
        """Return the entries."""
        return _Values(self)

    def __repr__(self) -> str:
        return f"FrozenDict({_pretty(self._dict)})"

    def copy(self, add_or_replace: Mapping[str, Any] | None = None) -> FrozenDict:
        """Return the dictionary with more or other entries."""
        return FrozenDict({**self._dict, **unfreeze(add_or_replace or {})})

    def pop(self, key: Any) -> tuple[FrozenDict, Any]:
        """Return the dictionary without an entry, and the entry."""
        rest = dict(self._dict)
        value = rest.pop(key)
        return FrozenDict(rest), FrozenDict(value) if isinstance(value, dict) else value

    def unfreeze(self) -> dict[str, Any]:
        """Return a dictionary that can be changed."""
        return _plain(self._dict)

    def pretty_repr(self, num_spaces: int = 4) -> str:
        """Return the text of the dictionary."""
        return repr(self)


def _plain(value: Any, change: Callable[[Any], Any] = lambda value: value) -> Any:
    """Dictionaries in the place of frozen ones, and what a function makes of their values."""
    if isinstance(value, (dict, FrozenDict)):
        return {key: _plain(each, change) for key, each in value.items()}
    return change(value)


def _pretty(value: Any) -> str:
    if not isinstance(value, dict):
        return repr(value)
    if not value:
        return "{}"
    inside = "".join(f"{key}: {_pretty(each)},\n" for key, each in value.items())
    return "{\n" + "".join(f"    {line}\n" for line in inside.splitlines()) + "}"


def freeze(xs: Mapping[Any, Any]) -> FrozenDict:
    """Return an immutable dictionary of the same entries."""
    return FrozenDict(xs)


def unfreeze(x: Any) -> Any:
    """Return a dictionary, and all within it, that can be changed."""
    return _plain(x)


def copy(x: Any, add_or_replace: Any = None) -> Any:
    """Return a dictionary with more or other entries."""
    return x.copy(add_or_replace) if isinstance(x, FrozenDict) else {**_plain(x), **(add_or_replace or {})}


def pop(x: Any, key: Any) -> Any:
    """Return a dictionary without an entry, and the entry."""
    rest, value = FrozenDict(x).pop(key)
    return (rest, value) if isinstance(x, FrozenDict) else (_plain(rest), _plain(value))


register_pytree_node(
    FrozenDict,
    lambda node: ([node._dict[key] for key in sorted(node._dict)], tuple(sorted(node._dict))),
    lambda keys, children: FrozenDict(zip(keys, children, strict=True)),
)


class DenyList:
    """A filter for all collections but those named."""

    def __init__(self, deny: Any) -> None:
        self.deny = deny


def in_filter(wanted: Any, name: str) -> bool:
    """Tell whether a filter (True, a name, names, or a `DenyList`) lets a name pass."""
    if isinstance(wanted, bool):
        return wanted
    if isinstance(wanted, str):
        return name == wanted
    if isinstance(wanted, DenyList):
        return not in_filter(wanted.deny, name)
    return name in wanted


def _folded(key: Any, parts: tuple[Any, ...]) -> Any:
    digest = hashlib.sha1()
    for part in parts:
        digest.update(
            part.encode() if isinstance(part, str) else part.to_bytes((part.bit_length() + 7) // 8, byteorder="big")
        )
    return random.fold_in(key, int.from_bytes(digest.digest()[:4], byteorder="big"))


class Variable:
    """A value in a collection, read and set through ``value``."""

    def __init__(self, scope: Scope, collection: str, name: str) -> None:
        self.scope, self.collection, self.name = scope, collection, name

    @property
    def value(self) -> Any:
        """The value. Setting it needs the collection to be mutable."""
        return self.scope.get_variable(self.collection, self.name)

    @value.setter
    def value(self, value: Any) -> None:
        self.scope.put_variable(self.collection, self.name, value)


class Scope:
    """The variables and random numbers of one module in a tree of them.

    Parameters
    ----------
    variables : dict
        All collections of the whole tree.
    rngs : dict
        A key for each stream of random numbers.
    mutable : filter
        The collections that can be written.
    path : tuple of str
        The names from the whole tree to the module.
    """

    def __init__(
        self,
        variables: Any,
        rngs: Any = None,
        mutable: Any = False,
        path: tuple[str, ...] = (),
        root: Scope | None = None,
    ) -> None:
        self.variables, self.rngs, self.mutable, self.path = variables, rngs or {}, mutable, path
        self.root = self if root is None else root
        self.is_initializing = False if root is None else root.is_initializing
        self.rng_counters = dict.fromkeys(self.rngs, 0)
        self.children: dict[str, Scope] = {}

    @property
    def path_text(self) -> str:
        """The path as errors show it."""
        return f"/{'/'.join(self.path)}"

    def mutable_variables(self, change: Callable[[Any], Any] = lambda value: value) -> FrozenDict:
        """Return the collections that can be written, in the order they were made, with their values changed."""
        kept = {name: each for name, each in self.variables.items() if in_filter(self.mutable, name)}
        return FrozenDict(_plain(kept, change))

    def _check_collection(self, collection: str, name: str) -> None:
        if not self.variables.get(collection):
            raise errors.ScopeCollectionNotFound(collection, name, self.path_text)

    def push(self, name: str) -> Scope:
        """Return the scope of a module within this one."""
        if name not in self.children:
            self.children[name] = Scope(self.variables, self.rngs, self.mutable, (*self.path, name), self.root)
        return self.children[name]

    def is_mutable_collection(self, collection: str) -> bool:
        """Tell whether a collection can be written."""
        return in_filter(self.mutable, collection)

    def collection(self, name: str, create: bool = False) -> dict[str, Any]:
        """Return this module's part of a collection."""
        found = self.variables.get(name)
        if found is None:
            if not create:
                return {}
            found = self.variables[name] = {}
        for each in self.path:
            inner = found.get(each)
            if inner is None:
                if not create:
                    return {}
                inner = found[each] = {}
            found = inner
        return found

    def has_rng(self, name: str) -> bool:
        """Tell whether there is a stream of random numbers."""
        return name in self.rngs

    def make_rng(self, name: str) -> Any:
        """Return a new key of a stream."""
        if name not in self.rngs:
            raise errors.InvalidRngError(f'{self.path[-1] if self.path else None} needs PRNG for "{name}"')
        self.rng_counters[name] += 1
        return _folded(self.rngs[name], (*self.path, self.rng_counters[name]))

    def has_variable(self, collection: str, name: str) -> bool:
        """Tell whether a variable exists."""
        return name in self.collection(collection)

    def get_variable(self, collection: str, name: str, default: Any = None) -> Any:
        """Return a variable's value."""
        return self.collection(collection).get(name, default)

    def put_variable(self, collection: str, name: str, value: Any) -> None:
        """Set a variable's value."""
        if not self.is_mutable_collection(collection):
            raise errors.ModifyScopeVariableError(collection, name, self.path_text)
        self.collection(collection, create=True)[name] = value

    def variable(self, collection: str, name: str, init_fn: Callable[..., Any] | None, *args: Any) -> Variable:
        """Return a variable, made by `init_fn` if it does not exist."""
        if not self.has_variable(collection, name):
            if init_fn is None or not self.is_mutable_collection(collection):
                self._check_collection(collection, name)
                raise errors.ScopeVariableNotFoundError(name, collection, self.path_text)
            self.put_variable(collection, name, init_fn(*args))
        return Variable(self, collection, name)

    def param(self, name: str, init_fn: Callable[..., Any], *args: Any) -> Any:
        """Return a parameter, made by `init_fn` if it does not exist."""
        if self.has_variable("params", name):
            value = self.get_variable("params", name)
            self._check_shape(name, value, args)
            return value
        if not self.is_mutable_collection("params"):
            self._check_collection("params", name)
            raise errors.ScopeParamNotFoundError(name, self.path_text)
        self.put_variable("params", name, init_fn(self.make_rng("params"), *args))
        return self.get_variable("params", name)

    def _check_shape(self, name: str, value: Any, args: tuple[Any, ...]) -> None:
        if args and isinstance(args[0], tuple) and all(isinstance(each, int) for each in args[0]):
            found = as_array(value).shape
            if found != args[0]:
                raise errors.ScopeParamShapeError(name, self.path_text, found, args[0])


__getattr__ = _missing("jax", "flax.core", globals())
