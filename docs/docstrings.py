"""What the docstrings have beside numpydoc's: an `Example` section, and formulas in reStructuredText's notation."""

from __future__ import annotations

import re

import griffe

INLINE_FORMULA = re.compile(r":math:`([^`]+)`")
# The formula of the directive is the rest of its line, or the indented lines after it.
FORMULA = re.compile(r"^( *)\.\. math::(?: (.+)|((?:\n+\1 +.+)+))$", re.MULTILINE)
EXAMPLE = re.compile(r"^Example\n-------$", re.MULTILINE)


def to_markdown(text: str) -> str:
    """Return the docstring with the names and the notation that mkdocstrings renders."""
    text = FORMULA.sub(lambda found: f"$$\n{(found[2] or found[3]).strip()}\n$$", text)
    text = INLINE_FORMULA.sub(r"$\1$", text)
    return EXAMPLE.sub("Examples\n--------", text)


class Docstrings(griffe.Extension):
    """Rewrites each docstring before its sections are parsed."""

    def on_instance(self, *, obj: griffe.Object, **_: object) -> None:
        if obj.docstring is not None:
            obj.docstring.value = to_markdown(obj.docstring.value)
