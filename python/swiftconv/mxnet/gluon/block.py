"""``mxnet.gluon.block``: the bases of layers and networks."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from os import PathLike
from typing import Any

from ...dialects.switch import missing
from ..array import ndarray
from .files import read_arrays, write_arrays
from .parameter import Parameter, ParameterDict

# How many blocks of a kind there are outside of any block's name scope.
_counts: dict[str, int] = {}


class _Local(threading.local):
    scope: _NameScope | None = None


_local = _Local()


class _NameScope:
    """Within it, names of new blocks begin with the prefix of the block it belongs to."""

    def __init__(self, block: Block) -> None:
        self._block = block
        self._counts: dict[str, int] = {}
        self._previous: list[_NameScope | None] = []

    def __enter__(self) -> _NameScope:
        self._previous.append(_local.scope)
        _local.scope = self
        return self

    def __exit__(self, *_: object) -> None:
        _local.scope = self._previous.pop()


def _numbered(counts: dict[str, int], kind: str) -> str:
    number = counts.get(kind, 0)
    counts[kind] = number + 1
    return f"{kind}{number}_"


def _named(prefix: str | None, params: ParameterDict | None, kind: str) -> tuple[str, ParameterDict]:
    """The prefix of a new block, and its dictionary of parameters."""
    scope = _local.scope
    if scope is None:
        prefix = _numbered(_counts, kind) if prefix is None else prefix
        own = ParameterDict(prefix) if params is None else ParameterDict(params.prefix, params)
        return prefix, own
    prefix = _numbered(scope._counts, kind) if prefix is None else prefix
    parent = scope._block.params
    shared = ParameterDict(parent.prefix + prefix, parent._shared)
    return scope._block.prefix + prefix, shared if params is None else ParameterDict(params.prefix, params)


class HookHandle:
    """What a ``register_..._hook`` returns: a way to take the hook back."""

    def __init__(self, hooks: list[Any], hook: Any) -> None:
        self._hooks, self._hook = hooks, hook

    def detach(self) -> None:
        """Take the hook back."""
        if self._hook in self._hooks:
            self._hooks.remove(self._hook)


class Block:
    """The base of layers and networks: a subclass makes its children and parameters, and writes ``forward``.

    Parameters
    ----------
    prefix : str, optional
        What the names of its parameters begin with.
    params : ParameterDict, optional
        Parameters to share.

    Example
    -------
    >>> from swiftconv.mxnet import np
    >>> from swiftconv.mxnet.gluon import nn
    >>> class Twice(nn.Block):
    ...     def forward(self, x):
    ...         return 2 * x
    >>> Twice()(np.ones(2))
    array([2., 2.])
    """

    def __init__(self, prefix: str | None = None, params: ParameterDict | None = None) -> None:
        self._prefix, self._params = _named(prefix, params, self._alias())
        self._name = self._prefix[:-1] if self._prefix.endswith("_") else self._prefix
        self._scope = _NameScope(self)
        self._children: dict[str, Block] = {}
        self._reg_params: dict[str, Parameter] = {}
        self._forward_hooks: list[Callable[..., Any]] = []
        self._forward_pre_hooks: list[Callable[..., Any]] = []

    def _alias(self) -> str:
        return self.__class__.__name__.lower()

    def __repr__(self) -> str:
        lines = [f"  ({name}): {_indented(repr(child))}" for name, child in self._children.items()]
        return "\n".join([f"{self.__class__.__name__}(", *(lines or [""]), ")"])

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, Block):
            self.register_child(value, name)
        elif isinstance(value, Parameter):
            self._reg_params[name] = value
        super().__setattr__(name, value)

    @property
    def prefix(self) -> str:
        """What the names of the parameters begin with."""
        return self._prefix

    @property
    def name(self) -> str:
        """The prefix without its underscore."""
        return self._name

    @property
    def params(self) -> ParameterDict:
        """The block's own parameters, without those of its children."""
        return self._params

    def name_scope(self) -> _NameScope:
        """Return a context manager; blocks made within it get names that begin with this block's."""
        return self._scope

    def collect_params(self, select: str | None = None) -> ParameterDict:
        """Return the parameters of the block and its children; only those whose name matches `select`."""
        found = ParameterDict(self._params.prefix)
        pattern = re.compile(select or "")
        for name, parameter in self.params.items():
            if pattern.match(name):
                found._params[name] = parameter
        for child in self._children.values():
            found.update(child.collect_params(select))
        return found

    def _by_attribute(self, prefix: str = "") -> Iterator[tuple[str, Parameter]]:
        """Parameters by the attributes that lead to them."""
        for name, parameter in self._reg_params.items():
            yield f"{prefix}{name}", parameter
        for name, child in self._children.items():
            yield from child._by_attribute(f"{prefix}{name}.")

    def initialize(self, init: Any = None, ctx: Any = None, verbose: bool = False, force_reinit: bool = False) -> None:
        """Fill all parameters: at once where the shape is known, else with the first batch."""
        self.collect_params().initialize(init, ctx, verbose, force_reinit)

    def register_child(self, block: Block, name: str | None = None) -> None:
        """Make another block a part of this one."""
        self._children[str(len(self._children)) if name is None else name] = block

    def register_forward_hook(self, hook: Callable[..., Any]) -> HookHandle:
        """Call ``hook(block, inputs, output)`` after every ``forward``."""
        self._forward_hooks.append(hook)
        return HookHandle(self._forward_hooks, hook)

    def register_forward_pre_hook(self, hook: Callable[..., Any]) -> HookHandle:
        """Call ``hook(block, inputs)`` before every ``forward``."""
        self._forward_pre_hooks.append(hook)
        return HookHandle(self._forward_pre_hooks, hook)

    def apply(self, fn: Callable[[Block], Any]) -> Block:
        """Call a function with every child, and with the block itself at last."""
        for child in self._children.values():
            child.apply(fn)
        fn(self)
        return self

    def hybridize(self, active: bool = True, **kwargs: Any) -> None:
        """Do nothing: there is no compiler, and results are the same."""

    def cast(self, dtype: Any) -> None:
        """Change the dtype of all parameters."""
        for parameter in self.collect_params().values():
            parameter.cast(dtype)

    def zero_grad(self) -> None:
        """Set all gradients to zeros."""
        self.collect_params().zero_grad()

    def save_parameters(self, filename: str | PathLike[str], deduplicate: bool = False) -> None:
        """Write all parameters to a file, in NumPy's format."""
        write_arrays(filename, {name: each.data() for name, each in self._by_attribute()})

    def load_parameters(
        self,
        filename: str | PathLike[str],
        ctx: Any = None,
        allow_missing: bool = False,
        ignore_extra: bool = False,
        **_: Any,
    ) -> None:
        """Read all parameters from a file that `save_parameters` has written."""
        arrays, own = read_arrays(filename), dict(self._by_attribute())
        arrays = arrays if isinstance(arrays, dict) else {}
        absent, unknown = own.keys() - arrays.keys(), arrays.keys() - own.keys()
        if absent and not allow_missing:
            raise AssertionError(f"{filename}: lacks {', '.join(sorted(absent))}; allow_missing=True goes on without")
        if unknown and not ignore_extra:
            raise ValueError(f"{filename}: has {', '.join(sorted(unknown))}, which the block has not")
        for name in own.keys() & arrays.keys():
            parameter, data = own[name], arrays[name]
            parameter.shape = data.shape
            if parameter._data is None:
                parameter._deferred = data
                parameter._finish()
            else:
                parameter.set_data(data)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        for hook in list(self._forward_pre_hooks):
            hook(self, args)
        result = self.forward(*args, **kwargs)
        for hook in list(self._forward_hooks):
            hook(self, args, result)
        return result

    def forward(self, *args: Any) -> Any:
        """Compute the output; every subclass has its own."""
        # Abstract: a block that only holds others is never called.
        raise NotImplementedError(f"{type(self).__name__} has no method forward")


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ")


