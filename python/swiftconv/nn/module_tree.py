"""Walking through a module and the modules within it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from ..tensor import Tensor
    from .module import Module
    from .parameter import Parameter

Self = TypeVar("Self", bound="ModuleTree")


class ModuleTree:
    """What `Module` knows of its place above other modules: how to find them, their parameters and their buffers."""

    _parameters: dict[str, Any]
    _buffers: dict[str, Any]
    _modules: dict[str, Any]

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """Iterate over the modules that are attributes of this one, each one once, with their names.

        Example
        -------
        >>> net = nn.Sequential(nn.Linear(3, 2), nn.ReLU())
        >>> dict(net.named_children())
        {'0': Linear(in_features=3, out_features=2, bias=True), '1': ReLU()}
        """
        seen = set()
        for name, module in self._modules.items():
            if module is not None and id(module) not in seen:
                seen.add(id(module))
                yield name, module

    def children(self) -> Iterator[Module]:
        """Iterate over the modules that are attributes of this one.

        Example
        -------
        >>> net = nn.Sequential(nn.Linear(3, 2), nn.ReLU())
        >>> list(net.children())
        [Linear(in_features=3, out_features=2, bias=True), ReLU()]
        """
        return (module for _, module in self.named_children())

    def named_modules(self, memo: set[Module] | None = None, prefix: str = "") -> Iterator[tuple[str, Module]]:
        """Iterate over this module and all within it, each one once, with their paths.

        Example
        -------
        >>> net = nn.Sequential(nn.Sequential(nn.ReLU()))
        >>> [(path, type(module).__name__) for path, module in net.named_modules()]
        [('', 'Sequential'), ('0', 'Sequential'), ('0.0', 'ReLU')]
        """
        seen = set() if memo is None else memo
        if self in seen:
            return
        seen.add(self)
        yield prefix, self
        for name, module in self._modules.items():
            if module is not None:
                yield from module.named_modules(seen, f"{prefix}.{name}" if prefix else name)

    def modules(self) -> Iterator[Module]:
        """Iterate over this module and all within it.

        Example
        -------
        >>> net = nn.Sequential(nn.Linear(3, 2), nn.ReLU())
        >>> [type(module).__name__ for module in net.modules()]
        ['Sequential', 'Linear', 'ReLU']
        """
        return (module for _, module in self.named_modules())

    def _named_members(self, store: str, prefix: str, recurse: bool) -> Iterator[tuple[str, Any]]:
        seen = set()
        for path, module in self.named_modules(prefix=prefix) if recurse else [(prefix, self)]:
            for name, member in module.__dict__[store].items():
                if member is not None and id(member) not in seen:
                    seen.add(id(member))
                    yield (f"{path}.{name}" if path else name), member

    def named_parameters(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Parameter]]:
        """Iterate over all parameters, each one once, with their paths.

        Example
        -------
        >>> net = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
        >>> {path: tuple(parameter.shape) for path, parameter in net.named_parameters()}
        {'0.weight': (2, 3), '0.bias': (2,), '1.weight': (2,), '1.bias': (2,)}
        """
        return self._named_members("_parameters", prefix, recurse)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """Iterate over all parameters, each one once.

        Example
        -------
        >>> net = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
        >>> sum(parameter.numel() for parameter in net.parameters())
        12
        """
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_buffers(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Tensor]]:
        """Iterate over all buffers, each one once, with their paths.

        Example
        -------
        >>> net = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
        >>> [path for path, _ in net.named_buffers()]
        ['1.running_mean', '1.running_var', '1.num_batches_tracked']
        """
        return self._named_members("_buffers", prefix, recurse)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """Iterate over all buffers, each one once.

        Example
        -------
        >>> net = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
        >>> [tuple(buffer.shape) for buffer in net.buffers()]
        [(2,), (2,), ()]
        """
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def apply(self: Self, fn: Callable[[Module], Any]) -> Self:
        """Call a function with every module within this one and then with this one; return this one.

        Example
        -------
        >>> def clear(module):
        ...     if isinstance(module, nn.Linear):
        ...         nn.init.zeros_(module.weight)
        >>> net = nn.Sequential(nn.Linear(3, 2), nn.ReLU()).apply(clear)
        >>> net[0].weight.data
        tensor([[0., 0., 0.],
                [0., 0., 0.]])
        """
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    def get_submodule(self, target: str) -> Module:
        """Return the module at a path such as "net.0.conv"; "" is this module.

        Example
        -------
        >>> net = nn.Sequential(nn.Linear(3, 2), nn.ReLU())
        >>> net.get_submodule("1")
        ReLU()
        """
        module: Module = self
        for name in target.split(".") if target else ():
            found = module._modules.get(name)
            if found is None:
                raise AttributeError(f"{type(module).__name__} has no module {name!r}, in the path {target!r}")
            module = found
        return module

    def get_parameter(self, target: str) -> Parameter:
        """Return the parameter at a path such as "net.0.weight".

        Example
        -------
        >>> net = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
        >>> net.get_parameter("0.weight").shape
        swiftconv.Size([2, 3])
        """
        path, _, name = target.rpartition(".")
        found = self.get_submodule(path)._parameters.get(name)
        if found is None:
            raise AttributeError(f"{type(self).__name__} has no parameter {target!r}")
        return found
