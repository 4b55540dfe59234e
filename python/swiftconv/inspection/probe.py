"""Receptive fields by gradients, for any model.

A copy of the model gets positive weights, the identity for activations and means for maxima, so that nothing cancels
and nothing is switched off: then the gradient of an output is different from zero exactly where the output sees the
input. Maxima that a model takes itself pass gradients to one element of a window only. In an image that grows towards
one corner, that is the element nearest to that corner; so a growing and a falling image together show both ends of
every field.
"""

from __future__ import annotations

import copy
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy

from .. import autograd, random
from .._dtype import float64
from ..conversion import from_numpy
from ..creation import zeros, zeros_like
from ..nn import functional as F
from ..nn.functional.conv import convolution
from ..nn.parameter import is_lazy
from ..tensor import Tensor
from .chain import ELEMENTWISE, kind_of
from .fields import Field

if TYPE_CHECKING:
    from ..nn import Module

_ACTIVATIONS = ELEMENTWISE - {"Identity"}


def measure(model: Module, shape: tuple[int, ...]) -> list[Field]:
    """The fields of all layers, in the order in which they are called, and of the output."""
    generator = random.default_generator()
    state = generator.bit_generator.state
    try:
        probe = _probe(model, shape)
        spatial = slice(None) if len(shape) == 2 else slice(2, None)
        runs = [_Run(probe, shape, spatial, grows) for grows in (True, False)]
        if len(runs[0].calls) != len(runs[1].calls):
            raise ValueError(
                "receptive_field: the model calls other layers for another image, so it cannot be measured"
            )
        fields = []
        for step, (name, layer, _) in enumerate(runs[0].calls):
            boxes = [run.boxes(step) for run in runs]
            fields.append(_field(name, layer, boxes, runs[0].middles(step), shape[spatial]))
        return fields
    finally:
        generator.bit_generator.state = state


# ---- The copy --------------------------------------------------------------------------------------------------------


def _probe(model: Module, shape: tuple[int, ...]) -> Module:
    # Of layers that get another forward, the weights are shared, not copied: they are not read.
    shared = {
        id(each): each
        for module in model.modules()
        if _stand_in(module) is not None
        for each in (*module._parameters.values(), *module._buffers.values())
        if each is not None and not is_lazy(each)
    }
    try:
        probe = copy.deepcopy(model, shared)
    except Exception as error:
        raise ValueError(f"receptive_field: the model cannot be copied, which measuring needs: {error}") from error
    probe.eval()
    for module in probe.modules():
        module._forward_hooks.clear()
        module._forward_pre_hooks.clear()
    if any(is_lazy(each) for each in probe.parameters()):
        dtypes = (each.dtype for each in probe.parameters() if not is_lazy(each) and each.is_floating_point())
        with autograd.no_grad():
            probe(zeros(shape, dtype=next(dtypes, None)))
    generator = numpy.random.default_rng(0)
    for number, module in enumerate(probe.modules()):
        forward = _stand_in(module)
        if forward is None:
            _make_positive(module, generator)
        else:
            object.__setattr__(module, "probe_number", number)
            object.__setattr__(module, "forward", partial(forward, module))
    return probe


def _positive(shape: tuple[int, ...], generator: numpy.random.Generator) -> Tensor:
    """Positive weights that add up to about 1, and differ from each other, so that differences do not cancel either."""
    inputs = max(int(numpy.prod(shape[1:])), 1) if len(shape) > 1 else 1
    return from_numpy(generator.uniform(0.5, 1.5, shape) / inputs)


def _make_positive(module: Module, generator: numpy.random.Generator) -> None:
    """Give a layer of another kind positive weights, of float64 as everything in the copy."""
    for name, parameter in module._parameters.items():
        if parameter is not None and parameter.is_floating_point():
            parameter.requires_grad_(False)
            parameter.data = _positive(tuple(parameter.shape), generator) * (0 if name == "bias" else 1)
    for buffer in module._buffers.values():
        if buffer is not None and buffer.is_floating_point():
            buffer.data = buffer.double()


