"""Modules that hold other modules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from operator import index as as_index
from typing import Any

from .module import Module


class _Numbered(Module):
    """Modules in order, named by their positions."""

    def _position(self, place: Any) -> int:
        number, count = as_index(place), len(self)
        if not -count <= number < count:
            raise IndexError(f"{type(self).__name__}: index {number} is out of range for {count} modules")
        return number % count

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Module]:
        return iter(list(self._modules.values()))

    def _at(self, place: int) -> Any:
        return list(self)[self._position(place)]

    def __setitem__(self, place: int, module: Module) -> None:
        self.register_module(list(self._modules)[self._position(place)], module)

    def __delitem__(self, place: int | slice) -> None:
        modules = list(self)
        del modules[place if isinstance(place, slice) else self._position(place)]
        self._renumber(modules)

    def _renumber(self, modules: Iterable[Module]) -> None:
        modules = list(modules)
        self._modules.clear()
        for place, module in enumerate(modules):
            self.register_module(str(place), module)

    def append(self, module: Module) -> Any:
        """Add a module at the end; return this container.

        Example
        -------
        >>> len(nn.Sequential(nn.Linear(3, 2)).append(nn.ReLU()))
        2
        """
        self.register_module(str(len(self)), module)
        return self

    def extend(self, modules: Iterable[Module]) -> Any:
        """Add modules at the end; return this container.

        Example
        -------
        >>> len(nn.ModuleList([nn.Linear(3, 2)]).extend([nn.ReLU(), nn.Linear(2, 1)]))
        3
        """
        for module in list(modules):
            self.append(module)
        return self

    def insert(self, index: int, module: Module) -> Any:
        """Put a module before a position; return this container.

        Example
        -------
        >>> nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 1)).insert(1, nn.ReLU())
        Sequential(
          (0): Linear(in_features=3, out_features=2, bias=True)
          (1): ReLU()
          (2): Linear(in_features=2, out_features=1, bias=True)
        )
        """
        modules = list(self)
        modules.insert(index, module)
        self._renumber(modules)
        return self


class Sequential(_Numbered):
    """Feeds the input to its first module, that one's output to the second, and so on.

    Parameters
    ----------
    *modules : Module
        In order; or one dictionary of modules by name.

    Source
    ------
    Dive into Deep Learning, section 6.1.2.

    Example
    -------
    >>> net = nn.Sequential(nn.Linear(3, 2), nn.ReLU())
    >>> net
    Sequential(
      (0): Linear(in_features=3, out_features=2, bias=True)
      (1): ReLU()
    )
    >>> net[0](sc.zeros(1, 3)).shape
    swiftconv.Size([1, 2])
    """

    def __init__(self, *modules: Any) -> None:
        super().__init__()
        if len(modules) == 1 and isinstance(modules[0], Mapping):
            for name, module in modules[0].items():
                self.add_module(name, module)
        else:
            for place, module in enumerate(modules):
                self.add_module(str(place), module)

    def forward(self, input: Any) -> Any:
        """Return the output of the last module."""
        for module in self._modules.values():
            input = module(input)
        return input

    def __getitem__(self, place: int | slice) -> Any:
        # A part keeps the names of its modules.
        return type(self)(dict(list(self._modules.items())[place])) if isinstance(place, slice) else self._at(place)


class ModuleList(_Numbered):
    """A list of modules, whose parameters belong to the module that it is an attribute of.

    Example
    -------
    >>> layers = nn.ModuleList(nn.Linear(2, 2) for _ in range(3))
    >>> len(layers), len(list(layers.parameters()))
    (3, 6)
    """

    def __init__(self, modules: Iterable[Module] | None = None) -> None:
        super().__init__()
        if modules is not None:
            self.extend(modules)

    def __getitem__(self, place: int | slice) -> Any:
        return type(self)(list(self)[place]) if isinstance(place, slice) else self._at(place)

    def __iadd__(self, modules: Iterable[Module]) -> ModuleList:
        return self.extend(modules)

    def __repr__(self) -> str:
        # Neighbours that look the same take one line.
        places: list[list[int]] = []
        texts: list[str] = []
        for place, text in enumerate(map(repr, self)):
            if texts and texts[-1] == text:
                places[-1].append(place)
            else:
                texts.append(text)
                places.append([place])
        lines = []
        for numbers, text in zip(places, texts, strict=True):
            text = text.replace("\n", "\n  ")
            is_one = len(numbers) == 1
            lines.append(
                f"({numbers[0]}): {text}" if is_one else f"({numbers[0]}-{numbers[-1]}): {len(numbers)} x {text}"
            )
        return "ModuleList(" + "".join(f"\n  {line}" for line in lines) + ("\n)" if lines else ")")


class ModuleDict(Module):
    """A dictionary of modules, whose parameters belong to the module that it is an attribute of.

    Example
    -------
    >>> choices = nn.ModuleDict({"relu": nn.ReLU()})
    >>> choices["relu"](sc.tensor([-1.0, 1.0]))
    tensor([0., 1.])
    """

    def __init__(self, modules: Mapping[str, Module] | None = None) -> None:
        super().__init__()
        if modules is not None:
            self.update(modules)

    def __getitem__(self, key: str) -> Any:
        return self._modules[key]

    def __setitem__(self, key: str, module: Module) -> None:
        self.add_module(key, module)

    def __delitem__(self, key: str) -> None:
        del self._modules[key]

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __contains__(self, key: str) -> bool:
        return key in self._modules

    def keys(self) -> Iterable[str]:
        """Return the names.

        Example
        -------
        >>> choices = nn.ModuleDict({"relu": nn.ReLU(), "tanh": nn.Tanh()})
        >>> list(choices.keys())
        ['relu', 'tanh']
        """
        return self._modules.keys()

    def values(self) -> Iterable[Module]:
        """Return the modules.

        Example
        -------
        >>> choices = nn.ModuleDict({"relu": nn.ReLU(), "tanh": nn.Tanh()})
        >>> list(choices.values())
        [ReLU(), Tanh()]
        """
        return self._modules.values()

    def items(self) -> Iterable[tuple[str, Module]]:
        """Return names and modules in pairs.

        Example
        -------
        >>> choices = nn.ModuleDict({"relu": nn.ReLU(), "tanh": nn.Tanh()})
        >>> dict(choices.items())
        {'relu': ReLU(), 'tanh': Tanh()}
        """
        return self._modules.items()

    def update(self, modules: Mapping[str, Module]) -> None:
        """Add or replace modules.

        Example
        -------
        >>> choices = nn.ModuleDict({"relu": nn.ReLU(), "tanh": nn.Tanh()})
        >>> choices.update({"tanh": nn.Sigmoid(), "none": nn.Identity()})
        >>> choices
        ModuleDict(
          (relu): ReLU()
          (tanh): Sigmoid()
          (none): Identity()
        )
        """
        for name, module in modules.items():
            self.add_module(name, module)

    def pop(self, key: str) -> Module:
        """Take a module out and return it.

        Example
        -------
        >>> choices = nn.ModuleDict({"relu": nn.ReLU(), "tanh": nn.Tanh()})
        >>> choices.pop("relu"), len(choices)
        (ReLU(), 1)
        """
        return self._modules.pop(key)

    def clear(self) -> None:
        """Take all modules out.

        Example
        -------
        >>> choices = nn.ModuleDict({"relu": nn.ReLU(), "tanh": nn.Tanh()})
        >>> choices.clear()
        >>> len(choices)
        0
        """
        self._modules.clear()
