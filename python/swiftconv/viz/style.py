"""How all pictures look, and the parts that they share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK = "#22313f"
QUIET = "#7b8794"
LINE = "#cbd2d9"
BLUE = "#2b6cb0"
ORANGE = "#dd6b20"
# One after the other for several things in a picture; they differ in brightness, too.
PALETTE = (BLUE, ORANGE, "#2f855a", "#b83280", "#6b46c1", "#b7791f", "#319795", "#4a5568")
SIGNED = "RdBu_r"


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure, in inches, that no window system knows of."""
    try:
        import matplotlib.figure  # noqa: F401
    except ImportError:
        raise ImportError('viz: pictures need Matplotlib; install it with: pip install "swiftconv[demo]"') from None
    from ._picture import Picture

    return Picture(figsize=(width, height), dpi=110, facecolor="white")


def titled(axes: Axes, title: str, note: str = "", size: float = 10.5) -> None:
    """Put a title above a picture, and a note below."""
    axes.set_title(title, fontsize=size, color=INK, loc="left", pad=6, fontweight="bold")
    if note:
        axes.text(0, -0.04, note, transform=axes.transAxes, fontsize=size - 1.5, color=QUIET, va="top")


def bare(axes: Axes) -> None:
    """Take ticks and frame away."""
    axes.set_xticks([])
    axes.set_yticks([])
    for side in axes.spines.values():
        side.set_visible(False)


def plain(axes: Axes) -> None:
    """Leave quiet axes and a grid, for curves."""
    for name in ("top", "right"):
        axes.spines[name].set_visible(False)
    for name in ("left", "bottom"):
        axes.spines[name].set_color("#9aa5b1")
    axes.tick_params(colors=QUIET, labelsize=9)
    axes.grid(color="#e4e7eb", linewidth=0.8)
    axes.set_axisbelow(True)


def number_text(value: float) -> str:
    """A number as short as possible, with a true minus sign."""
    # Adding 0 turns -0 into 0.
    text = f"{value + 0.0:.3g}"
    return (text if len(text) <= 6 else f"{value:.2g}" if abs(value) >= 1000 else f"{value:.2f}").replace("-", "−")


def draw_cells(
    axes: Axes,
    values: numpy.ndarray,
    text: Callable[[float], str] | None = number_text,
    size: float = 9,
    **colours: Any,
) -> None:
    """Draw a matrix as coloured cells, with their numbers in them unless `text` is None; NaN is an empty cell."""
    picture = axes.imshow(values, **colours)
    rows, columns = values.shape
    for row, column in numpy.ndindex(rows, columns) if text is not None else ():
        value = values[row, column]
        if value == value:
            red, green, blue, _ = picture.to_rgba(value)
            is_dark = 0.3 * red + 0.6 * green + 0.1 * blue < 0.55
            colour = "white" if is_dark else INK
            axes.text(column, row, text(value), ha="center", va="center", fontsize=size, color=colour)
    bare(axes)
    axes.set_xticks(numpy.arange(columns + 1) - 0.5, minor=True)
    axes.set_yticks(numpy.arange(rows + 1) - 0.5, minor=True)
    # The lines at the edges would be half as wide if they were clipped.
    axes.grid(which="minor", color=LINE, linewidth=0.8, clip_on=False)
    axes.tick_params(which="minor", length=0)


def frame(axes: Axes, row: float, column: float, height: float, width: float, **style: Any) -> None:
    """Draw a frame around cells."""
    from matplotlib.patches import Rectangle

    options = {"fill": False, "edgecolor": ORANGE, "linewidth": 2.2, "zorder": 5, "clip_on": False, **style}
    axes.add_patch(Rectangle((column - 0.5, row - 0.5), width, height, **options))


def grid_positions(count: int, columns: int) -> Iterator[tuple[int, int]]:
    """Rows and columns of things that are set in lines."""
    return ((number // columns, number % columns) for number in range(count))


def as_array(value: Any, name: str) -> numpy.ndarray:
    """The numbers of a tensor, an array or nested lists, as float64 for drawing."""
    detach = getattr(value, "detach", None)
    if detach is not None:
        value = detach().numpy()
    try:
        return numpy.asarray(value, dtype=numpy.float64)
    except (TypeError, ValueError):
        raise TypeError(f"{name}: expected a Tensor, an array or nested lists, got {type(value).__name__}") from None


def signed_limit(arrays: Sequence[numpy.ndarray]) -> float:
    """The largest absolute value, so that zero is white in all pictures of one figure."""
    finite = [numpy.abs(each[numpy.isfinite(each)]).max(initial=0.0) for each in arrays]
    return float(max(finite, default=0.0)) or 1.0
