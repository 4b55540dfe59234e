"""What griffe cannot see in the sources: `Example` sections, reStructuredText's formulas, methods from elsewhere."""

from __future__ import annotations

import importlib
import re

import griffe

INLINE_FORMULA = re.compile(r":math:`([^`]+)`")
# The formula of the directive is the rest of its line, or the indented lines after it.
FORMULA = re.compile(r"^( *)\.\. math::(?: (.+)|((?:\n+\1 +.+)+))$", re.MULTILINE)
EXAMPLE = re.compile(r"^Example\n-------$", re.MULTILINE)
# `Tensor` has methods that are written in these modules, and inherits from a class that is written in C.
METHOD = re.compile(r"^(_methods|_conversion_methods)\.(\w+)$")


def aligned(formula: str) -> str:
    """Return a formula of several lines, which Sphinx takes as it is, as LaTeX wants it."""
    return rf"\begin{{split}} {formula} \end{{split}}" if r"\\" in formula else formula


def to_markdown(text: str) -> str:
    """Return the docstring with the names and the notation that mkdocstrings renders."""
    text = FORMULA.sub(lambda found: f"$$\n{aligned((found[2] or found[3]).strip())}\n$$", text)
    text = INLINE_FORMULA.sub(r"$\1$", text)
    return EXAMPLE.sub("Examples\n--------", text)


def add_methods(package: griffe.Module) -> None:
    """Make the functions that `Tensor` takes as methods its members, and tell what those written in C do."""
    tensor = package["tensor.Tensor"]
    for name, member in list(tensor.members.items()):
        found = METHOD.match(str(getattr(member, "value", "")))
        if found:
            tensor.set_member(name, griffe.Alias(name, package[f"{found[1]}.{found[2]}"]))
    # Within the class, `int` and `bool` are now methods; what its docstring means by them are the types.
    tensor.docstring.parent = package["tensor"]
    base = importlib.import_module("swiftconv._core").TensorBase
    for name, member in package["_core.TensorBase"].members.items():
        text = getattr(getattr(base, name, None), "__doc__", None)
        if text and not name.startswith("_"):
            text = text.replace("\n\n>>> ", "\n\nExamples\n--------\n>>> ", 1)
            member.docstring = griffe.Docstring(text, parent=member, parser=tensor.docstring.parser)


class Docstrings(griffe.Extension):
    """Rewrites each docstring before its sections are parsed, and completes the tensor's methods."""

    def on_instance(self, *, obj: griffe.Object, **_: object) -> None:
        if obj.docstring is not None:
            obj.docstring.value = to_markdown(obj.docstring.value)

    def on_package(self, *, pkg: griffe.Module, **_: object) -> None:
        if pkg.name == "swiftconv":
            add_methods(pkg)
