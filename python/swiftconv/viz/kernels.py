"""Kernels as pictures."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy

from .style import QUIET, SIGNED, as_array, draw_cells, grid_positions, new_figure, number_text, signed_limit, titled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST = 256


def show_kernels(kernels: Any, *, columns: int | None = None) -> Figure:
    """Show kernels side by side, in the same colours: red is positive, blue is negative, white is zero.

    Parameters
    ----------
    kernels : Tensor, numpy.ndarray, Module or dict
        One kernel ``(h, w)``; several ``(n, h, w)``; the weight ``(C_out, C_in, h, w)`` of a layer, or the layer; or
        kernels by their titles. At most 256 kernels.
    columns : int, optional
        How many kernels stand in a line.

    Returns
    -------
    matplotlib.figure.Figure
        One axes for each kernel, and one for the scale. Small kernels have their numbers in them.

    Raises
    ------
    ValueError
        For other shapes, and for too many kernels.
    ImportError
        Without Matplotlib.

    Example
    -------
    >>> figure = sc.viz.show_kernels({"Sobel": sc.filters.sobel(), "Blur": sc.filters.gaussian(5)})
    >>> [axes.get_title(loc="left") for axes in figure.axes[:2]]
    ['Sobel', 'Blur']
    """
    titles, arrays, per_line = _listed(kernels)
    if not arrays or any(0 in each.shape for each in arrays):
        raise ValueError("show_kernels: there is nothing to show")
    if len(arrays) > _MOST:
        raise ValueError(
            f"show_kernels: {len(arrays)} kernels are more than {_MOST}; show some of them, as weight[:16]"
        )
    if columns is None:
        columns = per_line or min(len(arrays), math.ceil(math.sqrt(2 * len(arrays))))
    if columns < 1:
        raise ValueError(f"show_kernels: columns must be positive, got {columns}")
    columns = min(columns, len(arrays))
    rows = -(-len(arrays) // columns)
    has_numbers = len(arrays) <= 12 and max(max(each.shape) for each in arrays) <= 5
    side = 2.1 if has_numbers else 0.85 if len(arrays) > 32 else 1.25
    width, height = columns * side + 1.1, rows * (side + (0.3 if any(titles) else 0)) + 0.3
    figure = new_figure(max(width, 2.4), max(height, 1.6))
    grid = figure.add_gridspec(
        rows,
        columns,
        left=0.03,
        right=1 - 0.85 / max(width, 2.4),
        top=1 - 0.35 / max(height, 1.6),
        bottom=0.04,
        wspace=0.15,
        hspace=0.3 if any(titles) else 0.12,
    )
    limit = signed_limit(arrays)
    for title, values, place in zip(titles, arrays, grid_positions(len(arrays), columns), strict=True):
        axes = figure.add_subplot(grid[place])
        size = 8 if values.shape[1] <= 3 else 6.5
        draw_cells(axes, values, number_text if has_numbers else None, size, cmap=SIGNED, vmin=-limit, vmax=limit)
        if title:
            titled(axes, title, size=9.5 if has_numbers else 8)
    _draw_scale(figure, limit)
    return figure


def _listed(kernels: Any) -> tuple[list[str], list[numpy.ndarray], int | None]:
    """Titles, kernels, and how many belong into one line, when the shape says so."""
    if isinstance(kernels, Mapping):
        arrays = [as_array(each, "show_kernels") for each in kernels.values()]
        if any(each.ndim != 2 for each in arrays):
            raise ValueError("show_kernels: every kernel of a dictionary must have 2 axes (h, w)")
        return [str(name) for name in kernels], arrays, None
    weight = as_array(getattr(kernels, "weight", kernels), "show_kernels")
    if weight.ndim == 2:
        return [""], [weight], None
    if weight.ndim == 3:
        return [str(number) for number in range(len(weight))], list(weight), None
    if weight.ndim != 4:
        raise ValueError(f"show_kernels: kernels have shape {weight.shape}, expected (h, w), (n, h, w) or (O, C, h, w)")
    if weight.shape[1] == 1:
        return [str(number) for number in range(len(weight))], list(weight[:, 0]), None
    titles = [f"{out} ← {into}" for out in range(weight.shape[0]) for into in range(weight.shape[1])]
    return titles, list(weight.reshape(-1, *weight.shape[2:])), weight.shape[1]


def _draw_scale(figure: Figure, limit: float) -> None:
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    width, height = figure.get_size_inches()
    length = min(0.8, 1.9 / height)
    place = figure.add_axes((1 - 0.72 / width, 0.5 - length / 2, 0.11 / width, length))
    bar = figure.colorbar(ScalarMappable(Normalize(-limit, limit), SIGNED), cax=place, ticks=[-limit, 0, limit])
    bar.outline.set_visible(False)
    place.set_yticklabels([f"−{limit:.2g}", "0", f"{limit:.2g}"])
    place.tick_params(labelsize=8, colors=QUIET, length=0)
