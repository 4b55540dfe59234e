"""What part of the input each element of a network sees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, overload

from .._arguments import sizes as as_sizes
from .._table import Table, sizes_text

if TYPE_CHECKING:
    from ..nn import Module

    Numbers = tuple[int, ...]


@dataclass(frozen=True)
class Field:
    """The receptive fields of one layer's outputs, per spatial axis.

    The output at position ``p`` sees the inputs from ``start + p * jump`` up to, without, ``start + p * jump + size``.

    Attributes
    ----------
    name : str
        The layer's path in the model.
    layer : str
        The layer's class.
    size : tuple of int
        How many inputs an output reaches over. With dilation, it may not use all of those in between.
    jump : tuple of float, or None
        How many inputs two neighbouring outputs lie apart: the product of all strides. None where there are no
        neighbours, or none could be told apart.
    start : tuple of float, or None
        Where the first output's field begins; negative numbers lie in the padding. None where `jump` is.
    is_measured : bool
        Found by gradients at the middle of the output, or of all of it where it has no places, rather than by
        arithmetic.
    is_cut : bool
        Measured, and up to the border of the input: a larger input may show a larger field.
    input_size : tuple of int, or None
        The sizes of the input along its spatial axes, when known.

    Example
    -------
    >>> net = nn.Sequential(nn.Conv2d(1, 1, 3, padding=1), nn.MaxPool2d(2))
    >>> sc.receptive_field(net, (1, 1, 8, 8))["1"]
    Field(name='1', layer='MaxPool2d', size=(4, 4), jump=(2, 2), start=(-1, -1), is_measured=False, is_cut=False)
    """

    name: str
    layer: str
    size: Numbers
    jump: tuple[float, ...] | None
    start: tuple[float, ...] | None
    is_measured: bool = False
    is_cut: bool = False
    input_size: Numbers | None = field(default=None, repr=False)

    def box(self, position: Sequence[int] | None = None) -> tuple[slice, ...]:
        """Return the part of the input that one output sees, as an index of the input's spatial axes.

        Parameters
        ----------
        position : sequence of int, optional
            The output's position along the spatial axes; may be left out for layers after the last spatial one.

        Raises
        ------
        ValueError
            When the position is missing or has another number of axes.

        Example
        -------
        >>> image = sc.arange(64).reshape(8, 8)
        >>> net = nn.Sequential(nn.Conv2d(1, 1, 3), nn.MaxPool2d(2))
        >>> box = sc.receptive_field(net, (1, 1, 8, 8)).output.box((0, 1))
        >>> box
        (slice(0, 4, None), slice(2, 6, None))
        >>> image[box]
        tensor([[ 2,  3,  4,  5],
                [10, 11, 12, 13],
                [18, 19, 20, 21],
                [26, 27, 28, 29]])
        """
        rank = len(self.size)
        if self.jump is None or self.start is None:
            # Such an output sees everything, or everything that could be measured.
            starts: list[float] = list(self.start or (0,) * rank)
        else:
            if position is None:
                raise ValueError(f"box: layer {self.name!r} has an output at each position; say which one")
            position = as_sizes((tuple(position),), "box: position")
            if len(position) != rank:
                raise ValueError(f"box: position {tuple(position)} must have {rank} numbers")
            starts = [start + p * jump for start, p, jump in zip(self.start, position, self.jump, strict=True)]
        slices = []
        for axis, (start, size) in enumerate(zip(starts, self.size, strict=True)):
            low = int(start // 1)
            high = low + size
            if self.input_size is not None:
                high = min(high, self.input_size[axis])
            slices.append(slice(max(low, 0), max(high, low, 0)))
        return tuple(slices)


class ReceptiveFields(Sequence[Field]):
    """The receptive fields of all layers of a model, in the order of computation.

    Index it by a number or by a layer's path. Its text is a table.

    Attributes
    ----------
    output : Field
        The field of the model's output.

    Example
    -------
    >>> isinstance(sc.receptive_field(nn.Sequential(nn.Conv2d(1, 1, 3)), (1, 1, 8, 8)), sc.inspection.ReceptiveFields)
    True
    """

    def __init__(self, model: str, fields: Sequence[Field], input_size: Numbers | None) -> None:
        self.model, self.input_size, self._fields = model, input_size, tuple(fields)

    @property
    def output(self) -> Field:
        """The field of the model's output.

        Example
        -------
        >>> net = nn.Sequential(nn.Conv2d(1, 1, 3), nn.Conv2d(1, 1, 3))
        >>> sc.receptive_field(net, (1, 1, 8, 8)).output.size
        (5, 5)
        """
        return self._fields[-1]

    def __len__(self) -> int:
        return len(self._fields)

    def __iter__(self) -> Iterator[Field]:
        return iter(self._fields)

    @overload
    def __getitem__(self, which: int | str) -> Field: ...

    @overload
    def __getitem__(self, which: slice) -> tuple[Field, ...]: ...

    def __getitem__(self, which: Any) -> Any:
        if not isinstance(which, str):
            return self._fields[which]
        for each in self._fields:
            if each.name == which:
                return each
        names = ", ".join(repr(each.name) for each in self._fields)
        raise KeyError(f"receptive_field: there is no layer {which!r}; there are {names}")

    def _table(self) -> Table:
        rows = [
            [
                each.name,
                each.layer,
                ("≥ " if each.is_cut else "") + sizes_text(each.size),
                sizes_text(None if each.jump is None else [f"{step:g}" for step in each.jump]),
                "–" if each.start is None else ", ".join(f"{place:g}" for place in each.start),
            ]
            for each in self._fields
        ]
        notes = ["Measured by gradients at the middle of each output."] if self._fields[0].is_measured else []
        if any(each.is_cut for each in self._fields):
            notes.append("≥: up to the border of the input.")
        size = "" if self.input_size is None else f", input {sizes_text(self.input_size)}"
        return Table(
            f"Receptive fields of {self.model}{size}", ("Name", "Layer", "Size ", "Jump ", "Start "), rows, notes
        )

    def __repr__(self) -> str:
        return str(self._table())

    def _repr_html_(self) -> str:
        return self._table()._repr_html_()


def receptive_field(
    model: Module, input_shape: Sequence[int] | None = None, *, method: str = "auto"
) -> ReceptiveFields:
    r"""Return what part of the input every layer's outputs see.

    In a chain of layers, a window of :math:`k` elements with dilation :math:`d`, stride :math:`s` and padding :math:`p`
    makes of the field (size :math:`r`, jump :math:`j`, start :math:`a`)

    .. math:: r' = r + (k - 1) \, d \, j, \qquad a' = a - p \, j, \qquad j' = s \, j .

    Models that are not such chains, with branches or with layers of your own, are measured instead: with positive
    weights in a copy of the model, the gradient of one output is different from zero exactly where the output sees the
    input. Where branches meet, that is the union of what they see; of a maximum of branches, only the larger one
    counts.

    Parameters
    ----------
    model : Module
        Its parameters, state and mode are left alone. Batch normalization is taken as it is in evaluation, where images
        do not see each other.
    input_shape : sequence of int, optional
        The input's shape ``(N, C, *spatial)``, or ``(H, W)`` for `Conv2D`. Needed for measuring, and for layers that
        see the whole image, such as `Linear`.
    method : {"auto", "derive", "measure"}
        "auto" derives where that is possible and measures elsewhere.

    Returns
    -------
    ReceptiveFields
        One `Field` per layer. A field may be larger than the input: the rest of it is padding.

    Raises
    ------
    ValueError
        When the shape is needed but missing, when it has no spatial axes, or when the fields cannot be derived.

    Source
    ------
    Dive into Deep Learning, section 7.2.6. Araujo, Norris, Sim, "Computing receptive fields of convolutional neural
    networks", DOI 10.23915/distill.00021.

    Example
    -------
    >>> net = nn.Sequential(nn.Conv2d(1, 6, kernel_size=5, padding=2), nn.ReLU(), nn.Conv2d(6, 16, 3, stride=2))
    >>> sc.receptive_field(net)
    Receptive fields of Sequential
    ──────────────────────────────────────
    Name   Layer     Size    Jump    Start
    ──────────────────────────────────────
    0      Conv2d   5 × 5   1 × 1   -2, -2
    1      ReLU     5 × 5   1 × 1   -2, -2
    2      Conv2d   7 × 7   2 × 2   -2, -2
    >>> sc.receptive_field(net)["2"].box((3, 4))
    (slice(4, 11, None), slice(6, 13, None))
    """
    from ..nn import Module
    from .chain import NotAChain, derive
    from .probe import measure

    if not isinstance(model, Module):
        raise TypeError(f"receptive_field: model must be a Module, got {type(model).__name__}")
    if method not in ("auto", "derive", "measure"):
        raise ValueError(f"receptive_field: method must be 'auto', 'derive' or 'measure', got {method!r}")
    shape = None if input_shape is None else as_sizes((tuple(input_shape),), "receptive_field: input_shape")
    spatial = None if shape is None else spatial_sizes(shape)
    fields = None
    if method != "measure":
        try:
            fields = derive(model, spatial)
        except NotAChain as reason:
            if method == "derive":
                raise ValueError(f"receptive_field: {reason}") from None
            if shape is None:
                raise ValueError(
                    f"receptive_field: {reason}; give input_shape, so that the fields can be measured"
                ) from None
    if fields is None:
        if shape is None:
            raise ValueError("receptive_field: give input_shape, so that the fields can be measured")
        fields = measure(model, shape)
    return ReceptiveFields(type(model).__name__, fields, spatial)


def spatial_sizes(shape: Numbers) -> Numbers:
    """Return the sizes of the axes that are places in an image: all after batch and channels, or both of a matrix."""
    spatial = shape if len(shape) == 2 else shape[2:]
    if not spatial or min(shape) < 1:
        raise ValueError(f"receptive_field: input_shape {shape} must be (N, C, *spatial) with positive sizes")
    return spatial
