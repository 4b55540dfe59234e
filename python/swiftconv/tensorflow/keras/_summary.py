"""The table that `Model.summary` prints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ._symbolic import by_depth

# A field that does not fit is broken behind the first of these, else where its column ends.
_BREAKS = ("),", "},", "],", "',")


def _count(weights: Any) -> int:
    return sum(each.shape.num_elements() for each in weights)


def _output_shape(layer: Any) -> Any:
    try:
        return layer.output_shape
    except AttributeError:
        return "multiple"


class Table:
    """Prints a model line by line.

    Parameters
    ----------
    model : Model
        What is shown.
    line_length : int, optional
        65 for a chain of layers, 98 for others.
    positions : list, optional
        Where the columns end: shares of a line, or characters.
    print_fn : callable
        Called with every line.
    expand_nested : bool
        Show the layers of models within.
    show_trainable : bool
        Add a column that says whether a layer is trained.
    """

    def __init__(
        self,
        model: Any,
        line_length: int | None,
        positions: Any,
        print_fn: Callable[[str], None],
        expand_nested: bool,
        show_trainable: bool,
    ) -> None:
        self.model, self.say = model, print_fn
        self.expand_nested, self.show_trainable = expand_nested, show_trainable
        self.connected = _is_branched(model)
        self.head = ["Layer (type)", "Output Shape", "Param #"] + ["Connected to"] * self.connected
        self.width = line_length or (98 if self.connected else 65)
        ends = list(positions or ([0.33, 0.55, 0.67, 1.0] if self.connected else [0.45, 0.85, 1.0]))
        self.ends = [int(self.width * each) for each in ends] if ends[-1] <= 1 else ends
        if show_trainable:
            self.width += 11
            self.ends.append(self.width)
            self.head.append("Trainable")

    def show(self) -> None:
        """Print the whole table."""
        model, rule = self.model, "_" * self.width
        self.say(f'Model: "{model.name}"')
        self.say(rule)
        self._row(self.head, 0)
        self.say("=" * self.width)
        for each in model.layers:
            self._layer(each, 0, False)
        self.say("=" * self.width)
        trained, fixed = _count(model.trainable_weights), _count(model.non_trainable_weights)
        self.say(f"Total params: {trained + fixed:,}")
        self.say(f"Trainable params: {trained:,}")
        self.say(f"Non-trainable params: {fixed:,}")
        self.say(rule)

    def _row(self, fields: list[Any], level: int) -> None:
        left = [str(each) for each in fields]
        while any(left):
            line, start = "", 0
            for column, end in enumerate(self.ends):
                gap = "" if column == len(self.ends) - 1 else "  "
                cut = end - start - len(gap)
                text = left[column][: max(cut, 0)]
                found = [text.find(each) + len(each) for each in _BREAKS if each in text]
                if found:
                    cut = min(found)
                    text = text[:cut]
                line += ("|" * level + " " if column == 0 else "") + text + gap
                left[column] = left[column][cut:]
                line += " " * (end - len(line) - level)
                start = end
            self.say(line + "|" * level)

    def _frame(self, filling: str, level: int, indent: int) -> None:
        side = "|" * level
        self.say(side + filling * (self.width - 2 * indent) + side)

    def _layer(self, layer: Any, level: int, is_last: bool) -> None:
        used = layer.built or getattr(layer, "_graph", None) is not None
        fields = [
            f"{layer.name} ({type(layer).__name__})",
            _output_shape(layer),
            layer.count_params() if used else "0 (unused)",
        ]
        if self.connected:
            fields.append(_connections(layer, self.model))
        if self.show_trainable:
            fields.append("Y" if layer.trainable else "N")
        self._row(fields, level)
        within = getattr(layer, "layers", None) if self.expand_nested else None
        if within:
            self._frame("¯", level + 1, level + 1)
            for each in within:
                self._layer(each, level + 1, each is within[-1])
            self._frame("¯", level, level)
        # Behind the layers of a model within, it is their last one that counts.
        if not (within or is_last):
            self._frame(" ", level, level)


def _is_branched(model: Any) -> bool:
    """Return whether a functional model is more than a chain of layers."""
    graph = getattr(model, "_graph", None)
    if graph is None:
        return False
    calls = by_depth(graph[1])
    chained = all(len(each.sources()) == 1 for each in calls)
    follows = all(
        after.sources()[0]._origin is None or after.sources()[0]._origin[0] is before
        for before, after in zip(calls, calls[1:], strict=False)
    )
    return not (chained and follows and len({id(each.layer) for each in calls}) == len(calls))


def _connections(layer: Any, model: Any) -> list[str]:
    """Return where the inputs of a layer come from."""
    relevant = {id(each) for each in by_depth(model._graph[1])}
    found = []
    for call in layer._symbolic_calls:
        for each in call.sources() if id(call) in relevant else ():
            if each._origin is None:
                found.append(f"{each.name}[0][0]")
            else:
                before, place = each._origin
                found.append(f"{each.name}[{before.layer._symbolic_calls.index(before)}][{place}]")
    return found
