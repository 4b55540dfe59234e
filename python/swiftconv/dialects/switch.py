"""The switch: while a dialect is loaded, the import system resolves its public names to swiftconv's modules.

It is a finder on `sys.meta_path`. Nothing in other people's modules is touched.
"""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

# What every dialect brings along: the book's package, and the builder's extension that its sources load.
_SHARED = {
    "d2l": "swiftconv.dialects.d2l",
    "d2lbook": "swiftconv.dialects.d2lbook",
    "d2lbook.tab": "swiftconv.dialects.tabs",
}


@dataclass(frozen=True)
class Dialect:
    """A framework's names, and the modules of swiftconv that stand behind them.

    Parameters
    ----------
    name : str
        The name in ``swiftconv.<name>``.
    modules : dict of str to str
        Public module names, and the name of the module that each resolves to. Names below a public name that are
        not listed do not exist.
    tab : str
        What the book calls the framework in its ``%%tab`` cells; `name` if empty.
    classes : dict of str to str
        Classes that show another name while the dialect is loaded: ``{"swiftconv.tensor:Tensor": "torch:Tensor"}``.
    """

    name: str
    modules: Mapping[str, str]
    tab: str = ""
    classes: Mapping[str, str] = field(default_factory=dict)

    @property
    def all_modules(self) -> dict[str, str]:
        """The modules of the dialect together with those that every dialect brings along."""
        return {**_SHARED, **self.modules}


_loaded: dict[str, Dialect] = {}
_renamed: dict[str, list[tuple[type, str, str]]] = {}
_installed_d2l = os.environ.get("SWIFTCONV_D2L", "") == "installed"


def use_installed_d2l(use: bool = True) -> None:
    """Let ``from d2l import ...`` give the package d2l of this Python installation, on top of the loaded dialect.

    The environment variable ``SWIFTCONV_D2L=installed`` does the same. Call it before d2l is imported.

    Parameters
    ----------
    use : bool
        False returns to swiftconv's own d2l.
    """
    global _installed_d2l
    _installed_d2l = use
    for name in [each for each in sys.modules if each.partition(".")[0] == "d2l"]:
        del sys.modules[name]


def _root(name: str) -> str:
    return name.partition(".")[0]


def _table() -> dict[str, tuple[str, str]]:
    """Return for every public module name the dialect it belongs to and the module behind it."""
    table = {}
    for dialect in _loaded.values():
        for name, target in dialect.all_modules.items():
            if not (_installed_d2l and _root(name) == "d2l"):
                table.setdefault(name, (dialect.name, target))
    return table


class _Alias(Loader):
    """Gives an existing module under another name."""

    def __init__(self, target: str) -> None:
        self.target = target

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = import_module(self.target)
        # The import system is about to write its spec over the module's own.
        self.own_spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self.own_spec
        if not hasattr(module, "__path__"):
            module.__path__ = []


class _Finder(MetaPathFinder):
    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        table = _table()
        if name in table:
            return ModuleSpec(name, _Alias(table[name][1]), is_package=True)
        if name.startswith("swiftconv."):
            return _own_submodule(name, path, table)
        root = _root(name)
        owners = [dialect for each, (dialect, _) in table.items() if _root(each) == root]
        if not owners:
            return None
        spoken = f"not in swiftconv's {owners[0]} dialect" if root not in _SHARED else "not in a loaded dialect"
        raise ModuleNotFoundError(f"No module named {name!r}: {spoken}{_near(name, table)}", name=name)


def _own_submodule(name: str, path: Any, table: Mapping[str, tuple[str, str]]) -> ModuleSpec | None:
    """Say what ``from torch import vmapp`` misses: the import system then asks for ``swiftconv.torch.vmapp``."""
    parent, _, last = name.rpartition(".")
    public = [(each, dialect) for each, (dialect, target) in table.items() if target == parent]
    if not public:
        return None
    found = PathFinder.find_spec(name, path)
    if found is None:
        shown, dialect = public[0]
        place = "not in a loaded dialect" if shown in _SHARED else f"not in swiftconv's {dialect} dialect"
        near = _near(last, vars(sys.modules[parent]))
        raise ImportError(f"cannot import name {last!r} from {shown!r}: {place}{near}", name=shown)
    return found


_finder = _Finder()


def _near(name: str, names: Any) -> str:
    visible = [each for each in names if not each.startswith("_")]
    near = difflib.get_close_matches(name, visible, n=4, cutoff=0.6)
    # A name inside a longer one (`conv` for `Conv2d`) is near to a reader, however long the rest.
    low = name.lower()
    if len(low) > 2:
        near += [each for each in sorted(visible) if low in each.lower() and each not in near][: 4 - len(near)]
    return f"; near names: {', '.join(near)}" if near else ""


