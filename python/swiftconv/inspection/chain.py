"""Receptive fields by arithmetic, for chains of layers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from .._arguments import repeated
from .fields import Field

if TYPE_CHECKING:
    from ..nn import Module


class NotAChain(Exception):
    """A model's fields cannot be derived; says why."""


@dataclass(frozen=True)
class Axis:
    """The fields along one axis, and how many positions there are, when that is known."""

    size: int = 1
    jump: int = 1
    start: int = 0
    count: int | None = None

    def after(self, window: Window) -> Axis:
        """The fields of outputs that each see a window of these."""
        count = None if self.count is None else window.positions(self.count)
        return Axis(
            self.size + (window.kernel - 1) * window.dilation * self.jump,
            self.jump * window.stride,
            self.start - window.before * self.jump,
            count,
        )


@dataclass(frozen=True)
class Window:
    """A window that slides along one axis."""

    kernel: int = 1
    stride: int = 1
    before: int = 0
    after: int = 0
    dilation: int = 1
    rounds_up: bool = False

    def positions(self, count: int) -> int:
        """How many positions the window has among so many elements."""
        room = count + self.before + self.after - self.dilation * (self.kernel - 1) - 1
        if room < 0:
            raise ValueError(f"receptive_field: a window of {self.kernel} is larger than its input of {count}")
        if not self.rounds_up:
            return room // self.stride + 1
        positions = -(-room // self.stride) + 1
        # A window must begin before the padding at the end.
        return positions - 1 if (positions - 1) * self.stride >= count + self.before else positions


ELEMENTWISE = {
    *("Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "Identity"),
    *("ELU", "GELU", "Hardsigmoid", "Hardswish", "Hardtanh", "LeakyReLU", "LogSigmoid", "ReLU", "ReLU6", "SELU"),
    *("SiLU", "Sigmoid", "Softplus", "Softsign", "Tanh"),
}
_SOFTMAX = ["Softmax", "LogSoftmax"]
_NORMS = ["GroupNorm", "LayerNorm", "InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d"]
_CONVOLUTIONS = ["Conv1d", "Conv2d", "Conv3d"]
_POOLS = [f"{kind}Pool{rank}d" for kind in ("Max", "Avg") for rank in (1, 2, 3)]
_ADAPTIVE = [f"Adaptive{kind}Pool{rank}d" for kind in ("Max", "Avg") for rank in (1, 2, 3)]
_PADS = [f"{kind}Pad{rank}d" for kind in ("Zero", "Constant") for rank in (1, 2, 3)]


def kind_of(module: Module) -> str:
    """The name of the layer of this package that a module computes as; "" when it computes something else."""
    from .. import Conv2D, nn

    for each in type(module).__mro__:
        if each is Conv2D or vars(nn).get(each.__name__) is each:
            # A lazy layer is one of its kind.
            return each.__name__.removeprefix("Lazy") if type(module).forward is each.forward else ""
    return ""


def leaves(model: Module, prefix: str = "") -> Iterator[tuple[str, Module]]:
    """The layers of nested Sequentials in order, with their paths."""
    from ..nn import Sequential

    if type(model).forward is Sequential.forward:
        for name, child in model._modules.items():
            if child is not None:
                yield from leaves(child, f"{prefix}.{name}" if prefix else name)
    else:
        yield prefix, model


def derive(model: Module, spatial: tuple[int, ...] | None) -> list[Field]:
    """The fields of all layers of a chain; raises `NotAChain` for other models."""
    layers = [(name, module, kind_of(module)) for name, module in leaves(model)]
    if not layers:
        raise NotAChain(f"{type(model).__name__} has no layers")
    axes = _first_axes(layers, spatial)
    is_flat = False
    fields = []
    for name, module, kind in layers:
        if kind == "Flatten" and _flattens_all(module):
            is_flat = True
        elif kind == "Linear" and is_flat:
            axes = [_all_of(axis, name, stays=False) for axis in axes]
        elif kind in _NORMS and _normalizes_all(module, len(axes)) and not is_flat:
            axes = [_all_of(axis, name, stays=True) for axis in axes]
        elif not (kind in ELEMENTWISE or (kind in _SOFTMAX and module.dim == 1 and not is_flat)):
            if is_flat:
                raise NotAChain(f"layer {name!r} ({type(module).__name__}) follows a Flatten")
            axes = [axis.after(window) for axis, window in zip(axes, _windows(name, module, kind, axes), strict=True)]
        fields.append(_field(name, module, axes, spatial))
    return fields


def _first_axes(layers: list[tuple[str, Any, str]], spatial: tuple[int, ...] | None) -> list[Axis]:
    """One axis per spatial axis of the input; told by the input or by the first layer that says."""
    ranks = [
        int(kind[-2]) for _, _, kind in layers if kind not in ELEMENTWISE and kind[-2:].lower() in ("1d", "2d", "3d")
    ]
    if spatial is None:
        if not ranks:
            raise NotAChain("no layer says how many spatial axes there are")
        return [Axis()] * ranks[0]
    if any(rank != len(spatial) for rank in ranks):
        raise ValueError(f"receptive_field: the input has {len(spatial)} spatial axes, but a layer has {ranks[0]}")
    return [Axis(count=count) for count in spatial]


def _flattens_all(module: Any) -> bool:
    return module.start_dim == 1 and module.end_dim == -1


def _normalizes_all(module: Any, rank: int) -> bool:
    """Whether every output depends on the whole image, through its mean."""
    return len(getattr(module, "normalized_shape", (1,) * rank)) >= rank and not getattr(
        module, "track_running_stats", False
    )


def _all_of(axis: Axis, name: str, *, stays: bool) -> Axis:
    """What outputs see that depend on all positions along an axis: one output, or as many as before."""
    if axis.count is None:
        raise NotAChain(f"layer {name!r} sees the whole image, whose size is not known")
    size = axis.size + (axis.count - 1) * axis.jump
    return Axis(size, 0, axis.start, axis.count if stays else 1)


def _windows(name: str, module: Any, kind: str, axes: list[Axis]) -> list[Window]:
    """The windows of a layer, one per axis."""
    rank = len(axes)
    if kind == "Conv2D":
        return [Window(kernel) for kernel in module.kernel_size]
    if kind in _CONVOLUTIONS and module.padding_mode == "zeros":
        return _convolution(module)
    if kind in _POOLS:
        sizes = {
            what: repeated(getattr(module, what, 1), rank, what)
            for what in ("kernel_size", "stride", "padding", "dilation")
        }
        per_axis = zip(sizes["kernel_size"], sizes["stride"], sizes["padding"], sizes["dilation"], strict=True)
        return [Window(k, s, p, p, d, module.ceil_mode) for k, s, p, d in per_axis]
    if kind in _ADAPTIVE:
        wanted = module.output_size
        wanted = list(wanted) if isinstance(wanted, (tuple, list)) else [wanted] * rank
        return [_part(name, axis, size) for axis, size in zip(axes, wanted, strict=True)]
    if kind in _PADS:
        # Pairs from the last axis on, as PyTorch gives them.
        pads = repeated(module.padding, 2 * rank, "padding")
        return [Window(before=pads[2 * axis], after=pads[2 * axis + 1]) for axis in reversed(range(rank))]
    raise NotAChain(f"layer {name!r} ({type(module).__name__}) is not one whose windows are known")


def _convolution(module: Any) -> list[Window]:
    windows = [
        Window(kernel, stride, dilation=dilation)
        for kernel, stride, dilation in zip(module.kernel_size, module.stride, module.dilation, strict=True)
    ]
    if module.padding == "valid":
        return windows
    if module.padding == "same":
        totals = [each.dilation * (each.kernel - 1) for each in windows]
        pads = [(total // 2, total - total // 2) for total in totals]
    else:
        pads = [(each, each) for each in module.padding]
    return [replace(each, before=before, after=after) for each, (before, after) in zip(windows, pads, strict=True)]


def _part(name: str, axis: Axis, size: int | None) -> Window:
    """The window of an adaptive pooling, when all of its windows are alike."""
    if size is None or size == axis.count:
        return Window()
    if axis.count is None:
        raise NotAChain(f"layer {name!r} adapts to the image's size, which is not known")
    if axis.count % size:
        raise NotAChain(f"the windows of layer {name!r} differ in size: {size} windows for {axis.count} elements")
    return Window(axis.count // size, axis.count // size)


def _field(name: str, module: Any, axes: list[Axis], spatial: tuple[int, ...] | None) -> Field:
    is_one = all(axis.count == 1 for axis in axes)
    return Field(
        name,
        type(module).__name__,
        tuple(axis.size for axis in axes),
        None if is_one else tuple(axis.jump for axis in axes),
        tuple(axis.start for axis in axes),
        input_size=spatial,
    )
