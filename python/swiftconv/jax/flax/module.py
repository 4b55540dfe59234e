"""Flax's module: a dataclass of settings, whose parameters live in a tree that callers keep."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import threading
from collections.abc import Callable
from typing import Any

import numpy

from .._array import Array
from .._transforms import released
from ..tree_util import tree_map
from . import errors
from .core import DenyList, FrozenDict, Scope, Variable, unfreeze

__all__ = ["Module", "compact", "nowrap", "param"]

_ALL = DenyList("intermediates")
_UNGIVEN: Any = type("_Ungiven", (), {"__repr__": lambda self: "<not given>"})()


class _Context(threading.local):
    def __init__(self) -> None:
        self.modules: list[Module | None] = [None]


_context = _Context()


def compact(fun: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a method in which layers and parameters are made where they are used."""
    fun.compact = True
    return fun


def nowrap(fun: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a method that neither has nor makes layers."""
    fun.nowrap = True
    return fun


def param(name: str, init_fn: Callable[..., Any], *init_args: Any) -> Any:
    """Return a parameter of the module whose method runs."""
    module = _context.modules[-1]
    if module is None:
        raise ValueError(f"param: {name!r} is made outside of a module's methods")
    return module.param(name, init_fn, *init_args)


@dataclasses.dataclass
class _State:
    in_compact: bool = False
    in_setup: bool = False
    is_set_up: bool = False
    is_initialized: bool = False
    counts: dict[str, int] = dataclasses.field(default_factory=dict)
    children: dict[str, Any] = dataclasses.field(default_factory=dict)


_PLAIN = {"__init__", "__post_init__", "__repr__", "__eq__", "__hash__", "__setattr__", "__getattr__",
          "__init_subclass__", "__class_getitem__", "__new__"}  # fmt: skip


def _wrapped(fun: Callable[..., Any]) -> Callable[..., Any]:
    is_setup, is_compact = fun.__name__ == "setup", getattr(fun, "compact", False)

    @functools.wraps(fun)
    def method(self: Module, *args: Any, **kwargs: Any) -> Any:
        state = self._state
        if not is_setup:
            self._try_setup()
        if is_compact and self.scope is None:
            raise errors.CallCompactUnboundModuleError()
        entered = is_compact and not state.in_compact
        if entered:
            state.in_compact = True
        _context.modules.append(self)
        try:
            return fun(self, *args, **kwargs)
        finally:
            _context.modules.pop()
            if entered:
                # The next call meets the same names, and so the same parameters.
                state.in_compact, state.counts = False, {}
                state.children = {} if not state.is_set_up else state.children

    method.is_wrapped = True
    return method


def _mapped(value: Any, change: Callable[[Module, str], Any], suffix: str = "") -> Any:
    """A field's or attribute's value with `change` applied to the modules within lists, tuples and dictionaries."""
    if isinstance(value, Module):
        return change(value, suffix)
    if isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
        parts = tuple(_mapped(each, change, f"{suffix}_{place}") for place, each in enumerate(value))
        return parts if any(new is not old for new, old in zip(parts, value, strict=True)) else value
    if isinstance(value, (dict, FrozenDict)):
        return {key: _mapped(each, change, f"{suffix}_{key}") for key, each in value.items()}
    return value


class Module:
    """The base of networks and layers: a dataclass, with layers made in ``setup`` or in a `compact` method.

    Example
    -------
    >>> import swiftconv.jax as jax
    >>> from swiftconv.jax.flax import linen as nn
    >>> class Twice(nn.Module):
    ...     features: int
    ...     @nn.compact
    ...     def __call__(self, x):
    ...         return nn.Dense(self.features)(nn.Dense(self.features)(x))
    >>> variables = Twice(4).init(jax.random.PRNGKey(0), jax.numpy.ones((1, 3)))
    >>> jax.tree_map(jax.numpy.shape, variables["params"]["Dense_1"])
    FrozenDict({
        bias: (4,),
        kernel: (3, 4),
    })
    """

    def __init_subclass__(cls, kw_only: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        annotations = dict(inspect.get_annotations(cls))
        for name in ("parent", "name"):
            annotations.pop(name, None)
        cls.__annotations__ = {**annotations, "parent": Any, "name": "str | None"}
        for name in annotations:
            field = cls.__dict__.get(name)
            if isinstance(field, dataclasses.Field) and not field.init:
                # Set later than the module is compared and shown.
                field.repr = field.compare = field.hash = False
        hidden = {"repr": False, "compare": False, "kw_only": True}
        cls.parent = dataclasses.field(default=_UNGIVEN, **hidden)
        cls.name = dataclasses.field(default=None, **hidden)
        own_hash = cls.__dict__.get("__hash__")
        dataclasses.dataclass(cls, repr=False, unsafe_hash=own_hash is None, kw_only=kw_only)
        fields = {each.name for each in dataclasses.fields(cls)}
        compact_methods = 0
        for name, member in list(vars(cls).items()):
            is_method = callable(member) and hasattr(member, "__code__") and not isinstance(member, type)
            if not is_method or name in fields or name in _PLAIN or getattr(member, "nowrap", False):
                continue
            compact_methods += getattr(member, "compact", False)
            if not getattr(member, "is_wrapped", False):
                setattr(cls, name, _wrapped(member))
        if compact_methods > 1:
            raise errors.MultipleMethodsCompactError()

    def __post_init__(self) -> None:
        if self.__dict__.get("_state") is None:
            object.__setattr__(self, "_state", _State())
            object.__setattr__(self, "scope", None)
        if self.parent is _UNGIVEN:
            object.__setattr__(self, "parent", _context.modules[-1])
        if self.parent is None:
            return
        if isinstance(self.parent, Module):
            outer = self.parent
            if outer._state.in_setup and self.name is None:
                return  # Its name is that of the attribute it will be set to.
            self._join(outer)
        else:
            object.__setattr__(self, "scope", self.parent)
        if self.scope is not None:
            for each in dataclasses.fields(self):
                if each.name not in ("parent", "name") and hasattr(self, each.name):
                    self._adopt(each.name, getattr(self, each.name))
        self._state.is_initialized = True

    def _join(self, outer: Module) -> None:
        state = outer._state
        if not (state.in_setup or state.in_compact or not state.is_initialized):
            raise errors.AssignSubModuleError(type(self).__name__)
        if self.name is None:
            prefix = type(self).__name__
            count = state.counts.get(prefix, 0)
            state.counts[prefix] = count + 1
            object.__setattr__(self, "name", f"{prefix}_{count}")
        if state.children.get(self.name, self) is not self:
            raise errors.NameInUseError("submodule", self.name, type(outer).__name__)
        state.children[self.name] = self
        if outer.scope is not None:
            object.__setattr__(self, "scope", outer.scope.push(self.name))

    def _adopt(self, name: str, value: Any) -> None:
        """Keep an attribute, and make the modules in it parts of this one."""
        joined: list[Module] = []
        clones: dict[int, Module] = {}

        def adopted(module: Module, suffix: str) -> Module:
            if module.parent is None:
                # One module in two places stays one.
                if id(module) in clones:
                    return clones[id(module)]
                clones[id(module)] = module = module.clone(parent=_UNGIVEN)
            elif module.name is not None:
                return module
            object.__setattr__(module, "parent", self)
            object.__setattr__(module, "name", module.name or f"{name}{suffix}")
            joined.append(module)
            return module

        object.__setattr__(self, name, _mapped(value, adopted))
        for module in joined:
            module.__post_init__()

    def __setattr__(self, name: str, value: Any) -> None:
        state = self.__dict__.get("_state")
        if state is None or not (state.in_setup or state.is_initialized):
            object.__setattr__(self, name, value)
        elif not state.in_setup:
            raise errors.SetAttributeFrozenModuleError(type(self).__name__, name, value)
        elif name in {each.name for each in dataclasses.fields(self) if each.init}:
            raise errors.SetAttributeInModuleSetupError()
        else:
            self._adopt(name, tuple(value) if isinstance(value, list) else value)

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("__") and self.__dict__.get("_state") is not None:
            self._try_setup()
            if name in self.__dict__:
                return self.__dict__[name]
        hint = (
            ""
            if self.__dict__.get("scope") is not None
            else (
                f" If \"{name}\" is defined in '.setup()', remember these fields are only "
                "accessible from inside 'init' or 'apply'."
            )
        )
        raise AttributeError(f'"{type(self).__name__}" object has no attribute "{name}".{hint}', name=name, obj=self)

    def setup(self) -> None:
        """Make layers and parameters; overridden by modules that are not compact."""

    def _try_setup(self) -> None:
        state = self._state
        if self.scope is None or state.in_setup or state.is_set_up or type(self).setup is Module.setup:
            return
        state.in_setup = True
        try:
            self.setup()
        finally:
            state.in_setup, state.is_set_up, state.counts = False, True, {}

    def __repr__(self) -> str:
        lines = []
        shown = [each.name for each in dataclasses.fields(self) if each.repr and each.name not in ("parent", "name")]
        if shown:
            lines.append("# attributes")
        for name in shown:
            value = getattr(self, name, None)
            is_function = callable(value) and hasattr(value, "__name__")
            lines.append(f"{name} = {value.__name__ if is_function else repr(value)}")
        if self._state.children:
            lines.append("# children")
        lines += [f"{name} = {child!r}" for name, child in self._state.children.items()]
        inside = "".join(f"    {line}\n" for line in "\n".join(lines).splitlines())
        return f"{type(self).__name__}(\n{inside})" if lines else f"{type(self).__name__}()"

    def clone(self, *, parent: Any = None, **updates: Any) -> Any:
        """Return a module with the same settings, or others, that is bound to nothing."""
        kept = {each.name: getattr(self, each.name) for each in dataclasses.fields(self)
                if each.init and each.name not in ("parent", "name")}  # fmt: skip
        clones: dict[int, Module] = {}

        def cloned(module: Module, suffix: str) -> Module:
            return clones.setdefault(id(module), module.clone(parent=_UNGIVEN))

        loose = {name: _mapped(value, cloned) for name, value in kept.items()}
        attributes = {**loose, "name": self.name, **updates}
        if parent is not _UNGIVEN:
            return type(self)(**attributes, parent=parent)
        _context.modules.append(None)
        try:
            return type(self)(**attributes)
        finally:
            _context.modules.pop()

    def _bound(self, variables: Any, rngs: Any, mutable: Any, is_initializing: bool = False, method: Any = "") -> Any:
        if method is None and not callable(self):
            # The error of a module without the method is the module's own.
            self.__getattr__("__call__")
        # What stays as it is needs no copy; arrays are immutable.
        scope = Scope(unfreeze(variables), rngs, mutable)
        scope.is_initializing = is_initializing
        return self.clone(parent=scope, name=None)

    def bind(self, variables: Any, *args: Any, rngs: Any = None, mutable: Any = False) -> Any:
        """Return the module with variables, to be called and looked into."""
        return self._bound(variables, rngs, mutable)

    def unbind(self) -> tuple[Any, Any]:
        """Return the module without its variables, and the variables."""
        return self.clone(), self.variables

    def apply(
        self,
        variables: Any,
        *args: Any,
        rngs: Any = None,
        method: Any = None,
        mutable: Any = False,
        capture_intermediates: Any = False,
        **kwargs: Any,
    ) -> Any:
        """Return what the module gives with variables; with `mutable` collections, them too.

        Parameters
        ----------
        variables : dict
            Collections such as ``{"params": ...}``.
        rngs : dict
            A key for each stream of random numbers, such as ``{"dropout": key}``.
        method : callable or str
            What to call instead of ``__call__``.
        mutable : bool, str or list of str
            The collections that may change, and are returned.
        """
        rngs = rngs if rngs is None or isinstance(rngs, dict) else {"params": rngs}
        module = self._bound(variables, rngs, mutable, method=method)
        output = _called(module, method, args, kwargs)
        if mutable is False:
            return output
        return output, module.scope.mutable_variables()

    def init_with_output(
        self, rngs: Any, *args: Any, method: Any = None, mutable: Any = _ALL, **kwargs: Any
    ) -> tuple[Any, Any]:
        """Return what the module gives with new variables, and the variables.

        Parameters
        ----------
        rngs : Array or dict
            The key for parameters, or one for each stream.
        """
        given = rngs if isinstance(rngs, dict) else {"params": rngs}
        for key in given.values():
            if numpy.asarray(key).shape != (2,):
                raise errors.InvalidRngError(
                    f"RNGs should be of shape (2,) or KeyArray in Module {type(self).__name__}, but rngs are: {key}"
                )
        module = self._bound({}, given, mutable, is_initializing=True, method=method)
        output = _called(module, method, args, kwargs)
        return output, module.scope.mutable_variables(released)

    def init(self, rngs: Any, *args: Any, method: Any = None, mutable: Any = _ALL, **kwargs: Any) -> Any:
        """Return new variables, in shapes that fit the arguments."""
        return self.init_with_output(rngs, *args, method=method, mutable=mutable, **kwargs)[1]

    def param(self, name: str, init_fn: Callable[..., Any], *init_args: Any) -> Any:
        """Return a parameter; in `init` it is made by ``init_fn(key, *init_args)``."""
        self._check_bound("params")
        return self.scope.param(name, init_fn, *init_args)

    def variable(self, col: str, name: str, init_fn: Callable[..., Any] | None = None, *init_args: Any) -> Variable:
        """Return a variable of a collection; where it does not exist it is made by ``init_fn(*init_args)``."""
        self._check_bound("variables")
        return self.scope.variable(col, name, init_fn, *init_args)

    def _check_bound(self, what: str) -> None:
        if self.scope is None:
            raise ValueError(
                f"{type(self).__name__}: {what} must be initialized in `setup()` or in a method wrapped in "
                "`@compact`, by init or apply"
            )

    def make_rng(self, name: str) -> Array:
        """Return a new key of a stream of random numbers."""
        self._check_bound("random numbers")
        return self.scope.make_rng(name)

    def has_rng(self, name: str) -> bool:
        """Tell whether there is a stream of random numbers."""
        return self.scope is not None and self.scope.has_rng(name)

    def has_variable(self, col: str, name: str) -> bool:
        """Tell whether a variable exists."""
        return self.scope is not None and self.scope.has_variable(col, name)

    def get_variable(self, col: str, name: str, default: Any = None) -> Any:
        """Return a variable's value."""
        return self.scope.get_variable(col, name, default)

    def put_variable(self, col: str, name: str, value: Any) -> None:
        """Set a variable's value."""
        self.scope.put_variable(col, name, value)

    def sow(self, col: str, name: str, value: Any) -> bool:
        """Add a value to a tuple in a collection, if that can be written."""
        if self.scope is None or not self.scope.is_mutable_collection(col):
            return False
        self.scope.put_variable(col, name, (*self.scope.get_variable(col, name, ()), value))
        return True

    def is_initializing(self) -> bool:
        """Tell whether `init` runs."""
        return self.scope is not None and self.scope.is_initializing

    def is_mutable_collection(self, col: str) -> bool:
        """Tell whether a collection can be written."""
        return self.scope is not None and self.scope.is_mutable_collection(col)

    @property
    def path(self) -> tuple[str, ...]:
        """The names from the whole network to this module."""
        return () if self.scope is None else self.scope.path

    @property
    def variables(self) -> dict[str, Any]:
        """This module's part of all collections."""
        if self.scope is None:
            raise ValueError("Can't access variables on unbound modules")
        return FrozenDict({name: self.scope.collection(name) for name in self.scope.variables})

    def tabulate(self, rngs: Any, *args: Any, **kwargs: Any) -> str:
        """Return a table of the shapes of all parameters."""
        shapes = tree_map(lambda leaf: leaf.shape, self.init(rngs, *args))
        return "\n".join(_rows(shapes, ()))


def _rows(tree: Any, path: tuple[str, ...]) -> list[str]:
    if isinstance(tree, dict):
        return [row for name, each in tree.items() for row in _rows(each, (*path, name))]
    return [f"{'/'.join(path)}: {tree}"]


def _called(module: Module, method: Any, args: Any, kwargs: Any) -> Any:
    if method is None:
        return module(*args, **kwargs)
    if isinstance(method, str):
        return getattr(module, method)(*args, **kwargs)
    return getattr(method, "__func__", method)(module, *args, **kwargs)