def missing(dialect: str, module: str, names: Mapping[str, Any]) -> Callable[[str], Any]:
    """Return a module's ``__getattr__``, which says what is missing and which names are near.

    Parameters
    ----------
    dialect : str
        The dialect's name.
    module : str
        The module's public name, such as ``"torch.nn"``.
    names : dict
        The module's ``globals()``.

    Example
    -------
    >>> from swiftconv.dialects import missing
    >>> missing("torch", "torch.nn", {"Conv2d": 1})("Conv4d")
    Traceback (most recent call last):
        ...
    AttributeError: module 'torch.nn' has no attribute 'Conv4d': not in swiftconv's torch dialect; near names: Conv2d
    """

    def __getattr__(name: str) -> Any:
        # The import system and doctest ask for such names of every module; a search for near ones would be waste.
        near = "" if name.startswith("__") else _near(name, names)
        raise AttributeError(
            f"module {module!r} has no attribute {name!r}: not in swiftconv's {dialect} dialect{near}",
            name=name,
        )

    return __getattr__


def loaded() -> tuple[Dialect, ...]:
    """Return the loaded dialects, the last one last."""
    return tuple(_loaded.values())


def _check_not_imported(dialect: Dialect) -> None:
    targets = dialect.all_modules
    for name in sorted(targets):
        there = sys.modules.get(name)
        # A package that cannot be found again elsewhere, such as d2lbook's namespace, is no framework.
        if there is None or "." in name or getattr(there, "__name__", "").startswith("swiftconv."):
            continue
        if name in ("d2lbook",) or (name == "d2l" and _installed_d2l):
            continue
        where = getattr(there, "__file__", None) or "a package without a file"
        raise ImportError(
            f"swiftconv.{dialect.name}: {name!r} is already imported, from {where}; swiftconv does not replace a "
            f"module in use. Restart the kernel (or Python) and load swiftconv.{dialect.name} before anything "
            f"imports {name}"
        )


def load(dialect: Dialect) -> None:
    """Resolve the dialect's names to swiftconv from now on; loading it again does nothing.

    Parameters
    ----------
    dialect : Dialect
        Such as ``swiftconv.torch.DIALECT``.

    Raises
    ------
    ImportError
        When one of the names is in use already, such as by the real framework.
    """
    if dialect.name in _loaded:
        _loaded[dialect.name] = _loaded.pop(dialect.name)
        return
    _check_not_imported(dialect)
    _loaded[dialect.name] = dialect
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)
    _rename(dialect)


def unload(dialect: Dialect) -> None:
    """Take the dialect's names back; imports then find what is installed. Objects that a user holds keep working.

    Parameters
    ----------
    dialect : Dialect
        The dialect; nothing happens if it is not loaded.
    """
    if _loaded.pop(dialect.name, None) is None:
        return
    kept = _table()
    for name, target in dialect.all_modules.items():
        module = sys.modules.get(name)
        if name in kept or module is None or getattr(module, "__name__", "") != target:
            continue
        del sys.modules[name]
        parent, _, last = name.rpartition(".")
        # The book's namespace is shared: it must not go on to offer a dialect that is gone.
        shared = sys.modules.get(_SHARED.get(parent, ""))
        if shared is not None and vars(shared).get(last) is module:
            delattr(shared, last)
    for cls, module_name, qualified in _renamed.pop(dialect.name, []):
        cls.__module__, cls.__qualname__ = module_name, qualified
    if not _loaded and _finder in sys.meta_path:
        sys.meta_path.remove(_finder)


def _rename(dialect: Dialect) -> None:
    before = _renamed.setdefault(dialect.name, [])
    for ours, shown in dialect.classes.items():
        module_name, _, name = ours.partition(":")
        cls = getattr(import_module(module_name), name)
        before.append((cls, cls.__module__, cls.__qualname__))
        cls.__module__, _, cls.__qualname__ = shown.partition(":")


def load_extension(dialect: Dialect, ipython: Any) -> None:
    """Do what ``%load_ext swiftconv.<dialect>`` does: load the dialect, and the book's ``%%tab`` cells with it."""
    from . import tabs

    load(dialect)
    tabs.register(ipython)


def unload_extension(dialect: Dialect, ipython: Any) -> None:
    """Do what ``%unload_ext swiftconv.<dialect>`` does."""
    from . import tabs

    unload(dialect)
    if not _loaded:
        tabs.unregister(ipython)
