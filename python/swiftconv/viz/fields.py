"""What part of an image the layers see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy

from ..inspection import Field, receptive_field
from ..tensor import Tensor
from .style import INK, PALETTE, QUIET, as_array, frame, new_figure, titled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..nn import Module


def show_receptive_field(
    model: Module,
    x: Tensor | Sequence[int],
    *,
    layers: Sequence[str] | None = None,
    at: tuple[int, int] | None = None,
) -> Figure:
    """Show what the layers of a model see around one pixel of an image.

    For every layer, the output whose receptive field has its middle nearest to the pixel is taken. Frames reach over
    the image's border where an output sees padding.

    Parameters
    ----------
    model : Module
        See `receptive_field`.
    x : Tensor or sequence of int
        An image ``(N, C, H, W)``, of which the first one is shown, or only the shape; ``(H, W)`` for `Conv2D`.
    layers : sequence of str, optional
        The paths of the layers to show; all whose field differs from that of the layer before, unless given.
    at : (int, int), optional
        The pixel's row and column; the middle of the image unless given.

    Returns
    -------
    matplotlib.figure.Figure
        One axes.

    Raises
    ------
    ValueError
        When the image has not two spatial axes, the pixel is outside, or a layer does not exist.
    ImportError
        Without Matplotlib.

    Source
    ------
    Dive into Deep Learning, section 7.2.6.

    Example
    -------
    >>> net = nn.Sequential(nn.Conv2d(1, 6, 5), nn.ReLU(), nn.Conv2d(6, 16, 5, stride=2))
    >>> figure = sc.viz.show_receptive_field(net, (1, 1, 28, 28))
    >>> [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    ['0  Conv2d, ReLU:  5 × 5', '2  Conv2d:  9 × 9']
    """
    shape = tuple(x.shape) if isinstance(x, Tensor) else tuple(x)
    fields = receptive_field(model, shape)
    size = fields.input_size
    if size is None or len(size) != 2:
        raise ValueError(f"show_receptive_field: shape {shape} has not two spatial axes, expected (N, C, H, W)")
    row, column = (size[0] // 2, size[1] // 2) if at is None else (int(each) for each in at)
    if not (0 <= row < size[0] and 0 <= column < size[1]):
        raise ValueError(f"show_receptive_field: at {(row, column)} is outside of the image {size}")
    # From a layer without neighbours on, everything would be framed.
    chosen = (
        _distinct([each for each in fields if each.size[0] > 0])
        if layers is None
        else [(fields[name], fields[name].layer) for name in layers]
    )
    if len(chosen) > len(PALETTE):
        picked = numpy.linspace(0, len(chosen) - 1, len(PALETTE)).round().astype(int)
        chosen = [chosen[number] for number in picked]
    return _draw(
        _picture(x, size), [(each, label, _nearest(each, (row, column))) for each, label in chosen], (row, column)
    )


def _distinct(fields: Sequence[Field]) -> list[tuple[Field, str]]:
    """The fields that differ from the ones before, with the names of all layers that have them."""
    found: list[tuple[Field, list[str]]] = []
    for each in fields:
        if found and (found[-1][0].size, found[-1][0].start) == (each.size, each.start):
            if each.layer not in found[-1][1]:
                found[-1][1].append(each.layer)
        else:
            found.append((each, [each.layer]))
    return [(each, ", ".join(names)) for each, names in found]


def _nearest(field: Field, pixel: tuple[int, int]) -> tuple[float, float]:
    """Where the field begins whose middle is nearest to a pixel; it may begin in the padding."""
    starts = []
    for axis, place in enumerate(pixel):
        start = 0.0 if field.start is None else field.start[axis]
        if field.jump is not None and field.jump[axis]:
            middle = start + (field.size[axis] - 1) / 2
            start += max(round((place - middle) / field.jump[axis]), 0) * field.jump[axis]
        starts.append(start)
    return starts[0], starts[1]


def _picture(x: Any, size: tuple[int, int]) -> numpy.ndarray:
    """The image to draw on: in colours, in grey, or empty."""
    if not isinstance(x, Tensor):
        return numpy.full(size, numpy.nan)
    array = as_array(x, "show_receptive_field")
    if array.ndim == 2:
        return array
    if array.shape[1] != 3:
        return array[0, 0]
    low, high = array[0].min(), array[0].max()
    return ((array[0] - low) / (high - low or 1)).transpose(1, 2, 0)


def _draw(
    picture: numpy.ndarray, fields: list[tuple[Field, str, tuple[float, float]]], pixel: tuple[int, int]
) -> Figure:
    from matplotlib.lines import Line2D

    height, width = picture.shape[:2]
    tops = [top for _, _, (top, _) in fields] + [0]
    lefts = [left for _, _, (_, left) in fields] + [0]
    bottoms = [top + field.size[0] for field, _, (top, _) in fields] + [height]
    rights = [left + field.size[1] for field, _, (_, left) in fields] + [width]
    span = max(max(bottoms) - min(tops), max(rights) - min(lefts))
    # In inches: the picture, and the legend beside it.
    tall, wide = (
        max(4.8 * (max(ends) - min(starts)) / span, 1.5) for starts, ends in ((tops, bottoms), (lefts, rights))
    )
    figure = new_figure(wide + 3.4, tall + 0.8)
    axes = figure.add_axes((0.45 / (wide + 3.4), 0.35 / (tall + 0.8), wide / (wide + 3.4), tall / (tall + 0.8)))
    axes.imshow(picture, cmap="gray", interpolation="nearest")
    axes.set_facecolor("#f5f7fa")
    if not numpy.isfinite(picture).any() and max(height, width) <= 64:
        axes.set_xticks(numpy.arange(width + 1) - 0.5, minor=True)
        axes.set_yticks(numpy.arange(height + 1) - 0.5, minor=True)
        axes.grid(which="minor", color="#dde3ea", linewidth=0.6)
    handles = []
    # The largest first, so that the smaller ones lie on top.
    for number, (field, label, (top, left)) in reversed(list(enumerate(fields))):
        colour = PALETTE[number % len(PALETTE)]
        frame(axes, top, left, *field.size, edgecolor=colour, linewidth=2.0)
        frame(axes, top, left, *field.size, fill=True, facecolor=colour, edgecolor="none", alpha=0.10, zorder=4)
        size = " × ".join(map(str, field.size))
        name = f"{field.name}  {label}" if field.name else label
        handles.append(
            Line2D([], [], color=colour, linewidth=2.4, label=f"{name}:  {'≥ ' if field.is_cut else ''}{size}")
        )
    axes.plot(pixel[1], pixel[0], marker="s", markersize=4, color=INK, linestyle="none", zorder=6)
    frame(axes, 0, 0, height, width, edgecolor=QUIET, linewidth=1.0, zorder=3)
    axes.set_xlim(min(lefts) - 1, max(rights))
    axes.set_ylim(max(bottoms), min(tops) - 1)
    axes.tick_params(colors=QUIET, labelsize=8, which="both", length=0)
    for side in axes.spines.values():
        side.set_visible(False)
    titled(axes, f"Receptive fields around pixel {pixel}")
    axes.legend(
        handles=handles[::-1],
        loc="upper left",
        bbox_to_anchor=(1.02, 1),
        frameon=False,
        fontsize=9,
        labelcolor=INK,
        handlelength=1.2,
        labelspacing=0.7,
    )
    return figure
