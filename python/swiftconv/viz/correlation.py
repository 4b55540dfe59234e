"""The sliding window, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy

from ..correlation import corr2d
from .style import (
    INK,
    QUIET,
    SIGNED,
    as_array,
    draw_cells,
    frame,
    grid_positions,
    new_figure,
    number_text,
    signed_limit,
    titled,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# More cells cannot be read.
_MOST_CELLS = 16
_MOST_STEPS = 12


def show_corr2d(X: Any, K: Any, *, steps: int | Sequence[tuple[int, int]] = 4) -> Figure:
    """Show how `corr2d` computes its outputs: window, kernel, and the sum of products, for some positions.

    Parameters
    ----------
    X : Tensor, numpy.ndarray or nested lists
        The image, ``(H, W)``, up to 16 x 16.
    K : Tensor, numpy.ndarray or nested lists
        The kernel, ``(h, w)``.
    steps : int or sequence of (int, int)
        How many positions to show from the first one on, or which ones; at most 12.

    Returns
    -------
    matplotlib.figure.Figure
        Three axes for each step: image, kernel and output.

    Raises
    ------
    ValueError
        When an argument has not two axes, is too large to be read, or the kernel does not fit into the image.
    ImportError
        Without Matplotlib.

    Source
    ------
    Dive into Deep Learning, section 7.2.1, figure 7.2.1.

    Example
    -------
    >>> figure = sc.viz.show_corr2d(sc.arange(9.0).reshape(3, 3), sc.arange(4.0).reshape(2, 2), steps=[(1, 1)])
    >>> figure.axes[0].get_xlabel()
    '4×0 + 5×1 + 7×2 + 8×3 = 43'
    """
    image, kernel = as_array(X, "show_corr2d: X"), as_array(K, "show_corr2d: K")
    for name, array in (("X", image), ("K", kernel)):
        if array.ndim != 2 or 0 in array.shape:
            raise ValueError(f"show_corr2d: {name} has shape {array.shape}, expected 2 axes with elements")
        if max(array.shape) > _MOST_CELLS:
            raise ValueError(
                f"show_corr2d: {name} has shape {array.shape}, but only {_MOST_CELLS} x {_MOST_CELLS} numbers can be "
                "read; show a part of it"
            )
    result = numpy.asarray(corr2d(image, kernel))
    positions = _positions(steps, result.shape)
    columns = 1 if len(positions) == 1 or image.shape[1] > 8 else 2
    rows = -(-len(positions) // columns)
    lines = _arithmetic(image[: kernel.shape[0], : kernel.shape[1]], kernel, 0).count("\n") + 1
    # In inches: cells are squares; a step is as wide as its three matrices with gaps, and has its sum below.
    cell, gap = 0.4, 0.62
    widths = (image.shape[1], kernel.shape[1], result.shape[1])
    matrices, below = cell * image.shape[0], 0.2 + 0.19 * lines
    step_width = cell * sum(widths) + 2 * gap
    width = columns * step_width + (columns - 1) * gap + 0.4
    height = rows * (matrices + below) + (rows - 1) * 0.5 + 0.6
    figure = new_figure(width, height)
    outer = figure.add_gridspec(
        rows,
        columns,
        left=0.2 / width,
        right=1 - 0.2 / width,
        top=1 - 0.4 / height,
        bottom=0.2 / height,
        hspace=0.5 / (matrices + below),
        wspace=gap / step_width,
    )
    limits = [signed_limit([each]) for each in (image, kernel, result)]
    for position, place in zip(positions, grid_positions(len(positions), columns), strict=True):
        inner = outer[place].subgridspec(
            2, 3, width_ratios=widths, height_ratios=(matrices, below), wspace=gap / (cell * sum(widths) / 3), hspace=0
        )
        axes = [figure.add_subplot(inner[0, number]) for number in range(3)]
        _draw_step(axes, image, kernel, result, position, limits)
    return figure


def _positions(steps: Any, shape: tuple[int, ...]) -> list[tuple[int, int]]:
    everything = [(row, column) for row in range(shape[0]) for column in range(shape[1])]
    if isinstance(steps, int):
        chosen = everything[: min(steps, _MOST_STEPS)]
    else:
        chosen = [tuple(map(int, each)) for each in steps]  # type: ignore[misc]
    if not chosen or len(chosen) > _MOST_STEPS:
        raise ValueError(f"show_corr2d: steps must be 1 to {_MOST_STEPS} positions, got {steps!r}")
    for position in chosen:
        if position not in everything:
            raise ValueError(f"show_corr2d: there is no output at {position}; the output has shape {tuple(shape)}")
    return chosen


def _draw_step(
    axes: Sequence[Any],
    image: numpy.ndarray,
    kernel: numpy.ndarray,
    result: numpy.ndarray,
    position: tuple[int, int],
    limits: Sequence[float],
) -> None:
    (row, column), (h, w) = position, kernel.shape
    # What comes later in the order of the computation is not known yet.
    order = numpy.arange(result.size).reshape(result.shape)
    known = numpy.where(order <= order[position], result, numpy.nan)
    for each, title, values, limit in zip(
        axes, ("Image", "Kernel", "Output"), (image, kernel, known), limits, strict=True
    ):
        # Half of the colour range, so that the numbers stay legible.
        draw_cells(each, values, cmap=SIGNED, vmin=-2 * limit, vmax=2 * limit)
        titled(each, title)
    frame(axes[0], row, column, h, w)
    frame(axes[2], row, column, 1, 1)
    for place, sign in ((axes[0], "∗"), (axes[1], "=")):
        place.annotate(
            sign,
            (1, 0.5),
            xycoords="axes fraction",
            xytext=(22, 0),
            textcoords="offset points",
            fontsize=15,
            ha="center",
            va="center",
            color=QUIET,
            annotation_clip=False,
        )
    window = image[row : row + h, column : column + w]
    axes[0].set_xlabel(_arithmetic(window, kernel, result[position]), fontsize=9.5, color=INK, loc="left", labelpad=7)
    axes[0].xaxis.label.set_linespacing(1.35)


def _arithmetic(window: numpy.ndarray, kernel: numpy.ndarray, total: float) -> str:
    """The sum of products; of large windows, a line for each row."""

    def factor(value: float) -> str:
        text = number_text(value)
        return f"({text})" if text.startswith("−") else text

    lines = [
        " + ".join(f"{factor(x)}×{factor(k)}" for x, k in zip(*pair, strict=True))
        for pair in zip(window, kernel, strict=True)
    ]
    # In one line as long as that can be read.
    joint = " + " if sum(map(len, lines)) < 48 else "\n+ "
    return joint.join(lines) + f" = {number_text(total)}"
