"""What griffe cannot see in the sources: names that share a description, formulas, methods from elsewhere."""

from __future__ import annotations

import copy
import importlib
import re

import griffe

INLINE_FORMULA = re.compile(r":math:`([^`]+)`")
# The formula of the directive is the rest of its line and the indented lines after it.
FORMULA = re.compile(r"^( *)\.\. math::((?: .+)?(?:\n+\1 +.+)*)$", re.MULTILINE)
PARAMETERS = re.compile(r"(?<=^Parameters\n----------\n)(?:.|\n)+?(?=\n+.+\n---+$|\Z)", re.MULTILINE)
# Several names, perhaps their type, and the description that they share.
TOGETHER = re.compile(r"^(\*{0,2}\w+(?:, \*{0,2}\w+)+)( : .+)?((?:\n+ +.+)+)$", re.MULTILINE)
TYPES = re.compile(r"^(\S.* : )(.+)$", re.MULTILINE)
COMMA = re.compile(r", (?:or )?(?![^(\[]*[)\]])")  # not within brackets
EXAMPLE = re.compile(r"^Example\n-------$", re.MULTILINE)
TENSOR = "swiftconv.tensor.Tensor"
# `Tensor` has methods that are written in these modules, and inherits from a class that is written in C.
METHOD = re.compile(r"^(_methods|_conversion_methods|_core\.TensorBase)\.(\w+)$")


def aligned(formula: str) -> str:
    """Return a formula of several lines, which Sphinx takes as it is, as LaTeX wants it."""
    return rf"\begin{{split}} {formula} \end{{split}}" if r"\\" in formula else formula


def one_by_one(found: re.Match[str]) -> str:
    """Return an entry of several parameters as an entry of each: griffe would give all the type and default of one.

    The pages' template puts together again what has the same description.
    """
    return "\n".join(f"{name}{found[2] or ''}{found[3]}" for name in found[1].split(", "))


def one_of(found: re.Match[str]) -> str:
    """Return a parameter's types, or choices, joined by "or".

    griffe would take them for a tuple, and the first choice for the default.
    """
    types = re.sub(r"^\{(.+)\}$", r"\1", found[2].removesuffix(", optional"))
    return found[1] + COMMA.sub(" or ", types)


def to_markdown(text: str) -> str:
    """Return the docstring with the names and the notation that mkdocstrings renders."""
    text = PARAMETERS.sub(lambda found: TOGETHER.sub(one_by_one, TYPES.sub(one_of, found[0])), text)
    text = FORMULA.sub(lambda found: f"$$\n{aligned(found[2].strip())}\n$$", text)
    text = INLINE_FORMULA.sub(r"$\1$", text)
    return EXAMPLE.sub("Examples\n--------", text)


def another_name(function: griffe.Function, name: str) -> griffe.Function:
    """Return a method that only tells that it is the same as another one."""
    other = copy.copy(function)
    other.name = name
    other.docstring = griffe.Docstring(f"Another name of [`{function.name}`][{TENSOR}.{function.name}].", parent=other)
    return other


def add_methods(package: griffe.Module) -> None:
    """Make the functions that `Tensor` takes as methods its members, and tell what those written in C do."""
    tensor = package["tensor.Tensor"]
    for name, member in list(tensor.members.items()):
        found = METHOD.match(str(getattr(member, "value", "")))
        if found:
            function = package[f"{found[1]}.{found[2]}"]
            is_second = name != function.name and function.name in tensor.all_members
            tensor.set_member(name, another_name(function, name) if is_second else griffe.Alias(name, function))
    # Within the class, `int` and `bool` are now methods; what its docstring means by them are the types.
    tensor.docstring.parent = package["tensor"]
    base = importlib.import_module("swiftconv._core").TensorBase
    for name, member in package["_core.TensorBase"].members.items():
        text = getattr(getattr(base, name, None), "__doc__", None)
        if text and not name.startswith("_"):
            text = text.replace("\n\n>>> ", "\n\nExamples\n--------\n>>> ", 1)
            member.docstring = griffe.Docstring(text, parent=member, parser=tensor.docstring.parser)


def public_base(name: griffe.ExprName) -> str:
    """Return the first public name in the line of classes that a private one derives from, or its own."""
    while name.canonical_name.startswith("_"):
        try:
            name = name.resolved.bases[0]
        except (AttributeError, IndexError):  # no class of this package's, or one without a base
            break
    return name.canonical_name


def without_private_names(annotation: griffe.Expr | str | None) -> griffe.Expr | str | None:
    """Name public classes instead of the private ones that derive from them; None for the keywords that one lists."""
    if not isinstance(annotation, griffe.Expr):
        return annotation
    for each in annotation.iterate():
        if isinstance(each, griffe.ExprName) and each.name.startswith("_"):
            if annotation.canonical_path == "typing.Unpack":
                return None
            each.name = public_base(each)
    return annotation


class Docstrings(griffe.Extension):
    """Rewrites each docstring before its sections are parsed, and completes the tensor's methods."""

    def on_instance(self, *, obj: griffe.Object, **_: object) -> None:
        if obj.docstring is not None:
            obj.docstring.value = to_markdown(obj.docstring.value)

    def on_class(self, *, cls: griffe.Class, **_: object) -> None:
        if "__new__" in cls.members and "__init__" not in cls.members:
            cls.set_member("__init__", griffe.Alias("__init__", cls["__new__"]))

    def on_function(self, *, func: griffe.Function, **_: object) -> None:
        for each in (func, *(func.overloads or ())):
            each.returns = without_private_names(each.returns)
            for parameter in each.parameters:
                parameter.annotation = without_private_names(parameter.annotation)

    def on_package(self, *, pkg: griffe.Module, **_: object) -> None:
        if pkg.name == "swiftconv":
            add_methods(pkg)
