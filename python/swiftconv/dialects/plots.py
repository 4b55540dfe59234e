"""Plots, as the book's ``d2l`` makes them with Matplotlib."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy

__all__ = ["plot", "plt", "pyplot", "set_axes", "set_figsize", "show_images", "use_svg_display"]


def pyplot() -> Any:
    """Return ``matplotlib.pyplot``, or say how to get it."""
    try:
        from matplotlib import pyplot as module
    except ImportError:
        raise ImportError(
            "the book's plots need Matplotlib, which is not installed; pip install 'swiftconv[notebook]'"
        ) from None
    return module


class _LatePyplot:
    """``d2l.plt``: Matplotlib is imported when a plot is made, as it takes longer than all the rest."""

    def __getattr__(self, name: str) -> Any:
        return getattr(pyplot(), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(pyplot(), name, value)

    def __repr__(self) -> str:
        return repr(pyplot())


plt = _LatePyplot()


def _shell() -> Any:
    """Return the notebook's shell; None outside of notebooks."""
    module = sys.modules.get("IPython")
    shell = None if module is None else module.get_ipython()
    return shell if getattr(shell, "kernel", None) is not None else None


def use_svg_display() -> None:
    """Let a notebook show figures as SVG; elsewhere it does nothing."""
    if _shell() is None:
        return
    pyplot()
    try:
        from matplotlib_inline.backend_inline import set_matplotlib_formats
    except ImportError:
        return
    set_matplotlib_formats("svg")


def displayed(figure: Any) -> None:
    """Show a figure in a notebook, in the place of what was shown of it before; elsewhere do nothing."""
    if _shell() is None:
        return
    from IPython import display

    display.display(figure)
    display.clear_output(wait=True)


def set_figsize(figsize: tuple[float, float] = (3.5, 2.5)) -> None:
    """Set the size in inches of figures to come."""
    use_svg_display()
    pyplot().rcParams["figure.figsize"] = figsize


def set_axes(
    axes: Any,
    xlabel: str | None,
    ylabel: str | None,
    xlim: Any,
    ylim: Any,
    xscale: str,
    yscale: str,
    legend: Sequence[str] | None,
) -> None:
    """Set the labels, limits, scales, legend and grid of axes."""
    axes.set_xlabel(xlabel)
    axes.set_ylabel(ylabel)
    axes.set_xscale(xscale)
    axes.set_yscale(yscale)
    if xlim is not None:
        axes.set_xlim(xlim)
    if ylim is not None:
        axes.set_ylim(ylim)
    if legend:
        axes.legend(legend)
    axes.grid()


def _rank(values: Any) -> int:
    if hasattr(values, "ndim"):
        return int(values.ndim)
    if isinstance(values, (list, tuple)):
        return 1 + (_rank(values[0]) if len(values) else 0)
    return 0


def _curves(values: Any) -> list[Any]:
    """Return the curves in one curve or a list of them."""
    return [values] if _rank(values) <= 1 else list(values)


def plot(
    X: Any,
    Y: Any = None,
    xlabel: str | None = None,
    ylabel: str | None = None,
    legend: Sequence[str] = (),
    xlim: Any = None,
    ylim: Any = None,
    xscale: str = "linear",
    yscale: str = "linear",
    fmts: Sequence[str] = ("-", "m--", "g-.", "r:"),
    figsize: tuple[float, float] = (3.5, 2.5),
    axes: Any = None,
) -> None:
    """Plot one curve or several.

    Parameters
    ----------
    X : sequence, or list of sequences
        The x of the curves; their y, when `Y` is not given.
    Y : sequence, or list of sequences
        The y of the curves.
    xlabel, ylabel, legend, xlim, ylim, xscale, yscale
        The axes.
    fmts : sequence of str
        Matplotlib's format of each curve.
    figsize : (float, float)
        The size in inches.
    axes
        Axes of Matplotlib to plot on, instead of the current ones.
    """
    set_figsize(figsize)
    axes = pyplot().gca() if axes is None else axes
    if Y is None:
        ys = _curves(X)
        xs: list[Any] = [range(len(y)) for y in ys]
    else:
        xs, ys = _curves(X), _curves(Y)
        xs = xs * len(ys) if len(xs) == 1 else xs
    axes.cla()
    for number, (x, y) in enumerate(zip(xs, ys, strict=False)):
        axes.plot(numpy.asarray(x), numpy.asarray(y), fmts[number % len(fmts)])
    set_axes(axes, xlabel, ylabel, xlim, ylim, xscale, yscale, legend)


def show_images(
    imgs: Any, num_rows: int, num_cols: int, titles: Sequence[str] | None = None, scale: float = 1.5
) -> Any:
    """Show images in rows and columns, and return their axes.

    Parameters
    ----------
    imgs : sequence of arrays, tensors or images of Pillow
        The images.
    num_rows, num_cols : int
        The grid.
    titles : sequence of str, optional
        What is written above each image.
    scale : float
        The size of one image, in inches.
    """
    figure, axes = pyplot().subplots(num_rows, num_cols, figsize=(num_cols * scale, num_rows * scale), squeeze=False)
    axes = axes.flatten()
    for number, (each, image) in enumerate(zip(axes, imgs, strict=False)):
        each.imshow(numpy.asarray(image))
        each.axes.get_xaxis().set_visible(False)
        each.axes.get_yaxis().set_visible(False)
        if titles is not None and number < len(titles):
            each.set_title(titles[number])
    return axes
