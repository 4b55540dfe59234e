"""What a training was like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .._table import Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class History:
    """The numbers of every finished epoch.

    ``history["loss"]`` is a list with one number per epoch, ``history[-1]`` a dictionary with all numbers of the last
    one. Its text is a table.

    Attributes
    ----------
    rows : list of dict
        Of each epoch: "epoch" from 1, "loss", the metrics, both for the validation data as "validation_...",
        "learning_rate", and "seconds".
    stopped : str
        Why the training ended: "" when all epochs are done, "interrupted", or "no improvement".
    unfinished : dict or None
        "epoch", finished "steps" and mean "loss" of an epoch that was interrupted.

    Example
    -------
    >>> isinstance(sc.train.History(), sc.train.History)
    True
    """

    def __init__(self, rows: Sequence[dict[str, Any]] = ()) -> None:
        self.rows = [dict(row) for row in rows]
        self.stopped = ""
        self.unfinished: dict[str, Any] | None = None

    @property
    def columns(self) -> list[str]:
        """The names of all numbers.

        Example
        -------
        >>> history = sc.train.History([{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": 0.25}])
        >>> history.columns
        ['epoch', 'loss']
        """
        return list(dict.fromkeys(name for row in self.rows for name in row))

    def __len__(self) -> int:
        """How many epochs are finished."""
        return len(self.rows)

    def __getitem__(self, which: str | int) -> Any:
        if isinstance(which, str):
            if self.rows and which not in self.columns:
                raise KeyError(f"History: there is no {which!r}; there are {', '.join(self.columns)}")
            return [row.get(which) for row in self.rows]
        return self.rows[which]

    @property
    def monitored(self) -> str:
        """The number that says how good an epoch is: the loss of the validation data, if there are any.

        Example
        -------
        >>> history = sc.train.History([{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": 0.25}])
        >>> history.monitored, sc.train.History([{"loss": 0.5, "validation_loss": 0.75}]).monitored
        ('loss', 'validation_loss')
        """
        return "validation_loss" if self.rows and "validation_loss" in self.rows[-1] else "loss"

    def best(self) -> dict[str, Any] | None:
        """Return the numbers of the epoch with the lowest loss; None before the first epoch's end.

        Example
        -------
        >>> history = sc.train.History([{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": 0.25}])
        >>> history.best()
        {'epoch': 2, 'loss': 0.25}
        """
        known = [row for row in self.rows if row.get(self.monitored) is not None]
        # Compared so that NaN, which is neither lower nor higher, is never the best.
        finite = [row for row in known if row[self.monitored] == row[self.monitored]]
        return min(finite, key=lambda row: row[self.monitored], default=None)

    def plot(self, ax: Axes | None = None) -> Figure:
        """Draw the losses and metrics over the epochs; see `viz.plot_losses`.

        Example
        -------
        >>> history = sc.train.History([{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": 0.25}])
        >>> history.plot().axes[0].get_xlabel()
        'epoch'
        """
        from ..viz import plot_losses

        return plot_losses(self, ax=ax)

    def _table(self) -> Table:
        columns = self.columns or ["epoch", "loss"]
        rows = [[_text(name, row.get(name)) for name in columns] for row in self.rows]
        notes = []
        if self.unfinished is not None:
            notes.append(f"Stopped in epoch {self.unfinished['epoch']} after {self.unfinished['steps']} steps.")
        elif self.stopped:
            notes.append(f"Stopped: {self.stopped}.")
        title = f"Training, {len(self.rows)} epoch{'' if len(self.rows) == 1 else 's'}"
        return Table(title, [name.replace("_", " ") + " " for name in columns], rows, notes)

    def __repr__(self) -> str:
        return str(self._table())

    def _repr_html_(self) -> str:
        return self._table()._repr_html_()


def _text(name: str, value: Any) -> str:
    if value is None:
        return "–"
    if name == "epoch":
        return str(value)
    return f"{value:.1f}" if name == "seconds" else f"{value:.4g}"
