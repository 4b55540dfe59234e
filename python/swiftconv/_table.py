"""Tables as text and as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

# How the page of a notebook shows a table; the colours are those of the plots.
_CELL = "padding:0.25em 0.9em;text-align:{side};white-space:nowrap"
_RULE = "border-bottom:1px solid #9aa5b1"


class Table:
    """Rows of text under a title and headings; with sums below.

    Parameters
    ----------
    title : str
        What stands above.
    headings : sequence of str
        One per column. Columns of numbers, whose heading ends in a space, are flush right.
    rows : sequence of sequence of str
        The cells.
    notes : sequence of str
        Lines below.
    """

    def __init__(
        self, title: str, headings: Sequence[str], rows: Sequence[Sequence[str]], notes: Sequence[str] = ()
    ) -> None:
        self.title, self.rows, self.notes = title, [list(row) for row in rows], list(notes)
        self.is_right = [heading.endswith(" ") for heading in headings]
        self.headings = [heading.strip() for heading in headings]

    def __str__(self) -> str:
        lines = [self.headings, *self.rows]
        widths = [max(len(line[column]) for line in lines) for column in range(len(self.headings))]
        texts = [
            "   ".join(
                cell.rjust(width) if is_right else cell.ljust(width)
                for cell, width, is_right in zip(line, widths, self.is_right, strict=True)
            ).rstrip()
            for line in lines
        ]
        rule = "─" * (sum(widths) + 3 * (len(widths) - 1))
        below = [rule, *self.notes] if self.notes else []
        return "\n".join([self.title, rule, texts[0], rule, *texts[1:], *below])

    def _repr_html_(self) -> str:
        def line(cells: Sequence[str], tag: str, style: str = "") -> str:
            parts = (
                f'<{tag} style="{_CELL.format(side="right" if is_right else "left")};{style}">{escape(cell)}</{tag}>'
                for cell, is_right in zip(cells, self.is_right, strict=True)
            )
            return f"<tr>{''.join(parts)}</tr>"

        body = "".join(line(row, "td") for row in self.rows)
        notes = "".join(f"<div>{escape(note)}</div>" for note in self.notes)
        return (
            f"<div><strong>{escape(self.title)}</strong>"
            f'<table style="border-collapse:collapse"><thead>{line(self.headings, "th", _RULE)}</thead>'
            f"<tbody>{body}</tbody></table>{notes}</div>"
        )


def sizes_text(sizes: Sequence[object] | None) -> str:
    """Sizes as people write them: "3 × 3"."""
    return "–" if sizes is None else " × ".join(map(str, sizes))


def count_text(count: int) -> str:
    """A count with its thousands apart."""
    return f"{count:,}"
