"""A table of a model's layers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .. import autograd, random
from .._arguments import sizes as as_sizes
from .._dtype import float32
from .._table import Table, count_text, sizes_text
from ..creation import zeros
from ..nn.modes import evaluating
from ..tensor import Tensor
from .chain import kind_of
from .fields import ReceptiveFields, receptive_field

if TYPE_CHECKING:
    from ..nn import Module


@dataclass(frozen=True)
class LayerSummary:
    """One call of a layer.

    Attributes
    ----------
    name : str
        The layer's path in the model.
    layer : str
        The layer's class.
    output_shape : tuple of int, or None
        None when the layer returns no tensor.
    parameters : int
        How many numbers the layer has to learn, without those of layers within it; 0 from its second call on.
    multiply_adds : int
        How many products are added up, for convolutions and linear layers; 0 for all others.
    receptive_field : tuple of int, or None
        What an output sees of the input along each spatial axis; None when it is not known.

    Example
    -------
    >>> sc.summary(nn.Sequential(nn.Linear(2, 3)), (1, 2))[0].parameters
    9
    """

    name: str
    layer: str
    output_shape: tuple[int, ...] | None
    parameters: int
    multiply_adds: int
    receptive_field: tuple[int, ...] | None


class Summary(Sequence[LayerSummary]):
    """The layers of a model in the order of their calls. Its text is a table.

    Attributes
    ----------
    layers : tuple of LayerSummary
        The lines of the table.
    parameters : int
        How many numbers the model has to learn, each counted once.
    frozen : int
        How many of them require no gradient.
    multiply_adds : int
        The sum over all layers.

    Example
    -------
    >>> len(sc.summary(nn.Sequential(nn.Linear(2, 3), nn.ReLU()), (1, 2))) >= 2
    True
    """

    def __init__(
        self, model: Module, input_shape: tuple[int, ...], layers: Sequence[LayerSummary], has_cut_fields: bool
    ) -> None:
        self.layers = tuple(layers)
        self.input_shape = input_shape
        counts = [(parameter.numel(), parameter.requires_grad, parameter.dtype) for parameter in model.parameters()]
        self.parameters = sum(count for count, _, _ in counts)
        self.frozen = sum(count for count, is_trained, _ in counts if not is_trained)
        self.byte_count = sum(count * dtype.itemsize for count, _, dtype in counts)
        self.multiply_adds = sum(each.multiply_adds for each in self.layers)
        self._title = f"{type(model).__name__}, input {sizes_text(input_shape)}"
        self._has_cut_fields = has_cut_fields

    def __len__(self) -> int:
        return len(self.layers)

    def __iter__(self) -> Iterator[LayerSummary]:
        return iter(self.layers)

    def __getitem__(self, which: Any) -> Any:
        return self.layers[which]

    def _table(self) -> Table:
        rows = [
            [
                each.name,
                each.layer,
                sizes_text(each.output_shape),
                count_text(each.parameters),
                count_text(each.multiply_adds),
                sizes_text(each.receptive_field),
            ]
            for each in self.layers
        ]
        frozen = f", {count_text(self.frozen)} of them frozen" if self.frozen else ""
        notes = [
            f"Parameters: {count_text(self.parameters)}{frozen} ({_bytes_text(self.byte_count)})",
            f"Multiply-adds: {count_text(self.multiply_adds)}",
        ]
        if self._has_cut_fields:
            notes.append("Receptive fields are measured within this input; a larger one may show larger fields.")
        headings = ("Name", "Layer", "Output ", "Parameters ", "Multiply-adds ", "Receptive field ")
        return Table(self._title, headings, rows, notes)

    def __repr__(self) -> str:
        return str(self._table())

    def _repr_html_(self) -> str:
        return self._table()._repr_html_()


def _bytes_text(count: int) -> str:
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.3g} {unit}" if unit != "bytes" else f"{count} bytes"
        count = count / 1000
    return f"{count:.3g} GB"


def summary(model: Module, input_shape: Sequence[int] | Tensor, *, receptive_fields: bool = True) -> Summary:
    """Return a table of a model's layers: what they make, cost and see.

    The model computes one output in evaluation mode, without recording. Parameters, gradients, buffers, training modes
    and the state of the random numbers are afterwards what they were; only lazy layers get their shapes, as from any
    first input.

    Parameters
    ----------
    model : Module
        Any model. Layers that are called several times have a line for each call.
    input_shape : sequence of int, or Tensor
        The input's shape with the batch, as ``(N, C, H, W)``, or an input.
    receptive_fields : bool
        Whether to find out what the layers see. In large models with branches, measuring that takes seconds.

    Returns
    -------
    Summary
        ``print`` it, or let a notebook show it.

    Source
    ------
    Dive into Deep Learning, sections 7.2.6 and 7.6.1 (``layer_summary``).

    Example
    -------
    >>> net = nn.Sequential(nn.Conv2d(1, 6, kernel_size=5, padding=2), nn.Sigmoid(), nn.Flatten(), nn.Linear(4704, 10))
    >>> sc.summary(net, (1, 1, 28, 28))
    Sequential, input 1 × 1 × 28 × 28
    ───────────────────────────────────────────────────────────────────────────────
    Name   Layer             Output   Parameters   Multiply-adds   Receptive field
    ───────────────────────────────────────────────────────────────────────────────
    0      Conv2d    1 × 6 × 28 × 28          156         117,600             5 × 5
    1      Sigmoid   1 × 6 × 28 × 28            0               0             5 × 5
    2      Flatten          1 × 4704            0               0             5 × 5
    3      Linear             1 × 10       47,050          47,040           32 × 32
    ───────────────────────────────────────────────────────────────────────────────
    Parameters: 47,206 (189 kB)
    Multiply-adds: 164,640
    """
    from ..nn import Module

    if not isinstance(model, Module):
        raise TypeError(f"summary: model must be a Module, got {type(model).__name__}")
    if isinstance(input_shape, Tensor):
        x = input_shape.detach()
    else:
        dtype = next((each.dtype for each in model.parameters() if each.is_floating_point()), float32)
        x = zeros(as_sizes((tuple(input_shape),), "summary: input_shape"), dtype=dtype)
    calls = _calls(model, x)
    shape = tuple(x.shape)
    fields = _fields(model, shape) if receptive_fields else None
    layers = []
    counted: set[int] = set()
    seen: dict[str, int] = {}
    for name, module, inputs, output in calls:
        own = [each for each in module._parameters.values() if each is not None and id(each) not in counted]
        counted.update(map(id, own))
        sizes = _field_of(fields, name, seen)
        layers.append(
            LayerSummary(
                name,
                type(module).__name__,
                output,
                sum(each.numel() for each in own),
                _multiply_adds(module, inputs, output),
                sizes,
            )
        )
    return Summary(model, shape, layers, fields is not None and any(each.is_cut for each in fields))


def _calls(model: Module, x: Tensor) -> list[tuple[str, Module, Any, Any]]:
    """Every call of a layer with the shapes that went in and came out."""
    calls: list[tuple[str, Module, Any, Any]] = []

    def recorder(name: str) -> Any:
        def record(module: Module, args: Any, output: Any) -> None:
            calls.append((name, module, _shape_of(args), _shape_of(output)))

        return record

    generator = random.default_generator()
    state = generator.bit_generator.state
    handles = []
    try:
        for name, module in model.named_modules():
            if not module._modules or module._parameters:
                handles.append(module.register_forward_hook(recorder(name)))
        with evaluating(model), autograd.no_grad():
            model(x)
    finally:
        for handle in handles:
            handle.remove()
        generator.bit_generator.state = state
    return calls


def _shape_of(value: Any) -> tuple[int, ...] | None:
    """The shape of the tensor that a layer took or returned, the first one of several."""
    while isinstance(value, (tuple, list)) and value:
        value = value[0]
    shape = getattr(value, "shape", None)
    return None if shape is None else tuple(shape)


def _fields(model: Module, shape: tuple[int, ...]) -> ReceptiveFields | None:
    # Rows of features are no images, although they have two axes as the images of `Conv2D` have.
    if len(shape) < 2 or (len(shape) == 2 and any(kind_of(module) == "Linear" for module in model.modules())):
        return None
    try:
        return receptive_field(model, shape)
    except ValueError:
        # Models without places, such as perceptrons, and models that cannot be copied still have the other columns.
        return None


def _field_of(fields: ReceptiveFields | None, name: str, seen: dict[str, int]) -> tuple[int, ...] | None:
    """The field that belongs to the next call of a layer."""
    if fields is None:
        return None
    found = [each for each in fields if each.name == name]
    number = seen.get(name, 0)
    seen[name] = number + 1
    return found[number].size if number < len(found) else None


def _multiply_adds(module: Any, inputs: tuple[int, ...] | None, output: tuple[int, ...] | None) -> int:
    kind = kind_of(module)
    if inputs is None or output is None:
        return 0
    weight = getattr(module, "weight", None)
    if kind in ("Conv1d", "Conv2d", "Conv3d", "Linear"):
        # Every output adds up one product per weight of its channel.
        return _product(output) * _product(weight.shape[1:])
    if kind in ("ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"):
        # Every input goes into one product per weight of its channel.
        return _product(inputs) * _product(weight.shape[1:])
    if kind == "Conv2D":
        return _product(output) * _product(weight.shape)
    return 0


def _product(sizes: Sequence[int]) -> int:
    result = 1
    for size in sizes:
        result *= size
    return result
