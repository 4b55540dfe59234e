"""Tensors of random numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy

from . import _core, _dtype
from ._arguments import creation_size, sizes
from .conversion import finished
from .random import default_generator

if TYPE_CHECKING:
    from ._device import device as Device
    from ._dtype import dtype as DType
    from .tensor import Tensor

__all__ = ["normal", "rand", "rand_like", "randint", "randn", "randn_like", "randperm"]


def rand(
    *shape: Any,
    size: Any = None,
    generator: numpy.random.Generator | None = None,
    dtype: DType | None = None,
    device: Device | str | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return random numbers, uniform in [0, 1).

    Parameters
    ----------
    *shape : int
        The sizes, as several numbers or as one sequence.
    size : sequence of int, optional
        Another place for the sizes.
    generator : numpy.random.Generator, optional
        Where the numbers come from; see `manual_seed`.
    dtype, device, requires_grad
        As for `zeros`.

    Example
    -------
    >>> x = sc.rand(2, 3)
    >>> bool(((x >= 0) & (x < 1)).all())
    True
    """
    wanted = creation_size(shape, size, "rand")
    draw = (generator or default_generator()).random
    return _drawn("rand", draw, wanted, dtype, device, requires_grad)


def randn(
    *shape: Any,
    size: Any = None,
    generator: numpy.random.Generator | None = None,
    dtype: DType | None = None,
    device: Device | str | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return random numbers with mean 0 and standard deviation 1, normally distributed; arguments as for `rand`.

    Example
    -------
    >>> sc.randn(2, 3).shape
    swiftconv.Size([2, 3])
    """
    wanted = creation_size(shape, size, "randn")
    draw = (generator or default_generator()).standard_normal
    return _drawn("randn", draw, wanted, dtype, device, requires_grad)


def _drawn(name: str, draw: Any, shape: tuple[int, ...], dtype: Any, device: Any, requires_grad: bool) -> Tensor:
    wanted = _dtype.float32 if dtype is None else _dtype.to_dtype(dtype)
    if not wanted.is_floating_point:
        raise TypeError(f"{name}: the numbers need a floating-point dtype, got {wanted}; use randint for integers")
    values = numpy.asarray(draw(shape, dtype=wanted.numpy_dtype), dtype=wanted.numpy_dtype)
    return finished(_core.from_buffer(values), None, device, requires_grad)


def rand_like(input: Tensor, *, dtype: DType | None = None, requires_grad: bool = False) -> Tensor:
    """Return `rand` in the shape and dtype of another tensor.

    Example
    -------
    >>> sc.rand_like(sc.zeros(3)).shape
    swiftconv.Size([3])
    """
    return rand(tuple(input.shape), dtype=dtype or input.dtype, requires_grad=requires_grad)


def randn_like(input: Tensor, *, dtype: DType | None = None, requires_grad: bool = False) -> Tensor:
    """Return `randn` in the shape and dtype of another tensor.

    Example
    -------
    >>> sc.randn_like(sc.zeros(3)).shape
    swiftconv.Size([3])
    """
    return randn(tuple(input.shape), dtype=dtype or input.dtype, requires_grad=requires_grad)


def normal(
    mean: Any,
    std: Any = 1.0,
    size: Sequence[int] | None = None,
    *,
    generator: numpy.random.Generator | None = None,
    dtype: DType | None = None,
    device: Device | str | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return normally distributed random numbers.

    Parameters
    ----------
    mean, std : float or Tensor
        Mean and standard deviation; tensors give one of each element.
    size : sequence of int, optional
        The shape; follows from the tensors when there are any.

    Raises
    ------
    ValueError
        When `std` is negative.

    Example
    -------
    >>> sc.normal(0, 0.01, (2, 3)).shape
    swiftconv.Size([2, 3])
    """
    parts = [part for part in (mean, std) if isinstance(part, _core.TensorBase)]
    if size is None:
        size = numpy.broadcast_shapes(*(tuple(part.shape) for part in parts))
    lowest = std.min().item() if isinstance(std, _core.TensorBase) and std.numel() else std
    if not isinstance(lowest, _core.TensorBase) and lowest < 0:
        raise ValueError(f"normal: the standard deviation must not be negative, got {lowest}")
    values = randn(sizes((size,), "normal"), generator=generator, dtype=dtype)
    return finished(values * std + mean, dtype, device, False).detach().requires_grad_(requires_grad)


def randint(
    low: int,
    high: int | Sequence[int] | None = None,
    size: Sequence[int] | None = None,
    *,
    generator: numpy.random.Generator | None = None,
    dtype: DType | None = None,
    device: Device | str | None = None,
) -> Tensor:
    """Return random integers from `low` up to but without `high`; ``randint(high, size)`` starts from 0.

    Example
    -------
    >>> x = sc.randint(0, 10, (5,))
    >>> bool(((x >= 0) & (x < 10)).all())
    True
    """
    if isinstance(high, (tuple, list)) or (high is None and size is not None):
        low, high, size = 0, low, high if size is None else size
    if size is None or high is None:
        raise TypeError("randint: expected (low, high, size) or (high, size)")
    if low >= high:
        raise ValueError(f"randint: low must be below high, got {low} and {high}")
    shape = creation_size((size,), None, "randint")
    values = numpy.asarray((generator or default_generator()).integers(low, high, shape, dtype=numpy.int64))
    return finished(_core.from_buffer(values), dtype, device, False)


def randperm(
    n: int, *, generator: numpy.random.Generator | None = None, dtype: DType | None = None, device: Any = None
) -> Tensor:
    """Return the integers from 0 to `n` - 1 in random order.

    Example
    -------
    >>> sorted(sc.randperm(4).tolist())
    [0, 1, 2, 3]
    """
    (count,) = creation_size((n,), None, "randperm")
    values = (generator or default_generator()).permutation(count).astype(numpy.int64)
    return finished(_core.from_buffer(values), dtype, device, False)
