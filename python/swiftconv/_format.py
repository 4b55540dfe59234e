"""How tensors print: PyTorch's layout, to the character."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy

from . import _dtype

if TYPE_CHECKING:
    from .tensor import Tensor


class _Options:
    precision: int = 4
    threshold: float = 1000
    edgeitems: int = 3
    linewidth: int = 80
    sci_mode: bool | None = None


_options = _Options()

_PROFILES: dict[str, dict[str, Any]] = {
    "default": {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80},
    "short": {"precision": 2, "threshold": 1000, "edgeitems": 2, "linewidth": 80},
    "full": {"precision": 4, "threshold": math.inf, "edgeitems": 3, "linewidth": 80},
}


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Set how tensors print.

    Parameters
    ----------
    precision : int, optional
        Digits after the decimal point; 4 at first.
    threshold : int, optional
        Tensors with more elements are summarised; 1000 at first.
    edgeitems : int, optional
        Elements shown at each end of an axis of a summarised tensor; 3 at first.
    linewidth : int, optional
        Characters in a line; 80 at first.
    profile : {"default", "short", "full"}, optional
        Values for the four above.
    sci_mode : bool, optional
        Scientific notation always or never; None lets every tensor decide.

    Example
    -------
    >>> sc.set_printoptions(precision=2)
    >>> sc.tensor([1.23456])
    tensor([1.23])
    >>> sc.set_printoptions(profile="default")
    """
    chosen: dict[str, Any] = {}
    if profile is not None:
        if profile not in _PROFILES:
            raise ValueError(f"set_printoptions: profile {profile!r} is not one of {', '.join(_PROFILES)}")
        chosen.update(_PROFILES[profile])
    given = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems, "linewidth": linewidth}
    chosen.update({name: value for name, value in given.items() if value is not None})
    for name, value in chosen.items():
        if not value >= (1 if name == "linewidth" else 0):
            raise ValueError(f"set_printoptions: {name} must not be so small, got {value}")
    for name, value in chosen.items():
        setattr(_options, name, value)
    _options.sci_mode = sci_mode


class _Formatter:
    """Finds one notation and one width for all elements."""

    def __init__(self, values: numpy.ndarray) -> None:
        self.is_float = values.dtype.kind == "f"
        self.int_mode = True
        self.sci_mode = False
        self.width = 1
        if self.is_float:
            self._fit_floats(values)
        else:
            self.width = max((len(str(value)) for value in values.ravel().tolist()), default=1)

    def _fit_floats(self, values: numpy.ndarray) -> None:
        flat = values.astype(numpy.float64).ravel()
        shown = flat[numpy.isfinite(flat) & (flat != 0)]
        if shown.size:
            self.int_mode = bool((shown == numpy.ceil(shown)).all())
            largest, smallest = float(numpy.abs(shown).max()), float(numpy.abs(shown).min())
            is_wide = largest > 1000 * smallest or largest > 1e8
            self.sci_mode = is_wide or (smallest < 1e-4 and not self.int_mode)
        if _options.sci_mode is not None:
            self.sci_mode = _options.sci_mode
        self.width = max((len(self._digits(value)) for value in shown.tolist()), default=1)

    def _digits(self, value: float) -> str:
        if self.sci_mode:
            return f"{value:.{_options.precision}e}"
        if self.int_mode:
            return f"{value:.0f}" + ("." if math.isfinite(value) else "")
        return f"{value:.{_options.precision}f}"

    def __call__(self, value: Any) -> str:
        return (self._digits(value) if self.is_float else str(value)).rjust(self.width)


def _summarised(values: numpy.ndarray) -> numpy.ndarray:
    """Only the elements that a summary shows, as a flat array."""
    edge = _options.edgeitems
    index = [numpy.r_[0:edge, size - edge : size] if size > 2 * edge else numpy.arange(size) for size in values.shape]
    return values[numpy.ix_(*index)]


def _vector(values: numpy.ndarray, indent: int, summarise: bool, form: _Formatter) -> str:
    edge = _options.edgeitems
    if summarise and not edge:
        items = ["..."]
    elif summarise and len(values) > 2 * edge:
        items = [*map(form, values[:edge].tolist()), " ...", *map(form, values[-edge:].tolist())]
    else:
        items = [form(value) for value in values.tolist()]
    per_line = max(1, (_options.linewidth - indent) // (form.width + 2))
    lines = [", ".join(items[start : start + per_line]) for start in range(0, len(items), per_line)]
    return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"


def _nested(values: numpy.ndarray, indent: int, summarise: bool, form: _Formatter) -> str:
    if values.ndim == 0:
        return form(values.item())
    if values.ndim == 1:
        return _vector(values, indent, summarise, form)
    edge, size = _options.edgeitems, len(values)

    def part(start: int, stop: int) -> list[str]:
        return [_nested(values[i], indent + 1, summarise, form) for i in range(start, stop)]

    parts = part(0, edge) + ["..."] + part(size - edge, size) if summarise and size > 2 * edge else part(0, size)
    return "[" + ("," + "\n" * (values.ndim - 1) + " " * (indent + 1)).join(parts) + "]"


def _join_suffixes(text: str, suffixes: list[str], indent: int) -> str:
    parts = [text]
    length = len(text) - text.rfind("\n") + 1
    for suffix in suffixes:
        if length + len(suffix) + 2 > _options.linewidth:
            parts.append(",\n" + " " * indent + suffix)
            length = indent + len(suffix)
        else:
            parts.append(", " + suffix)
            length += len(suffix) + 2
    return "".join(parts) + ")"


def format_array(values: numpy.ndarray, suffixes: list[str], prefix: str = "tensor(") -> str:
    """Return the text of a tensor with these elements; `suffixes` are what follows the elements."""
    indent = len(prefix)
    if values.size == 0:
        return _join_suffixes(prefix + "[]", suffixes, indent)
    summarise = values.size > _options.threshold
    form = _Formatter(_summarised(values) if summarise else values)
    return _join_suffixes(prefix + _nested(values, indent, summarise, form), suffixes, indent)


def tensor_repr(tensor: Tensor) -> str:
    """Return what ``repr(tensor)`` shows."""
    suffixes = []
    is_empty = tensor.numel() == 0
    if (is_empty and tensor.ndim != 1) or (not is_empty and not _options.edgeitems):
        suffixes.append(f"size={tuple(tensor.shape)}")
    # An empty tensor has no elements from which a reader could tell an integer type.
    usual = (_dtype.float32,) if is_empty else (_dtype.float32, _dtype.int64, _dtype.bool)
    if tensor.dtype not in usual:
        suffixes.append(f"dtype={tensor.dtype}")
    if tensor._grad_fn_name is not None:
        suffixes.append(f"grad_fn=<{tensor._grad_fn_name}>")
    elif tensor.requires_grad:
        suffixes.append("requires_grad=True")
    return format_array(tensor.detach().numpy(), suffixes)
