"""Making tensors that are filled with a value, or with a sequence of numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy

from . import _core, _dtype
from ._arguments import creation_size
from ._device import check_device
from ._device import device as Device
from .conversion import dtype_of, finished

if TYPE_CHECKING:
    from ._dtype import dtype as DType
    from .tensor import Tensor

__all__ = [
    "arange",
    "empty",
    "empty_like",
    "eye",
    "full",
    "full_like",
    "linspace",
    "ones",
    "ones_like",
    "zeros",
    "zeros_like",
]

_FULL = _core.operators["full"]


# ---- One value -------------------------------------------------------------------------------------------------------


def _filled(value: Any, shape: tuple[int, ...], dtype: Any, device: Any, requires_grad: bool, default: DType) -> Tensor:
    check_device(device)
    wanted = default if dtype is None else _dtype.to_dtype(dtype)
    result = _core.apply(_FULL, value, wanted.code, shape)
    if requires_grad:
        result.requires_grad = True
    return result


def zeros(
    *shape: Any,
    size: Any = None,
    dtype: DType | None = None,
    device: Device | str | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return a tensor of zeros.

    Parameters
    ----------
    *shape : int
        The sizes, as several numbers or as one sequence.
    size : sequence of int, optional
        Another place for the sizes.
    dtype : dtype, optional
        float32 unless given.
    device, requires_grad
        As for `tensor`.

    Raises
    ------
    ValueError
        When a size is negative or the tensor would have more than 8 axes.
    MemoryError
        When there is no room.

    Example
    -------
    >>> sc.zeros(2, 3)
    tensor([[0., 0., 0.],
            [0., 0., 0.]])
    """
    sizes = creation_size(shape, size, "zeros")
    return _filled(0, sizes, dtype, device, requires_grad, _dtype.float32)


def ones(
    *shape: Any,
    size: Any = None,
    dtype: DType | None = None,
    device: Device | str | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return a tensor of ones; arguments as for `zeros`.

    Example
    -------
    >>> sc.ones((2,), dtype=sc.int64)
    tensor([1, 1])
    """
    sizes = creation_size(shape, size, "ones")
    return _filled(1, sizes, dtype, device, requires_grad, _dtype.float32)


def empty(
    *shape: Any,
    size: Any = None,
    dtype: DType | None = None,
    device: Device | str | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return a tensor whose elements are whatever the memory holds; arguments as for `zeros`.

    Example
    -------
    >>> sc.empty(2, 3).shape
    swiftconv.Size([2, 3])
    """
    sizes = creation_size(shape, size, "empty")
    wanted = _dtype.float32 if dtype is None else _dtype.to_dtype(dtype)
    return finished(_core.empty(sizes, wanted.code), None, device, requires_grad)


def full(
    size: Any,
    fill_value: Any,
    *,
    dtype: DType | None = None,
    device: Device | str | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return a tensor with the same value everywhere, by default in the dtype of that value.

    Example
    -------
    >>> sc.full((2,), 7)
    tensor([7, 7])
    """
    shape = creation_size((size,), None, "full")
    default = fill_value.dtype if isinstance(fill_value, _core.TensorBase) else dtype_of(fill_value)
    if default is None:
        raise TypeError(f"full: expected a number, got {fill_value!r}")
    return _filled(fill_value, shape, dtype, device, requires_grad, default)


def zeros_like(input: Tensor, *, dtype: DType | None = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return zeros in the shape and dtype of another tensor.

    Example
    -------
    >>> sc.zeros_like(sc.tensor([1, 2]))
    tensor([0, 0])
    """
    return _filled(0, tuple(input.shape), dtype, device, requires_grad, input.dtype)


def ones_like(input: Tensor, *, dtype: DType | None = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return ones in the shape and dtype of another tensor.

    Example
    -------
    >>> sc.ones_like(sc.tensor([1.5, 2.5]))
    tensor([1., 1.])
    """
    return _filled(1, tuple(input.shape), dtype, device, requires_grad, input.dtype)


def full_like(
    input: Tensor,
    fill_value: Any,
    *,
    dtype: DType | None = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return one value everywhere in the shape and dtype of another tensor.

    Example
    -------
    >>> sc.full_like(sc.tensor([1.5, 2.5]), 3)
    tensor([3., 3.])
    """
    return _filled(fill_value, tuple(input.shape), dtype, device, requires_grad, input.dtype)


def empty_like(input: Tensor, *, dtype: DType | None = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return whatever the memory holds, in the shape and dtype of another tensor.

    Example
    -------
    >>> sc.empty_like(sc.zeros(3)).shape
    swiftconv.Size([3])
    """
    return empty(tuple(input.shape), dtype=dtype or input.dtype, device=device, requires_grad=requires_grad)


# ---- Sequences -------------------------------------------------------------------------------------------------------


def arange(
    start: float,
    end: float | None = None,
    step: float = 1,
    *,
    dtype: DType | None = None,
    device: Device | str | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return the numbers from `start` up to but without `end`; int64 if all three are integers, else float32.

    Example
    -------
    >>> sc.arange(4), sc.arange(1, 2, 0.5)
    (tensor([0, 1, 2, 3]), tensor([1.0000, 1.5000]))
    """
    if end is None:
        start, end = 0, start
    first, last, distance = _number(start), _number(end), _number(step)
    if distance == 0 or not all(map(math.isfinite, (first, last, distance))):
        raise ValueError(f"arange: start, end and step must be finite and step not 0, got {start}, {end}, {step}")
    if (last - first) * distance < 0:
        raise ValueError(f"arange: a step of {step} does not lead from {start} to {end}")
    is_integer = all(isinstance(each, int) for each in (first, last, distance))
    values = numpy.arange(first, last, distance, dtype=numpy.int64 if is_integer else numpy.float64)
    default = _dtype.int64 if is_integer else _dtype.float32
    return finished(_core.from_buffer(values), dtype or default, device, requires_grad)


def _number(value: Any) -> Any:
    """A Python number, from one or from a tensor or array with one element."""
    return value.item() if hasattr(value, "item") else value


def linspace(
    start: float,
    end: float,
    steps: int,
    *,
    dtype: DType | None = None,
    device: Device | str | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return `steps` numbers from `start` to `end`, both included, at equal distances.

    Example
    -------
    >>> sc.linspace(0, 1, 5)
    tensor([0.0000, 0.2500, 0.5000, 0.7500, 1.0000])
    """
    (count,) = creation_size((steps,), None, "linspace")
    values = numpy.linspace(_number(start), _number(end), count)
    return finished(_core.from_buffer(values), dtype or _dtype.float32, device, requires_grad)


def eye(
    n: int,
    m: int | None = None,
    *,
    dtype: DType | None = None,
    device: Device | str | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return a matrix ``(n, m)`` with ones on the diagonal and zeros elsewhere; square without `m`.

    Example
    -------
    >>> sc.eye(2)
    tensor([[1., 0.],
            [0., 1.]])
    """
    shape = creation_size((n, n if m is None else m), None, "eye")
    result = _filled(0, shape, dtype, device, False, _dtype.float32)
    result.diagonal().fill_(1)
    if requires_grad:
        result.requires_grad = True
    return result