class _Functions:
    """What `HybridBlock.hybrid_forward` gets as ``F``: the modules ``np`` and ``npx``."""

    @property
    def np(self) -> Any:
        from .. import numpy

        return numpy

    @property
    def npx(self) -> Any:
        from .. import numpy_extension

        return numpy_extension


class HybridBlock(Block):
    """A block that writes ``forward``, or ``hybrid_forward(self, F, x, ...)``, which gets its parameters as arrays."""

    def infer_shape(self, *args: Any) -> None:
        """Set the shapes that depend on the input; a subclass with such parameters writes its own."""

    def _ready(self, *args: ndarray) -> None:
        """Fill parameters that have waited for the first batch."""
        waiting = [each for each in self.params.values() if each._deferred is not None]
        if waiting:
            self.infer_shape(*args)
            for each in waiting:
                each._finish()

    def forward(self, x: Any, *args: Any) -> Any:
        """Call ``hybrid_forward`` with the parameters as arrays."""
        self._ready(x, *args)
        given = {name: each.data() for name, each in self._reg_params.items()}
        return self.hybrid_forward(_Functions(), x, *args, **given)

    def hybrid_forward(self, F: Any, x: Any, *args: Any, **kwargs: Any) -> Any:
        """Compute the output; every subclass has its own."""
        # Abstract: a block that has ``forward`` needs none.
        raise NotImplementedError(f"{type(self).__name__} has neither forward nor hybrid_forward")


__getattr__ = missing("mxnet", "mxnet.gluon.block", globals())