# ---- Layers whose gradients are positive wherever they look ----------------------------------------------------------


def _stand_in(module: Any) -> Any:
    """The forward that a layer of a known kind gets; None for other layers."""
    kind = kind_of(module)
    if kind in _ACTIVATIONS:
        return _identity
    if kind in ("MaxPool1d", "MaxPool2d", "MaxPool3d") and (module.return_indices or not _is_one(module.dilation)):
        return None
    return _STAND_INS.get(kind)


def _is_one(dilation: Any) -> bool:
    return all(each == 1 for each in (dilation if isinstance(dilation, (tuple, list)) else (dilation,)))


def _identity(module: Any, input: Tensor) -> Tensor:
    return input


def _convolution(module: Any, input: Tensor) -> Tensor:
    weight = _positive(tuple(module.weight.shape), numpy.random.default_rng(module.probe_number))
    options = module.stride, module.padding, module.dilation, module.groups
    return convolution(module.rank, input, weight, None, *options)


def _linear(module: Any, input: Tensor) -> Tensor:
    return input.mean(-1, keepdim=True).expand(*input.shape[:-1], module.out_features)


def _max_pool(module: Any, input: Tensor) -> Tensor:
    pool = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)[int(kind_of(module)[-2]) - 1]
    return pool(input, module.kernel_size, module.stride, module.padding, module.ceil_mode, False)


def _softmax(module: Any, input: Tensor) -> Tensor:
    return input + input.mean(module.dim, keepdim=True)


def _norm(module: Any, input: Tensor) -> Tensor:
    # Channels do not matter here, only places.
    return input + input.mean(tuple(range(1, input.ndim)), keepdim=True)


def _layer_norm(module: Any, input: Tensor) -> Tensor:
    return input + input.mean(tuple(range(-len(module.normalized_shape), 0)), keepdim=True)


_STAND_INS = {
    **dict.fromkeys(("Conv1d", "Conv2d", "Conv3d"), _convolution),
    **dict.fromkeys(("MaxPool1d", "MaxPool2d", "MaxPool3d"), _max_pool),
    **dict.fromkeys(("GroupNorm", "InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d"), _norm),
    **dict.fromkeys(("Softmax", "LogSoftmax"), _softmax),
    "LayerNorm": _layer_norm,
    "Linear": _linear,
}


# ---- Gradients -------------------------------------------------------------------------------------------------------


