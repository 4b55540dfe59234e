"""Receptive fields by gradients, for any model.

A copy of the model gets positive weights and the identity for activations, so that nothing cancels and nothing is
switched off: then the gradient of an output is different from zero exactly where the output sees the input. Maxima pass
gradients to one element of a window only. In an image that grows towards one corner, that is the element nearest to
that corner; so a growing and a falling image together show both ends of every field.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy

from .. import autograd, random
from .._dtype import float64
from ..creation import from_numpy, zeros, zeros_like
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
    try:
        probe = copy.deepcopy(model)
    except Exception as error:
        raise ValueError(f"receptive_field: the model cannot be copied, which measuring needs: {error}") from error
    probe.eval()
    for module in probe.modules():
        module._forward_hooks.clear()
        module._forward_pre_hooks.clear()
    with autograd.no_grad():
        # Gives lazy layers their shapes.
        probe(zeros(shape, dtype=_first_dtype(probe)))
        probe.double()
        _make_positive(probe)
    for module in probe.modules():
        _replace_forward(module)
    return probe


def _first_dtype(model: Module) -> Any:
    from ..nn.parameter import is_lazy

    known = (each.dtype for each in model.parameters() if not is_lazy(each) and each.is_floating_point())
    return next(known, None)


def _make_positive(probe: Module) -> None:
    """Positive weights that differ from each other, so that differences do not cancel either, and that add up to 1."""
    generator = numpy.random.default_rng(0)
    for path, parameter in probe.named_parameters():
        shape = tuple(parameter.shape)
        parameter.requires_grad_(False)
        if path.rpartition(".")[2] == "bias":
            parameter.zero_()
            continue
        inputs = max(int(numpy.prod(shape[1:])), 1) if len(shape) > 1 else 1
        parameter.copy_(from_numpy(generator.uniform(0.5, 1.5, shape) / inputs))


def _replace_forward(module: Any) -> None:
    """Put in the place of a layer's forward one whose gradient is positive wherever the layer looks."""
    kind = kind_of(module)
    forward = None
    if kind in _ACTIVATIONS:
        forward = _identity
    elif kind in ("Softmax", "LogSoftmax"):
        axis = module.dim
        forward = lambda input: input + input.mean(axis, keepdim=True)  # noqa: E731
    elif kind in ("GroupNorm", "InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d"):
        forward = _with_mean
    elif kind == "LayerNorm":
        axes = tuple(range(-len(module.normalized_shape), 0))
        forward = lambda input: input + input.mean(axes, keepdim=True)  # noqa: E731
    if forward is not None:
        object.__setattr__(module, "forward", forward)


def _identity(input: Tensor) -> Tensor:
    return input


def _with_mean(input: Tensor) -> Tensor:
    # Channels do not matter here, only places.
    return input + input.mean(tuple(range(1, input.ndim)), keepdim=True)


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
            seed.reshape(-1)[output.numel() // 2] = 1
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
