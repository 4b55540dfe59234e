"""What layers make of an image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy

from .. import autograd
from ..inspection.chain import kind_of
from ..nn.modes import evaluating
from .style import QUIET, SIGNED, as_array, bare, new_figure, signed_limit, titled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..nn import Module
    from ..tensor import Tensor


def show_feature_maps(model: Module, x: Tensor, *, layers: Sequence[str] | None = None, maps: int = 8) -> Figure:
    """Show the feature maps that a model's layers make of one image, a line for each layer.

    Parameters
    ----------
    model : Module
        Computes in evaluation mode, without recording; its modes are restored.
    x : Tensor
        ``(N, C, H, W)``, of which the first image counts, or one image ``(C, H, W)``.
    layers : sequence of str, optional
        The paths of the layers to show; the convolutions and poolings unless given.
    maps : int
        How many maps of a layer to show, from the first channel on.

    Returns
    -------
    matplotlib.figure.Figure
        The image, then the maps. Each layer has its own scale: maps with negative values are red and blue around zero,
        others are brighter where they are larger.

    Raises
    ------
    ValueError
        When the input has another number of axes, a layer does not exist or makes no maps.
    ImportError
        Without Matplotlib.

    Source
    ------
    Dive into Deep Learning, section 7.2.6.

    Example
    -------
    >>> net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Conv2d(4, 2, 3))
    >>> figure = sc.viz.show_feature_maps(net, sc.rand(1, 1, 16, 16))
    >>> len(figure.axes)
    7
    """
    if x.ndim == 3:
        x = x.reshape(1, *x.shape)
    if x.ndim != 4 or 0 in x.shape:
        raise ValueError(f"show_feature_maps: x has shape {tuple(x.shape)}, expected (N, C, H, W) or (C, H, W)")
    if maps < 1:
        raise ValueError(f"show_feature_maps: maps must be positive, got {maps}")
    made = _made(model, x.detach()[:1])
    if layers is None:
        chosen = [each for each in made if "Conv" in each[1] or "Pool" in each[1]] or made
    else:
        missing = [name for name in layers if name not in {each[0] for each in made}]
        if missing:
            raise ValueError(
                f"show_feature_maps: no maps (N, C, H, W) are made by {missing}; there are {[each[0] for each in made]}"
            )
        chosen = [each for each in made if each[0] in layers]
    if not chosen:
        raise ValueError("show_feature_maps: no layer makes maps (N, C, H, W)")
    return _draw(as_array(x, "show_feature_maps")[0], chosen, maps)


def _made(model: Module, x: Tensor) -> list[tuple[str, str, numpy.ndarray]]:
    """Path, kind and maps of every layer's first call."""
    found: dict[str, tuple[str, str, numpy.ndarray]] = {}

    def recorder(name: str, kind: str) -> Any:
        def record(module: Module, args: Any, output: Any) -> None:
            if getattr(output, "ndim", 0) == 4 and name not in found and 0 not in output.shape:
                # A copy: a layer that works in place would change it.
                found[name] = (name, kind, as_array(output, "show_feature_maps")[0].copy())

        return record

    handles = [
        module.register_forward_hook(recorder(name, kind_of(module) or type(module).__name__))
        for name, module in model.named_modules()
        if not module._modules
    ]
    try:
        with evaluating(model), autograd.no_grad():
            model(x)
    finally:
        for handle in handles:
            handle.remove()
    return list(found.values())


def _draw(image: numpy.ndarray, layers: list[tuple[str, str, numpy.ndarray]], most: int) -> Figure:
    columns = max(min(most, len(values)) for _, _, values in layers)
    side, gap = 1.15, 0.42
    ratio = max(min(image.shape[1] / image.shape[2], 2.0), 0.5)
    width = max(columns * (side + 0.08) + 0.2, 3.2)
    height = (len(layers) + 1.25) * (side * ratio + gap)
    figure = new_figure(width, height)
    grid = figure.add_gridspec(
        len(layers) + 1,
        columns,
        left=0.1 / width,
        right=1 - 0.1 / width,
        top=1 - 0.32 / height,
        bottom=0.1 / height,
        wspace=0.07,
        hspace=gap / (side * ratio),
        height_ratios=[1.25] + [1] * len(layers),
    )
    axes = figure.add_subplot(grid[0, : max(1, min(columns, 2))])
    _draw_image(axes, image)
    for line, (name, kind, values) in enumerate(layers, 1):
        limit = signed_limit([values])
        is_signed = values.min() < 0
        colours = (
            {"cmap": SIGNED, "vmin": -limit, "vmax": limit} if is_signed else {"cmap": "gray", "vmin": 0, "vmax": limit}
        )
        for channel, each in enumerate(values[:most]):
            axes = figure.add_subplot(grid[line, channel])
            axes.imshow(each, **colours)
            bare(axes)
            if channel == 0:
                _label(axes, name, kind, values, most)
    return figure


def _draw_image(axes: Any, image: numpy.ndarray) -> None:
    if len(image) == 3:
        low, high = image.min(), image.max()
        axes.imshow(((image - low) / (high - low or 1)).transpose(1, 2, 0))
    else:
        axes.imshow(image[0], cmap="gray")
    bare(axes)
    axes.set_anchor("W")
    titled(axes, "Input", size=9.5)


def _label(axes: Any, name: str, kind: str, values: numpy.ndarray, most: int) -> None:
    count, height, width = values.shape
    shown = f"{count} maps" if count <= most else f"{most} of {count} maps"
    label = axes.set_title(
        f"{name}  {kind}" if name else kind, fontsize=9.5, color="#22313f", loc="left", fontweight="bold", pad=5
    )
    axes.annotate(
        f"{shown}, {height} × {width}",
        (1, 0),
        xycoords=label,
        xytext=(7, 2.2),
        textcoords="offset points",
        fontsize=8.5,
        color=QUIET,
        annotation_clip=False,
    )
