"""The figure of the demonstration."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy

from .viz.style import BLUE, INK, ORANGE, QUIET, SIGNED, bare, draw_cells, plain, titled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from .demo import Learned, Results


def _titled(axes: Axes, title: str, note: str = "") -> None:
    titled(axes, title, note, size=11.5)


def _draw_cells(axes: Axes, values: numpy.ndarray, form: str, **colours: Any) -> None:
    # Adding 0 turns -0 into 0.
    draw_cells(axes, values, lambda value: format(value + 0.0, form), **colours)


def save(results: Results, out: Path) -> None:
    """Draw everything and write it to a file, whose ending says in which format."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13, 11.2), dpi=130, facecolor="white")
    FigureCanvasAgg(figure)
    rows = figure.add_gridspec(
        3, 1, height_ratios=(1.0, 1.05, 1.5), hspace=0.42, left=0.045, right=0.975, top=0.905, bottom=0.03
    )
    figure.text(0.045, 0.965, "Convolutions for images", fontsize=21, fontweight="bold", color=INK, va="center")
    figure.text(
        0.975,
        0.965,
        "corr2d and its gradients computed by swiftconv",
        fontsize=11,
        color=QUIET,
        ha="right",
        va="center",
    )
    _draw_rectangle(figure, rows[0], results)
    _draw_learning(figure, rows[1], results.learned)
    _draw_photo(figure, rows[2], results)
    figure.savefig(out)


def _draw_rectangle(figure: Figure, place: Any, results: Results) -> None:
    axes = figure.add_subplot(place.subgridspec(1, 5, width_ratios=(8, 2.6, 7, 6, 5.2), wspace=0.16)[0])
    grid = axes.get_subplotspec().get_gridspec()
    grey = {"cmap": "gray", "vmin": -0.15, "vmax": 1}
    signed = {"cmap": SIGNED, "vmin": -1.3, "vmax": 1.3}
    _draw_cells(axes, results.image, ".0f", **grey)
    _titled(axes, "Image", "6 × 8, white and black")
    kernel = figure.add_subplot(grid[1])
    _draw_cells(kernel, numpy.array([[1.0, -1.0]]), ".0f", **signed)
    _titled(kernel, "Kernel", "1 × 2")
    edges = figure.add_subplot(grid[2])
    _draw_cells(edges, results.edges, ".0f", **signed)
    _titled(edges, "Edges", "1: white to black, −1: black to white")
    turned = figure.add_subplot(grid[3])
    _draw_cells(turned, results.turned, ".0f", **grey)
    _titled(turned, "Transposed image")
    none = figure.add_subplot(grid[4])
    _draw_cells(none, results.turned_edges, ".0f", **signed)
    _titled(none, "No edges")


def _draw_learning(figure: Figure, place: Any, learned: Learned) -> None:
    grid = place.subgridspec(1, 3, width_ratios=(1.5, 1.25, 0.9), wspace=0.28)
    _draw_losses(figure.add_subplot(grid[0]), learned.losses)
    _draw_path(figure.add_subplot(grid[1]), learned.path)
    kernels = grid[2].subgridspec(2, 1, hspace=0.75)
    signed = {"cmap": SIGNED, "vmin": -1.3, "vmax": 1.3}
    for part, title, values, form in (
        (kernels[0], "Learned kernel", learned.kernel, ".3f"),
        (kernels[1], "Wanted kernel", numpy.array([[1.0, -1.0]]), ".0f"),
    ):
        axes = figure.add_subplot(part)
        _draw_cells(axes, values, form, **signed)
        _titled(axes, title)


def _draw_losses(axes: Axes, losses: list[float]) -> None:
    steps = numpy.arange(1, len(losses) + 1)
    axes.semilogy(steps, losses, color=BLUE, linewidth=2, marker="o", markersize=5)
    for step in steps[1::2]:
        loss = losses[step - 1]
        axes.annotate(
            f"{loss:.3f}", (step, loss), xytext=(5, 6), textcoords="offset points", fontsize=9, color=INK, clip_on=False
        )
    plain(axes)
    # Plain numbers: powers of ten would be set as formulas, for which matplotlib looks up more fonts.
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter("")
    axes.set_xticks(steps)
    axes.set_xlim(0.6, len(losses) + 0.9)
    axes.set_xlabel("step", fontsize=9.5, color=QUIET)
    _titled(axes, "Loss of the learned kernel")


def _draw_path(axes: Axes, path: list[tuple[float, float]]) -> None:
    points = numpy.array(path)
    axes.plot(points[:, 0], points[:, 1], color=BLUE, linewidth=2, marker="o", markersize=4.5, zorder=3)
    axes.plot(*points[0], "o", color="white", markeredgecolor=BLUE, markersize=8, zorder=4)
    axes.plot(1, -1, marker="*", color=ORANGE, markersize=16, linestyle="none", zorder=5)
    axes.annotate("start", points[0], xytext=(8, 6), textcoords="offset points", fontsize=9.5, color=BLUE)
    axes.annotate("[1, −1]", (1, -1), xytext=(13, -4), textcoords="offset points", fontsize=9.5, color=ORANGE)
    plain(axes)
    axes.margins(x=0.2, y=0.14)
    axes.set_xlabel("left weight", fontsize=9.5, color=QUIET)
    axes.set_ylabel("right weight", fontsize=9.5, color=QUIET)
    _titled(axes, "Path to the wanted kernel")


def _draw_photo(figure: Figure, place: Any, results: Results) -> None:
    grid = place.subgridspec(1, 4, wspace=0.06)
    limit = max(float(numpy.percentile(results.strength, 99.5)), 1.0)
    signed = {"cmap": SIGNED, "vmin": -limit, "vmax": limit}
    height, width = results.photo.shape
    for part, picture, title, note, colours in (
        (grid[0], results.photo, "Photograph", f"{width} × {height} pixels", {"cmap": "gray", "vmin": 0, "vmax": 255}),
        (grid[1], results.vertical, "Vertical edges", "the learned kernel", signed),
        (grid[2], results.horizontal, "Horizontal edges", "the learned kernel, transposed", signed),
        (
            grid[3],
            results.strength,
            "All edges",
            "√(vertical² + horizontal²)",
            {"cmap": "gray_r", "vmin": 0, "vmax": limit},
        ),
    ):
        axes = figure.add_subplot(part)
        axes.imshow(picture, interpolation="antialiased", **colours)
        bare(axes)
        _titled(axes, title, note)
