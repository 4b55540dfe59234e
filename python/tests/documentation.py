"""A walk over everything public: what a user can write, and the text that explains it."""

import functools
import importlib
import importlib.util
import inspect
import pkgutil
from typing import NamedTuple

# Modules that cannot be imported, or whose examples do not run, without a package of one of the extras.
NEEDS = {"swiftconv.dask": "dask", "swiftconv.distributed": "mpi4py", "swiftconv.estimators": "sklearn"}


def is_available(module):
    """Tell whether a module can be used here."""
    return module not in NEEDS or importlib.util.find_spec(NEEDS[module]) is not None


class Entry(NamedTuple):
    """A public function, class, method or property, and its docstring."""

    name: str
    text: str


def _modules(package, without):
    yield package
    for each in pkgutil.iter_modules(package.__path__):
        name = f"{package.__name__}.{each.name}"
        if not each.name.startswith("_") and each.name not in without and is_available(name):
            module = importlib.import_module(name)
            yield from _modules(module, ()) if each.ispkg else (module,)


def public_modules(package, without=()):
    """The package, and those of its modules that say in ``__all__`` what is public; subpackages can be left out."""
    return [module for module in _modules(package, without) if hasattr(module, "__all__")]


def public_things(modules):
    """Functions and classes by their public names."""
    found = {f"{module.__name__}.{name}": getattr(module, name) for module in modules for name in module.__all__}
    return {name: thing for name, thing in found.items() if inspect.isclass(thing) or inspect.isroutine(thing)}


def introduced_members(owner):
    """The public members of a class with their full names, each as the first class that has it defines it.

    A method that overrides another is the same name with the same meaning, and is explained where it was introduced.
    """
    package = owner.__module__.partition(".")[0]
    members = {}
    for base in owner.__mro__:
        if base.__module__.partition(".")[0] == package:
            path = f"{base.__module__}.{base.__qualname__}"
            members |= {name: (f"{path}.{name}", value) for name, value in vars(base).items() if name[0] != "_"}
    return [(name, getattr(value, "__func__", value)) for name, value in members.values()]


def _has_docstring(member):
    """Methods and properties have their own; slots and other fields are told in that of the class.

    What another package puts into a class, scikit-learn into its estimators, is that package's to explain.
    """
    if type(member).__module__.partition(".")[0] not in ("builtins", "functools", "swiftconv"):
        return False
    return inspect.isroutine(member) or isinstance(member, (property, functools.cached_property))


def entries(modules):
    """Everything public that has to explain itself, each once."""
    found = {}
    for name, thing in public_things(modules).items():
        found.setdefault(thing, Entry(name, thing.__doc__ or ""))
    for thing in [each for each in found if inspect.isclass(each)]:
        for name, member in introduced_members(thing):
            if _has_docstring(member):
                found.setdefault(member, Entry(name, member.__doc__ or ""))
    return list(found.values())


def unexplained_fields(modules):
    """Slots that the docstring of their class does not name."""
    return [
        f"{name}.{field}"
        for name, thing in public_things(modules).items()
        if inspect.isclass(thing)
        for field, member in vars(thing).items()
        if inspect.isdatadescriptor(member) and not _has_docstring(member)
        if field[0] != "_" and field not in (thing.__doc__ or "")
    ]
