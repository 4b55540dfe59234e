"""Makers of the array's methods: operators, reductions, and functions of every element."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .. import _dtype, ops
from ..tensor import Tensor
from ._values import as_dtype, finish, unwrap, wrap
from .autograd import run

if TYPE_CHECKING:
    from .array import ndarray


def binary(function: Callable[..., Any], reflected: bool = False) -> Callable[..., Any]:
    """Return an operator's method."""

    def method(self: ndarray, other: Any) -> Any:
        if other is None or isinstance(other, (str, list, tuple, dict)):
            raise TypeError(f"type {type(other)} not supported")
        right = unwrap(other)
        return wrap(run(function, right, self._value) if reflected else run(function, self._value, right))

    return method


def in_place(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the method of an operator that writes in place."""

    def method(self: ndarray, other: Any) -> ndarray:
        self._check_writable()
        run(function, self._value, unwrap(other))
        return self

    return method


def unary(function: Callable[..., Any], summary: str) -> Callable[..., Any]:
    """Return a method that computes every element on its own."""

    def method(self: ndarray) -> ndarray:
        return wrap(run(function, self._value))

    method.__doc__ = summary
    return method


def view_of(function: Callable[..., Any], *arguments: Any) -> ndarray:
    """Return a view that a function gives, as an array with memory of its own: only slices share it."""
    return wrap(run(lambda: ops.clone(function(*arguments))))


def _axes(axis: Any) -> Any:
    return axis if axis is None else tuple(axis) if isinstance(axis, (tuple, list)) else int(axis)


def reduction(function: Callable[..., Any], summary: str, **fixed: Any) -> Callable[..., Any]:
    """Return a method that reduces axes."""

    def method(self: ndarray, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False) -> ndarray:
        def compute() -> Tensor:
            value = self._value
            if function in (ops.mean, ops.var, ops.std) and not value.dtype.is_floating_point:
                value = value.to(_dtype.float32)
            value = value if dtype is None else value.to(as_dtype(dtype))
            result = function(value, dim=_axes(axis), keepdim=bool(keepdims), **fixed)
            # Sums keep the dtype of integers; only those of truth values are counts.
            narrow = function in (ops.sum, ops.prod) and value.dtype in (_dtype.int32, _dtype.uint8)
            return result.to(value.dtype) if narrow else result

        return finish(wrap(run(compute)), out)

    method.__doc__ = summary
    return method


def position(function: Callable[..., Any], summary: str) -> Callable[..., Any]:
    """Return a method that finds places along an axis."""

    def method(self: ndarray, axis: int | None = None, out: Any = None) -> ndarray:
        return finish(wrap(run(function, self._value, dim=axis)), out)

    method.__doc__ = summary
    return method
