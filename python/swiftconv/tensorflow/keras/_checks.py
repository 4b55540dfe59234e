"""What layers say when inputs do not fit them."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Iterator
from typing import Any

from .._nest import flat, mapped
from .._shape import TensorShape
from .._tensor import Operand


class InputSpec:
    """What a layer expects of an input: its rank, or the sizes of some axes.

    Example
    -------
    >>> from swiftconv.tensorflow.keras._checks import InputSpec
    >>> InputSpec(min_ndim=2, axes={-1: 4})
    InputSpec(min_ndim=2, axes={-1: 4})
    """

    def __init__(
        self,
        dtype: Any = None,
        shape: Any = None,
        ndim: int | None = None,
        max_ndim: int | None = None,
        min_ndim: int | None = None,
        axes: dict[int, int] | None = None,
    ) -> None:
        self.dtype, self.ndim, self.max_ndim, self.min_ndim = dtype, ndim, max_ndim, min_ndim
        self.shape = None if shape is None else tuple(shape)
        self.axes = dict(axes or {})

    def __repr__(self) -> str:
        names = ("dtype", "shape", "ndim", "max_ndim", "min_ndim", "axes")
        said = [f"{name}={getattr(self, name)}" for name in names if getattr(self, name)]
        return f"InputSpec({', '.join(said)})"

    def fault(self, shape: TensorShape) -> str | None:
        """Return what is wrong with an input of this shape, or None."""
        rank, full = shape.rank, f"Full shape received: {tuple(shape)}"
        if self.ndim is not None and rank != self.ndim:
            return f"expected ndim={self.ndim}, found ndim={rank}. {full}"
        if self.max_ndim is not None and rank > self.max_ndim:
            return f"expected max_ndim={self.max_ndim}, found ndim={rank}"
        if self.min_ndim is not None and rank < self.min_ndim:
            return f"expected min_ndim={self.min_ndim}, found ndim={rank}. {full}"
        for axis, size in self.axes.items():
            if size is not None and shape[axis] not in (size, None):
                return f"expected axis {axis} of input shape to have value {size}, but received input with shape " + (
                    str(tuple(shape))
                )
        if self.shape is not None:
            sizes = zip(self.shape, shape, strict=False)
            if len(self.shape) != rank or any(None not in pair and pair[0] != pair[1] for pair in sizes):
                return f"expected shape={self.shape}, found shape={tuple(shape)}"
        return None


InputSpec.__module__ = "keras.engine.input_spec"


def check_inputs(name: str, expected: Any, inputs: Any) -> None:
    """Raise ValueError when the inputs of a layer are not what it expects.

    Parameters
    ----------
    name : str
        The layer's name.
    expected : InputSpec or list of InputSpec
        One for every input.
    inputs : structure of tensors
        What the layer is called with.
    """
    specs, given = flat(expected), flat(inputs)
    if len(specs) != len(given):
        raise ValueError(
            f'Layer "{name}" expects {len(specs)} input(s), but it received {len(given)} input tensors. '
            f"Inputs received: {given}"
        )
    for number, (spec, each) in enumerate(zip(specs, given, strict=True)):
        if not hasattr(each, "shape"):
            raise TypeError(f"Inputs to a layer should be tensors. Got: {each}")
        fault = spec.fault(TensorShape(each.shape))
        if fault is not None:
            raise ValueError(f'Input {number} of layer "{name}" is incompatible with the layer: {fault}')


def check_padding(padding: str) -> str:
    """Return what a padding is called, or raise ValueError for one that is not there."""
    if padding.lower() not in ("valid", "same"):
        raise ValueError(
            'The `padding` argument must be a list/tuple or one of "valid", "same" (or "causal", only for '
            f"`Conv1D). Received: {padding.lower()}"
        )
    return padding.lower()


def unknown(kind: str, name: Any) -> str:
    """Return what is said of a name that means nothing."""
    return (
        f"Unknown {kind}: '{name}'. Please ensure you are using a `keras.utils.custom_object_scope` and that this "
        "object is included in the scope. See https://www.tensorflow.org/guide/keras/save_and_serialize"
        "#registering_the_custom_object for details."
    )


def _shown(value: Any) -> str:
    if isinstance(value, Operand):
        return f"tf.Tensor(shape={value.shape}, dtype={value.dtype.name})"
    return repr(value)


@contextlib.contextmanager
def told_arguments(shown_name: str, call: Callable[..., Any], args: Any, kwargs: Any) -> Iterator[None]:
    """Add to errors of a layer's call, unless a layer within did so, what the layer was called with."""
    try:
        yield
    except Exception as error:
        if getattr(error, "_tells_arguments", False):
            raise
        signature = inspect.signature(call)
        try:
            bound = signature.bind(*args, **kwargs).arguments
        except TypeError:
            raise error from None
        lines = [
            f"  • {name}={mapped(_shown, bound[name]) if name in bound else parameter.default}"
            for name, parameter in signature.parameters.items()
        ]
        if not lines:
            raise
        message = str(error.args[0]) if error.args else ""
        text = f"Exception encountered when calling {shown_name}.\n\n{message}\n\n" + "\n".join(
            [f"Call arguments received by {shown_name}:", *lines]
        )
        try:
            told = type(error)(text)
        except TypeError:
            told = RuntimeError(text)
        told._tells_arguments = True  # type: ignore[attr-defined]
        raise told.with_traceback(error.__traceback__) from None
