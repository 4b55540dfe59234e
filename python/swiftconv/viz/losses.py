"""Curves of a training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy

from .style import BLUE, ORANGE, PALETTE, QUIET, new_figure, plain, titled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..train import History

_NOT_CURVES = ("epoch", "learning_rate", "seconds")


def plot_losses(
    history: History | Mapping[str, Sequence[float]] | Sequence[float],
    *,
    ax: Axes | None = None,
    log: bool = False,
    title: str = "Training",
) -> Figure:
    """Draw losses and metrics over the epochs.

    Parameters
    ----------
    history : History, dict of sequences, or sequence of float
        What `train.fit` returns; curves by their names; or one curve.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure unless given.
    log : bool
        Draw a logarithmic scale, and the losses alone.
    title : str
        What stands above.

    Returns
    -------
    matplotlib.figure.Figure
        The new figure, or that of `ax`. Losses are solid and metrics dashed; orange is for the validation data.

    Raises
    ------
    ValueError
        When there is nothing to draw.
    ImportError
        Without Matplotlib.

    Example
    -------
    >>> figure = sc.viz.plot_losses({"loss": [1.0, 0.5, 0.25], "validation loss": [1.1, 0.7, 0.6]})
    >>> len(figure.axes[0].lines)
    2
    """
    curves = _curves(history)
    if log:
        curves = {name: values for name, values in curves.items() if "loss" in name}
    if not any(len(values) for values in curves.values()):
        raise ValueError("plot_losses: there is nothing to draw, no epoch is finished")
    if ax is None:
        figure = new_figure(7.0, 3.8)
        ax = figure.add_axes((0.08, 0.14, 0.70, 0.74))
    ends = []
    others = iter(PALETTE[2:] * len(curves))
    for name, values in curves.items():
        steps = numpy.arange(1, len(values) + 1)
        is_known = name.removeprefix("validation ") in ("loss", "accuracy")
        colour = (ORANGE if name.startswith("validation") else BLUE) if is_known else next(others)
        ax.plot(
            steps,
            values,
            color=colour,
            linewidth=2,
            linestyle="-" if "loss" in name else (0, (4, 2)),
            marker="o" if len(values) <= 25 else None,
            markersize=4,
            label=name,
        )
        ends.append((float(values[-1]), name, colour))
    plain(ax)
    if log:
        ax.set_yscale("log")
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.set_xlabel("epoch", fontsize=9.5, color=QUIET)
    titled(ax, title)
    _label_ends(ax, ends, max(len(values) for values in curves.values()))
    return ax.figure


def _curves(history: Any) -> dict[str, numpy.ndarray]:
    columns = getattr(history, "columns", None)
    if columns is not None:
        found = {name.replace("_", " "): history[name] for name in columns if name not in _NOT_CURVES}
    elif isinstance(history, Mapping):
        found = {str(name): values for name, values in history.items()}
    else:
        found = {"loss": history}
    try:
        return {
            name: numpy.array([numpy.nan if value is None else float(value) for value in values])
            for name, values in found.items()
        }
    except (TypeError, ValueError):
        raise TypeError(f"plot_losses: expected a history or numbers, got {type(history).__name__}") from None


def _label_ends(axes: Axes, ends: list[tuple[float, str, str]], count: int) -> None:
    """Write the names at the ends of the curves, moved apart where they would touch."""
    known = sorted(each for each in ends if numpy.isfinite(each[0]))
    if not known:
        return
    # Where the curves end on the screen depends on limits that are otherwise set when the figure is drawn.
    axes.autoscale_view()
    to_screen, from_screen = axes.transData.transform, axes.transData.inverted().transform
    apart = 14 * axes.figure.dpi / 72
    last = -numpy.inf
    for value, name, colour in known:
        height = max(to_screen((count, value))[1], last + apart)
        last = height
        place = from_screen((0, height))[1]
        axes.annotate(
            name,
            (count, place),
            xytext=(9, 0),
            textcoords="offset points",
            fontsize=9,
            color=colour,
            va="center",
            annotation_clip=False,
        )
