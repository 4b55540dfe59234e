"""Inputs without values, and the models made of calls on them."""

from __future__ import annotations

from typing import Any

from .. import _dtypes
from .._create import cast, zeros
from .._nest import flat, mapped
from .._shape import TensorShape


class KerasTensor:
    """What ``tf.keras.Input`` and layers called on it return: a shape, and the call it comes from."""

    def __init__(self, shape: Any, dtype: Any, origin: tuple[Any, ...] | None = None, name: str = "input") -> None:
        self.shape = TensorShape(shape)
        self.dtype = _dtypes.as_dtype(dtype)
        self.name = name
        self._origin = origin

    def sample(self) -> Any:
        """Return zeros of this shape, for one example."""
        return cast(zeros([1 if each is None else each for each in self.shape]), self.dtype)

    def __repr__(self) -> str:
        return f"<KerasTensor: shape={self.shape} dtype={self.dtype.name} (created by layer '{self.name}')>"


class _Call:
    """One call of a layer on symbolic tensors."""

    def __init__(self, layer: Any, inputs: Any, args: Any, kwargs: Any) -> None:
        self.layer, self.inputs, self.args, self.kwargs = layer, inputs, args, kwargs


def symbolic_call(layer: Any, inputs: Any, args: Any, kwargs: Any) -> Any:
    """Return symbolic outputs of a layer; it sees zeros, so that it makes its weights."""
    sample = mapped(lambda each: each.sample() if isinstance(each, KerasTensor) else each, inputs)
    result = layer(sample, *args, **kwargs)
    call = _Call(layer, inputs, args, kwargs)
    leaves = flat(result)
    made = iter(
        KerasTensor((None, *each.shape[1:]), each.dtype, (call, place), layer.name) for place, each in enumerate(leaves)
    )
    return mapped(lambda _: next(made), result)


def layers_of(outputs: Any) -> list[Any]:
    """Return the layers between inputs and outputs in the order of their calls."""
    found: dict[int, Any] = {}
    seen: set[int] = set()

    def visit(tensor: Any) -> None:
        if not isinstance(tensor, KerasTensor) or id(tensor) in seen:
            return
        seen.add(id(tensor))
        if tensor._origin is not None:
            call = tensor._origin[0]
            for each in flat(call.inputs):
                visit(each)
            found.setdefault(id(call.layer), call.layer)

    for each in flat(outputs):
        visit(each)
    return list(found.values())


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