class _Run:
    """One pass of an image through the copy, and gradients of what its layers made."""

    def __init__(self, probe: Module, shape: tuple[int, ...], spatial: slice, grows: bool) -> None:
        self._axes = tuple(range(len(shape)))[spatial]
        self.calls: list[tuple[str, str, Tensor]] = []
        self._found: dict[tuple[int, tuple[int, ...]], list[tuple[int, int]] | None] = {}
        self.image = from_numpy(_ramp(shape, self._axes, grows))
        self.image.requires_grad = True
        handles = [
            module.register_forward_hook(self._recorder(name, type(module).__name__))
            for name, module in probe.named_modules()
            if not module._modules
        ]
        try:
            with autograd.enable_grad():
                result = _tensor_of(probe(self.image))
        finally:
            for handle in handles:
                handle.remove()
        if result is None:
            raise ValueError("receptive_field: the model does not return a tensor")
        if not self.calls or self.calls[-1][2] is not result:
            self.calls.append(("", type(probe).__name__, result))

    def _recorder(self, name: str, layer: str) -> Any:
        def record(module: Any, args: Any, output: Any) -> None:
            tensor = _tensor_of(output)
            if tensor is not None and tensor.ndim:
                self.calls.append((name, layer, tensor))

        return record

    def middles(self, step: int) -> list[tuple[int, ...]]:
        """Two neighbouring positions in the middle of an output; one where there are no places or no neighbours."""
        sizes = self.calls[step][2].shape
        if len(sizes) != self.image.ndim:
            return [()]
        here = tuple(sizes[axis] // 2 for axis in self._axes)
        there = tuple(max(place - 1, 0) for place in here)
        return [here] if here == there else [here, there]

    def boxes(self, step: int) -> list[list[tuple[int, int]] | None]:
        """What outputs at those positions see: first and last place along each axis."""
        output = self.calls[step][2]
        found = []
        for position in self.middles(step):
            key = (id(output), position)
            if key not in self._found:
                self._found[key] = self._box(output, position)
            found.append(self._found[key])
        return found

    def _box(self, output: Tensor, position: tuple[int, ...]) -> list[tuple[int, int]] | None:
        if not output.requires_grad:
            return None
        seed = zeros_like(output.detach())
        if position:
            first = self._axes[0]
            seed[(slice(None),) * first + position] = 1
        else:
            seed[...] = 1  # An output without places is taken as a whole.
        (gradient,) = autograd.grad(output, self.image, seed, retain_graph=True, allow_unused=True)
        if gradient is None:
            return None
        seen = gradient.detach().numpy() != 0
        ends = []
        for axis in self._axes:
            others = tuple(each for each in range(seen.ndim) if each != axis)
            places = numpy.flatnonzero(seen.any(axis=others))
            if not places.size:
                return None
            ends.append((int(places[0]), int(places[-1])))
        return ends


def _ramp(shape: tuple[int, ...], axes: tuple[int, ...], grows: bool) -> numpy.ndarray:
    """An image of numbers from 1 to 2 that grow, or fall, along all spatial axes."""
    image = numpy.ones(shape)
    for axis in axes:
        line = numpy.linspace(0, 1 / len(axes), shape[axis])
        image += (line if grows else line[::-1]).reshape([-1 if each == axis else 1 for each in range(len(shape))])
    return image


def _tensor_of(output: Any) -> Tensor | None:
    """The tensor that a layer returned, the first one of several."""
    while isinstance(output, (tuple, list)) and output:
        output = output[0]
    if isinstance(output, dict) and output:
        return _tensor_of(next(iter(output.values())))
    return output if isinstance(output, Tensor) and output.dtype is float64 else None


# ---- From places to fields -------------------------------------------------------------------------------------------


def _field(
    name: str, layer: str, runs: list[list[Any]], positions: list[tuple[int, ...]], sizes: tuple[int, ...]
) -> Field:
    """The field that the boxes at the same positions in all runs show together."""
    boxes = []
    for found in zip(*runs, strict=True):
        known = [box for box in found if box is not None]
        if not known:
            return Field(name, layer, (0,) * len(sizes), None, None, is_measured=True, input_size=sizes)
        boxes.append(
            [(min(low for low, _ in ends), max(high for _, high in ends)) for ends in zip(*known, strict=True)]
        )
    here = boxes[0]
    size = tuple(high - low + 1 for low, high in here)
    is_cut = any(low == 0 or high == last - 1 for (low, high), last in zip(here, sizes, strict=True))
    jump = start = None
    if len(boxes) == 2:
        steps = [_step(*each) for each in zip(here, boxes[1], *positions, sizes, strict=True)]
        if None not in steps:
            jump = tuple(steps)
            start = tuple(low - place * step for (low, _), place, step in zip(here, positions[0], steps, strict=True))
    if start is None:
        start = tuple(low for low, _ in here)
    return Field(name, layer, size, jump, start, is_measured=True, is_cut=is_cut, input_size=sizes)


def _step(here: tuple[int, int], there: tuple[int, int], place: int, other: int, size: int) -> int | None:
    """How far two fields lie apart along an axis, told by ends that are not at the border."""
    if place == other:
        return 0
    if there[0] > 0:
        return here[0] - there[0]
    if here[1] < size - 1:
        return here[1] - there[1]
    return None
