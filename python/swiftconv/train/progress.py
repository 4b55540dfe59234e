"""Telling how far a training is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any


class Silence:
    """Says nothing; and what the other ways to tell have in common."""

    def batches(self, batches: Iterable[Any], epoch: int, epochs: int, total: int | None, done: int) -> Iterator[Any]:
        """Go through the batches of an epoch, of which `done` are behind us."""
        yield from batches

    def step(self, values: dict[str, float]) -> None:
        """Take note of a step, after which the epoch's means are these."""

    def epoch(self, row: dict[str, Any], epochs: int) -> None:
        """Take note of an epoch's end."""

    def say(self, text: str) -> None:
        """Tell something in words."""


class Lines(Silence):
    """Prints a line per epoch."""

    def epoch(self, row: dict[str, Any], epochs: int) -> None:
        """Print the line."""
        width = len(str(epochs))
        numbers = _text(
            {name: value for name, value in row.items() if name not in ("epoch", "learning_rate", "seconds")}
        )
        print(f"epoch {row['epoch']:{width}d}/{epochs}  {numbers}  {row['seconds']:.1f} s", flush=True)

    def say(self, text: str) -> None:
        """Print a line."""
        print(text, flush=True)


class Bars(Lines):
    """Shows a bar for the running epoch, and prints a line per epoch."""

    def __init__(self, tqdm: Any) -> None:
        self._tqdm = tqdm
        self._bar: Any = None

    def batches(self, batches: Iterable[Any], epoch: int, epochs: int, total: int | None, done: int) -> Iterator[Any]:
        """Go through the batches with a bar that vanishes at the end."""
        with self._tqdm(
            batches, desc=f"epoch {epoch}/{epochs}", total=total, initial=done, leave=False, unit="batch"
        ) as bar:
            self._bar = bar
            yield from bar

    def step(self, values: dict[str, float]) -> None:
        """Show the means beside the bar."""
        if self._bar is not None:
            self._bar.set_postfix_str(_text(values), refresh=False)


def reporter(wanted: bool) -> Silence:
    """Return what tells the progress: bars if tqdm is installed, else lines."""
    if not wanted:
        return Silence()
    try:
        from tqdm import tqdm
    except ImportError:
        return Lines()
    return Bars(tqdm)


def _text(values: dict[str, Any]) -> str:
    return "  ".join(f"{name.replace('_', ' ')} {value:.4g}" for name, value in values.items() if value is not None)
