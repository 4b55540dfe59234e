"""The base class of layers and networks."""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from .._core import ModuleBase
from ..tensor import Tensor
from .module_tree import ModuleTree
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
        # PyTorch's text, to the character.
        return f"_IncompatibleKeys(missing_keys={self.missing_keys}, unexpected_keys={self.unexpected_keys})"


class Module(ModuleTree, ModuleBase):
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
        """Compute the output; subclasses say how.

        Example
        -------
        >>> class Double(nn.Module):
        ...     def forward(self, x):
        ...         return 2 * x
        >>> Double()(sc.ones(2))
        tensor([2., 2.])
        """
        # Abstract: modules that only hold others need none; the text is PyTorch's.
        raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')

    if TYPE_CHECKING:

        def __call__(self, *args: Any, **kwargs: Any) -> Tensor: ...

        def __getattr__(self, name: str) -> Any: ...

    def _call_with_hooks(self, *args: Any, **kwargs: Any) -> Any:
        """Call `forward` between the hooks; without any, `ModuleBase` calls `forward` at once."""
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
        if hasattr(type(self), name):
            if not replaces_class_attribute:
                raise KeyError(f"{type(self).__name__}: attribute {name!r} already exists")
            # The class has the first word on this name: `ModuleBase` must ask it first.
            self.__dict__["_shadowed"] = True
        self.__dict__.pop(name, None)
        for other in _STORES:
            if other != store:
                self.__dict__[other].pop(name, None)
        return holder

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Add a parameter; None reserves the name.

        Example
        -------
        >>> net = nn.Module()
        >>> net.register_parameter("scale", nn.Parameter(sc.ones(2)))
        >>> net.scale.data
        tensor([1., 1.])
        """
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

        Example
        -------
        >>> net = nn.Module()
        >>> net.register_buffer("count", sc.zeros(1))
        >>> net.count, list(net.state_dict()), list(net.parameters())
        (tensor([0.]), ['count'], [])
        """
        holder = self._claim("_buffers", name)
        if tensor is not None and not isinstance(tensor, Tensor):
            raise TypeError(f"register_buffer: {name} must be a Tensor or None, got {type(tensor).__name__}")
        holder[name] = tensor
        (self._non_persistent.discard if persistent else self._non_persistent.add)(name)

    def register_module(self, name: str, module: Module | None) -> None:
        """Add a module; None reserves the name.

        Example
        -------
        >>> net = nn.Module()
        >>> net.register_module("first", nn.ReLU())
        >>> net.first
        ReLU()
        """
        holder = self._claim("_modules", name)
        if module is not None and not isinstance(module, Module):
            raise TypeError(f"add_module: {name} must be a Module or None, got {type(module).__name__}")
        holder[name] = module

    def add_module(self, name: str, module: Module | None) -> None:
        """Add a module; the same as making it an attribute, for names made at run time.

        Example
        -------
        >>> net = nn.Module()
        >>> net.add_module("layer1", nn.ReLU())
        >>> net.layer1
        ReLU()
        """
        self.register_module(name, module)

    # ---- Hooks -------------------------------------------------------------------------------------------------------

    def register_forward_hook(self, hook: Callable[[Module, Any, Any], Any]) -> RemovableHandle:
        """Call ``hook(module, args, output)`` after every ``forward``; what it returns, unless None, is the output.

        Example
        -------
        >>> layer = nn.Linear(3, 2)
        >>> with layer.register_forward_hook(lambda module, args, output: print(tuple(output.shape))):
        ...     _ = layer(sc.zeros(5, 3))
        (5, 2)
        """
        handle = RemovableHandle(self._forward_hooks)
        self._forward_hooks[handle.id] = hook
        return handle

    def register_forward_pre_hook(self, hook: Callable[[Module, Any], Any]) -> RemovableHandle:
        """Call ``hook(module, args)`` before every ``forward``; what it returns, unless None, are the arguments.

        Example
        -------
        >>> layer = nn.ReLU()
        >>> with layer.register_forward_pre_hook(lambda module, args: -args[0]):
        ...     layer(sc.tensor([-1.0, 2.0]))
        tensor([1., 0.])
        """
        handle = RemovableHandle(self._forward_pre_hooks)
        self._forward_pre_hooks[handle.id] = hook
        return handle

    # ---- State -------------------------------------------------------------------------------------------------------

    def train(self: Self, mode: bool = True) -> Self:
        """Set training mode, or evaluation mode, here and in all modules within; return this module.

        Example
        -------
        >>> net = nn.Dropout().eval()
        >>> net.train().training
        True
        """
        if not isinstance(mode, bool):
            raise ValueError(f"train: the mode must be True or False, got {mode!r}")
        for module in self.modules():
            object.__setattr__(module, "training", mode)
        return self

    def eval(self: Self) -> Self:
        """Set evaluation mode here and in all modules within; return this module.

        Example
        -------
        >>> nn.Dropout(0.5).eval()(sc.ones(3))
        tensor([1., 1., 1.])
        """
        return self.train(False)

    def requires_grad_(self: Self, requires_grad: bool = True) -> Self:
        """Say for all parameters whether gradients are wanted; return this module.

        Example
        -------
        >>> layer = nn.Linear(3, 2).requires_grad_(False)
        >>> [parameter.requires_grad for parameter in layer.parameters()]
        [False, False]
        """
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget all gradients, or set them to zero.

        Example
        -------
        >>> layer = nn.Linear(3, 2)
        >>> layer(sc.ones(1, 3)).sum().backward()
        >>> layer.zero_grad()
        >>> layer.weight.grad is None
        True
        """
        parameters = self.parameters() if self._modules else self._parameters.values()
        for parameter in parameters:
            if parameter is None:
                continue
            if set_to_none:
                parameter.grad = None
            else:
                clear_gradient(parameter, set_to_none)

    def to(self: Self, *args: Any, **kwargs: Any) -> Self:
        """Convert all parameters and floating-point buffers, as `Tensor.to` does, in place; return this module.

        Example
        -------
        >>> nn.Linear(3, 2).to(sc.float64).weight.dtype
        swiftconv.float64
        """
        for module in self.modules():
            members = [each for each in (*module._parameters.values(), *module._buffers.values()) if each is not None]
            for member in members:
                # For what keeps its dtype this checks the device, which is an error for every tensor.
                converted = member.detach().to(*args, **kwargs)
                if is_lazy(member):
                    # It gets its dtype with its shape.
                    object.__setattr__(module, "_dtype", converted.dtype)
                elif member.is_floating_point() and converted.dtype is not member.dtype:
                    gradient = member.grad
                    member.data = converted
                    if gradient is not None:
                        member.grad = gradient.detach().to(converted.dtype)
        return self

    def float(self: Self) -> Self:
        """Convert all parameters and floating-point buffers to float32.

        Example
        -------
        >>> nn.Linear(3, 2, dtype=sc.float64).float().weight.dtype
        swiftconv.float32
        """
        from .._dtype import float32

        return self.to(float32)

    def double(self: Self) -> Self:
        """Convert all parameters and floating-point buffers to float64.

        Example
        -------
        >>> nn.Linear(3, 2).double().weight.dtype
        swiftconv.float64
        """
        from .._dtype import float64

        return self.to(float64)

    def cpu(self: Self) -> Self:
        """Return this module: it lives on the CPU.

        Example
        -------
        >>> layer = nn.Linear(3, 2)
        >>> layer.cpu() is layer
        True
        """
        return self

    def cuda(self: Self, device: Any = None) -> Self:
        """Raise RuntimeError: there are no graphics cards here.

        Example
        -------
        >>> nn.Linear(3, 2).cuda()
        Traceback (most recent call last):
        RuntimeError: cuda: swiftconv computes on the CPU; leave the call out, or use .to('cpu')
        """
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

        Example
        -------
        >>> first, second = nn.Linear(3, 2), nn.Linear(3, 2)
        >>> second.load_state_dict(first.state_dict())
        <All keys matched successfully>
        >>> bool((first.weight == second.weight).all())
        True
        """
        return IncompatibleKeys(*load_state(self, state_dict, strict))

    # ---- Text --------------------------------------------------------------------------------------------------------

    def extra_repr(self) -> str:
        """Return what stands between the parentheses of the module's text; subclasses say what.

        Example
        -------
        >>> class Scale(nn.Module):
        ...     def extra_repr(self):
        ...         return "factor=2"
        >>> Scale()
        Scale(factor=2)
        """
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

    def _repr_html_(self) -> str | None:
        """Return the tree of modules with the shapes of their parameters, for notebooks.

        While a dialect shows this class as its framework's, notebooks show the framework's text.
        """
        from ..inspection.tree import module_table

        return module_table(self)._repr_html_() if Module.__module__.startswith("swiftconv.") else None


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ")
