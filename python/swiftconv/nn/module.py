"""The base class of layers and networks."""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeVar

from ..tensor import Tensor
from .parameter import Parameter, clear_gradient, is_lazy
from .state import collect_state, load_state

Self = TypeVar("Self", bound="Module")

_STORES = ("_parameters", "_buffers", "_modules")
_hook_ids = itertools.count()


class RemovableHandle:
    """What registering a hook returns: a way to take it back."""

    def __init__(self, hooks: dict[int, Any]) -> None:
        self._hooks = hooks
        self.id = next(_hook_ids)

    def remove(self) -> None:
        """Take the hook back; once or several times."""
        self._hooks.pop(self.id, None)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


class IncompatibleKeys(NamedTuple):
    """What `Module.load_state_dict` returns: the names that did not match."""

    missing_keys: list[str]
    unexpected_keys: list[str]

    def __repr__(self) -> str:
        if not self.missing_keys and not self.unexpected_keys:
            return "<All keys matched successfully>"
        return f"IncompatibleKeys(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"


class Module:
    """The base class of layers and networks.

    A subclass calls ``super().__init__()``, makes parameters and other modules its attributes, and computes its output
    in ``forward``. Calling the module runs the hooks and ``forward``.

    Attributes
    ----------
    training : bool
        Whether the module is in training mode; set by `train` and `eval`.

    Source
    ------
    Dive into Deep Learning, section 6.1.

    Example
    -------
    >>> class Scale(nn.Module):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.factor = nn.Parameter(sc.tensor(2.0))
    ...
    ...     def forward(self, x):
    ...         return self.factor * x
    >>> net = Scale()
    >>> net(sc.tensor([1.0, 3.0]))
    tensor([2., 6.], grad_fn=<MulBackward0>)
    >>> [name for name, _ in net.named_parameters()]
    ['factor']
    """

    training: bool

    def __init__(self) -> None:
        set_directly = object.__setattr__
        set_directly(self, "training", True)
        set_directly(self, "_parameters", {})
        set_directly(self, "_buffers", {})
        set_directly(self, "_modules", {})
        set_directly(self, "_non_persistent", set())
        set_directly(self, "_forward_hooks", OrderedDict())
        set_directly(self, "_forward_pre_hooks", OrderedDict())

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the output; subclasses say how."""
        raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')

    def __call__(self, *args: Any, **kwargs: Any) -> Tensor:
        for hook in tuple(self._forward_pre_hooks.values()):
            changed = hook(self, args)
            if changed is not None:
                args = changed if isinstance(changed, tuple) else (changed,)
        result: Any = self.forward(*args, **kwargs)
        for hook in tuple(self._forward_hooks.values()):
            changed = hook(self, args, result)
            if changed is not None:
                result = changed
        return result

    # ---- Attributes --------------------------------------------------------------------------------------------------

    def _store(self, name: str) -> dict[str, Any]:
        try:
            return self.__dict__[name]
        except KeyError:
            raise AttributeError(
                f"{type(self).__name__}: call super().__init__() before making parameters and modules its attributes"
            ) from None

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, Parameter):
            self.register_parameter(name, value)
        elif isinstance(value, Module):
            # As an attribute, a module may also take the place of one of the class.
            self._claim("_modules", name, replaces_class_attribute=True)[name] = value
        else:
            for store in _STORES:
                holder = self.__dict__.get(store)
                if holder is not None and name in holder:
                    self._replace(store, name, value)
                    return
            object.__setattr__(self, name, value)

    def _replace(self, store: str, name: str, value: Any) -> None:
        """Put something else where a parameter, buffer or module is."""
        is_allowed = value is None or (store == "_buffers" and isinstance(value, Tensor))
        if not is_allowed:
            wanted = {"_parameters": "a Parameter", "_buffers": "a Tensor", "_modules": "a Module"}[store]
            raise TypeError(f"{type(self).__name__}: {name} must be {wanted} or None, got {type(value).__name__}")
        self.__dict__[store][name] = value

    def __getattr__(self, name: str) -> Any:
        for store in _STORES:
            holder = self.__dict__.get(store)
            if holder is not None and name in holder:
                return holder[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __delattr__(self, name: str) -> None:
        for store in _STORES:
            holder = self.__dict__.get(store)
            if holder is not None and name in holder:
                del holder[name]
                self._non_persistent.discard(name)
                return
        object.__delattr__(self, name)

    def __dir__(self) -> list[str]:
        names = [*super().__dir__(), *self._parameters, *self._buffers, *self._modules]
        return sorted({name for name in names if not name[:1].isdigit()})

    def _claim(self, store: str, name: str, replaces_class_attribute: bool = False) -> dict[str, Any]:
        """The store for a name that is valid and taken away from wherever it was used before."""
        holder = self._store(store)
        if not isinstance(name, str):
            raise TypeError(f"{type(self).__name__}: a name must be a string, got {type(name).__name__}")
        if not name or "." in name:
            raise KeyError(f'{type(self).__name__}: a name must not be empty or contain ".", got {name!r}')
        if hasattr(type(self), name) and not replaces_class_attribute:
            raise KeyError(f"{type(self).__name__}: attribute {name!r} already exists")
        self.__dict__.pop(name, None)
        for other in _STORES:
            if other != store:
                self.__dict__[other].pop(name, None)
        return holder

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Add a parameter; None reserves the name."""
        holder = self._claim("_parameters", name)
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(f"register_parameter: {name} must be a Parameter or None, got {type(param).__name__}")
        if param is not None and not param.is_leaf:
            raise ValueError(f"register_parameter: {name} is the result of a recorded operation; use its detach()")
        holder[name] = param

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Add a tensor that belongs to the module's state but is not trained.

        Parameters
        ----------
        name : str
            The attribute it becomes.
        tensor : Tensor or None
            None reserves the name.
        persistent : bool
            Whether it is part of `state_dict`.
        """
        holder = self._claim("_buffers", name)
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(f"register_buffer: {name} must be a Tensor or None, got {type(tensor).__name__}")
        holder[name] = tensor
        (self._non_persistent.discard if persistent else self._non_persistent.add)(name)

    def register_module(self, name: str, module: Module | None) -> None:
        """Add a module; None reserves the name."""
        holder = self._claim("_modules", name)
        if module is not None and not isinstance(module, Module):
            raise TypeError(f"add_module: {name} must be a Module or None, got {type(module).__name__}")
        holder[name] = module

    def add_module(self, name: str, module: Module | None) -> None:
        """Add a module; the same as making it an attribute, for names made at run time."""
        self.register_module(name, module)

    # ---- Hooks -------------------------------------------------------------------------------------------------------

    def register_forward_hook(self, hook: Callable[[Module, Any, Any], Any]) -> RemovableHandle:
        """Call ``hook(module, args, output)`` after every ``forward``; what it returns, unless None, is the output."""
        handle = RemovableHandle(self._forward_hooks)
        self._forward_hooks[handle.id] = hook
        return handle

    def register_forward_pre_hook(self, hook: Callable[[Module, Any], Any]) -> RemovableHandle:
        """Call ``hook(module, args)`` before every ``forward``; what it returns, unless None, are the arguments."""
        handle = RemovableHandle(self._forward_pre_hooks)
        self._forward_pre_hooks[handle.id] = hook
        return handle

    # ---- Walking -----------------------------------------------------------------------------------------------------

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Iterate over the modules that are attributes of this one, each one once, with their names."""
        seen = set()
        for name, module in self._modules.items():
            if module is not None and id(module) not in seen:
                seen.add(id(module))
                yield name, module

    def children(self) -> Iterator[Module]:
        """Iterate over the modules that are attributes of this one."""
        return (module for _, module in self.named_children())

    def named_modules(self, memo: set[Module] | None = None, prefix: str = "") -> Iterator[tuple[str, Module]]:
        """Iterate over this module and all within it, each one once, with their paths."""
        seen = set() if memo is None else memo
        if self in seen:
            return
        seen.add(self)
        yield prefix, self
        for name, module in self._modules.items():
            if module is not None:
                yield from module.named_modules(seen, f"{prefix}.{name}" if prefix else name)

    def modules(self) -> Iterator[Module]:
        """Iterate over this module and all within it."""
        return (module for _, module in self.named_modules())

    def _named_members(self, store: str, prefix: str, recurse: bool) -> Iterator[tuple[str, Any]]:
        seen = set()
        for path, module in self.named_modules(prefix=prefix) if recurse else [(prefix, self)]:
            for name, member in module.__dict__[store].items():
                if member is not None and id(member) not in seen:
                    seen.add(id(member))
                    yield (f"{path}.{name}" if path else name), member

    def named_parameters(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Parameter]]:
        """Iterate over all parameters, each one once, with their paths."""
        return self._named_members("_parameters", prefix, recurse)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """Iterate over all parameters, each one once."""
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_buffers(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Tensor]]:
        """Iterate over all buffers, each one once, with their paths."""
        return self._named_members("_buffers", prefix, recurse)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """Iterate over all buffers, each one once."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def apply(self: Self, fn: Callable[[Module], Any]) -> Self:
        """Call a function with every module within this one and then with this one; return this one."""
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    def get_submodule(self, target: str) -> Module:
        """Return the module at a path such as "net.0.conv"; "" is this module."""
        module: Module = self
        for name in target.split(".") if target else ():
            found = module._modules.get(name)
            if found is None:
                raise AttributeError(f"{type(module).__name__} has no module {name!r}, in the path {target!r}")
            module = found
        return module

    def get_parameter(self, target: str) -> Parameter:
        """Return the parameter at a path such as "net.0.weight"."""
        path, _, name = target.rpartition(".")
        found = self.get_submodule(path)._parameters.get(name)
        if found is None:
            raise AttributeError(f"{type(self).__name__} has no parameter {target!r}")
        return found

    # ---- State -------------------------------------------------------------------------------------------------------

    def train(self: Self, mode: bool = True) -> Self:
        """Set training mode, or evaluation mode, here and in all modules within; return this module."""
        if not isinstance(mode, bool):
            raise ValueError(f"train: the mode must be True or False, got {mode!r}")
        for module in self.modules():
            object.__setattr__(module, "training", mode)
        return self

    def eval(self: Self) -> Self:
        """Set evaluation mode here and in all modules within; return this module."""
        return self.train(False)

    def requires_grad_(self: Self, requires_grad: bool = True) -> Self:
        """Say for all parameters whether gradients are wanted; return this module."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget all gradients, or set them to zero."""
        for parameter in self.parameters():
            clear_gradient(parameter, set_to_none)

    def to(self: Self, *args: Any, **kwargs: Any) -> Self:
        """Convert all parameters and floating-point buffers, as `Tensor.to` does, in place; return this module."""
        for module in self.modules():
            members = [each for each in (*module._parameters.values(), *module._buffers.values()) if each is not None]
            for member in members:
                # For what keeps its dtype this checks the device, which is an error for every tensor.
                converted = member.detach().to(*args, **kwargs)
                if is_lazy(member):
                    # It gets its dtype with its shape.
                    object.__setattr__(module, "_dtype", converted.dtype)
                elif member.is_floating_point() and converted.dtype is not member.dtype:
                    member.data = converted
        return self

    def float(self: Self) -> Self:
        """Convert all parameters and floating-point buffers to float32."""
        from .._dtype import float32

        return self.to(float32)

    def double(self: Self) -> Self:
        """Convert all parameters and floating-point buffers to float64."""
        from .._dtype import float64

        return self.to(float64)

    def cpu(self: Self) -> Self:
        """Return this module: it lives on the CPU."""
        return self

    def cuda(self: Self, device: Any = None) -> Self:
        """Raise RuntimeError: there are no graphics cards here."""
        raise RuntimeError("cuda: swiftconv computes on the CPU; leave the call out, or use .to('cpu')")

    def state_dict(self, *, prefix: str = "", keep_vars: bool = False) -> OrderedDict[str, Tensor]:
        """Return all parameters and persistent buffers by their paths.

        Parameters
        ----------
        prefix : str
            What every path starts with.
        keep_vars : bool
            Return the parameters themselves instead of tensors on their memory.

        Example
        -------
        >>> list(nn.Linear(2, 1).state_dict())
        ['weight', 'bias']
        """
        return collect_state(self, prefix, keep_vars)

    def load_state_dict(self, state_dict: dict[str, Any], strict: bool = True) -> IncompatibleKeys:
        """Copy values into all parameters and persistent buffers.

        Parameters
        ----------
        state_dict : dict
            Tensors or arrays by path, as `state_dict` returns them.
        strict : bool
            Whether missing and unexpected paths are errors.

        Raises
        ------
        RuntimeError
            With one line for each path or shape that does not match.
        """
        return IncompatibleKeys(*load_state(self, state_dict, strict))

    # ---- Text --------------------------------------------------------------------------------------------------------

    def extra_repr(self) -> str:
        """Return what stands between the parentheses of the module's text; subclasses say what."""
        return ""

    def __repr__(self) -> str:
        extra = self.extra_repr()
        children = [f"({name}): {_indented(repr(module))}" for name, module in self._modules.items()]
        lines = ([*extra.split("\n")] if extra else []) + children
        if not lines:
            return f"{type(self).__name__}()"
        if not children and len(lines) == 1:
            return f"{type(self).__name__}({lines[0]})"
        return f"{type(self).__name__}(\n  " + "\n  ".join(lines) + "\n)"


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ")
