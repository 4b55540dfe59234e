"""The modules within a module, as a table: what each is, and the shapes of its own parameters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .._table import Table, count_text, sizes_text

if TYPE_CHECKING:
    from ..nn import Module

# A notebook would join spaces.
_INDENT = "\u2003"


def module_table(module: Module) -> Table:
    """The table of a module and all within it, in the order of its text."""
    from ..nn.parameter import is_lazy

    parameters = list(module.parameters())
    known = [each for each in parameters if not is_lazy(each)]
    more = " so far; the first input will tell the shapes marked ?" if len(known) < len(parameters) else ""
    note = f"Parameters: {count_text(sum(each.numel() for each in known))}{more}"
    return Table(type(module).__name__, ("Module", "Parameters", "Count "), list(_rows("", module, 0)), [note])


def _rows(name: str, module: Module, depth: int) -> Iterator[list[str]]:
    from ..nn.parameter import is_lazy

    own = {key: each for key, each in module._parameters.items() if each is not None}
    shapes = [f"{key} {'?' if is_lazy(each) else sizes_text(each.shape) or '()'}" for key, each in own.items()]
    count = "?" if any(map(is_lazy, own.values())) else count_text(sum(each.numel() for each in own.values()))
    text = f"{type(module).__name__}({', '.join(module.extra_repr().splitlines())})".removesuffix("()")
    yield [f"{_INDENT * depth}{name}{text}", ", ".join(shapes), count if own else ""]
    for key, child in module._modules.items():
        if child is not None:
            yield from _rows(f"({key}): ", child, depth + 1)
