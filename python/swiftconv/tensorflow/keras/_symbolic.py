"""Inputs without values, and the models made of calls on them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .. import _dtypes
from .._create import cast, zeros
from .._nest import flat, mapped
from .._shape import TensorShape


class KerasTensor:
    """What ``tf.keras.Input`` and layers called on it return: a shape, and the call it comes from."""

    def __init__(
        self, shape: Any, dtype: Any, origin: tuple[Any, ...] | None = None, name: str = "input", entry: Any = None
    ) -> None:
        self.shape = TensorShape(shape)
        self.dtype = _dtypes.as_dtype(dtype)
        self.name = name
        self._origin = origin
        # The layer that stands for an input of a model.
        self._entry = entry

    def sample(self) -> Any:
        """Return zeros of this shape, for one example."""
        return cast(zeros([1 if each is None else each for each in self.shape]), self.dtype)

    def __repr__(self) -> str:
        return f"<KerasTensor: shape={self.shape} dtype={self.dtype.name} (created by layer '{self.name}')>"


KerasTensor.__module__ = "keras.engine.keras_tensor"


class Call:
    """One call of a layer on symbolic tensors; `owner` is the model that made it."""

    def __init__(self, layer: Any, inputs: Any, args: Any, kwargs: Any, owner: Any) -> None:
        self.layer, self.inputs, self.args, self.kwargs, self.owner = layer, inputs, args, kwargs, owner
        self.outputs: Any = None

    def sources(self) -> list[KerasTensor]:
        """Return the symbolic tensors among the inputs."""
        return [each for each in flat(self.inputs) if isinstance(each, KerasTensor)]


class _State(threading.local):
    def __init__(self) -> None:
        # Whether layers see zeros in place of inputs, or batches of which the last one may be smaller.
        self.sampling = False


_state = _State()


def sampling() -> bool:
    """Return whether the number of examples says nothing about later calls."""
    return _state.sampling


@contextmanager
def any_batch() -> Iterator[None]:
    """Let models take inputs of any number of examples from the calls within."""
    outer, _state.sampling = _state.sampling, True
    try:
        yield
    finally:
        _state.sampling = outer


def _open(source: TensorShape, shape: TensorShape) -> TensorShape:
    """Return a shape with the sizes unknown that depend on what is unknown of the source."""
    sizes = list(shape)
    if source.rank and sizes and source[0] is None:
        sizes[0] = None
    if len(sizes) == source.rank:
        inner = range(1, len(sizes) - 1)
        sizes = [None if axis in inner and source[axis] is None else size for axis, size in enumerate(sizes)]
    return TensorShape(sizes)


def connected(layer: Any, inputs: Any, result: Any, args: Any = (), kwargs: Any = None, owner: Any = None) -> Any:
    """Note a layer's call with symbolic inputs, whose result is known; return its symbolic outputs."""
    call = Call(layer, inputs, args, kwargs or {}, owner)
    source = call.sources()[0].shape
    made = iter(
        KerasTensor(_open(source, each.shape), each.dtype, (call, place), layer.name)
        for place, each in enumerate(flat(result))
    )
    call.outputs = mapped(lambda _: next(made), result)
    layer._symbolic_calls.append(call)
    return call.outputs


def sampled(layer: Any, inputs: Any, args: Any = (), kwargs: Any = None) -> Any:
    """Return what a layer makes of zeros in the shapes of symbolic inputs."""
    sample = mapped(lambda each: each.sample() if isinstance(each, KerasTensor) else each, inputs)
    with any_batch():
        return layer(sample, *args, **(kwargs or {}))


def symbolic_call(layer: Any, inputs: Any, args: Any = (), kwargs: Any = None, owner: Any = None) -> Any:
    """Return symbolic outputs of a layer; it sees zeros, so that it makes its weights."""
    return connected(layer, inputs, sampled(layer, inputs, args, kwargs), args, kwargs, owner)


def calls_of(outputs: Any) -> list[Call]:
    """Return the calls between inputs and outputs, each after those it depends on."""
    found: list[Call] = []
    seen: set[int] = set()

    def visit(tensor: Any) -> None:
        if tensor._origin is None or id(tensor._origin[0]) in seen:
            return
        call = tensor._origin[0]
        seen.add(id(call))
        for each in call.sources():
            visit(each)
        found.append(call)

    for each in flat(outputs):
        visit(each)
    return found


def by_depth(outputs: Any) -> list[Call]:
    """Return the calls between inputs and outputs, those furthest from the outputs first."""
    calls = calls_of(outputs)
    depth = {id(each): 0 for each in calls}
    for call in reversed(calls):
        for each in call.sources():
            if each._origin is not None:
                before = id(each._origin[0])
                depth[before] = max(depth[before], depth[id(call)] + 1)
    return sorted(calls, key=lambda each: -depth[id(each)])


def evaluated(inputs: Any, outputs: Any, values: Any) -> Any:
    """Return the outputs' values for values of the inputs, by calling the layers again."""
    known = {id(tensor): value for tensor, value in zip(flat(inputs), flat(values), strict=True)}
    results: dict[int, Any] = {}

    def value_of(tensor: Any) -> Any:
        if not isinstance(tensor, KerasTensor):
            return tensor
        if id(tensor) not in known:
            if tensor._origin is None:
                raise ValueError(f"Graph disconnected: cannot obtain value for tensor {tensor!r}")
            call, place = tensor._origin
            if id(call) not in results:
                results[id(call)] = flat(call.layer(mapped(value_of, call.inputs), *call.args, **call.kwargs))
            known[id(tensor)] = results[id(call)][place]
        return known[id(tensor)]

    return mapped(value_of, outputs)
