"""``mxnet.numpy``: NumPy's functions on the framework's arrays."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

import numpy as onp
from numpy import bool_, e, float32, float64, inf, int32, int64, nan, newaxis, pi, uint8

from .. import creation, ops
from ..dialects.switch import missing
from . import context, random
from ._values import as_dtype, as_tensor, finish, unwrap, wrap
from .array import ndarray
from .autograd import run
from .functions import *  # noqa: F403
from .functions import linalg

bool = bool_
__version__ = "1.9.1"

__all__ = ["bool_", "e", "float32", "float64", "inf", "int32", "int64", "linalg", "nan", "newaxis", "pi", "uint8"]
__all__ += ["ndarray", "random"]


def array(object: Any, dtype: Any = None, ctx: Any = None) -> ndarray:
    """Return an array with a copy of the data; float32, unless `dtype` or an array of the framework says otherwise.

    Example
    -------
    >>> from swiftconv.mxnet import np
    >>> np.array([2, 1])
    array([2., 1.])
    """
    context.check(ctx)
    return wrap(as_tensor(object, dtype))


def zeros(shape: Any, dtype: Any = None, order: str = "C", ctx: Any = None) -> ndarray:
    """Return an array of zeros."""
    return full(shape, 0, order, ctx, dtype)


def ones(shape: Any, dtype: Any = None, order: str = "C", ctx: Any = None) -> ndarray:
    """Return an array of ones."""
    return full(shape, 1, order, ctx, dtype)


empty = zeros


def full(shape: Any, fill_value: Any, order: str = "C", ctx: Any = None, dtype: Any = None, out: Any = None) -> ndarray:
    """Return an array with the same value everywhere."""
    context.check(ctx)
    sizes = tuple(int(each) for each in shape) if isinstance(shape, (tuple, list)) else (int(shape),)
    value = fill_value.item() if isinstance(fill_value, ndarray) else fill_value
    return finish(wrap(creation.full(sizes, value, dtype=as_dtype(dtype))), out)


def zeros_like(a: ndarray, dtype: Any = None, order: str = "C", ctx: Any = None, out: Any = None) -> ndarray:
    """Return zeros in the shape and dtype of `a`."""
    return full_like(a, 0, dtype, order, ctx, out)


def ones_like(a: ndarray, dtype: Any = None, order: str = "C", ctx: Any = None, out: Any = None) -> ndarray:
    """Return ones in the shape and dtype of `a`."""
    return full_like(a, 1, dtype, order, ctx, out)


def full_like(
    a: ndarray, fill_value: Any, dtype: Any = None, order: str = "C", ctx: Any = None, out: Any = None
) -> ndarray:
    """Return the same value everywhere, in the shape and dtype of `a`."""
    return full(a.shape, fill_value, order, ctx, a.dtype if dtype is None else dtype, out)


def arange(start: Any, stop: Any = None, step: Any = 1, dtype: Any = None, ctx: Any = None) -> ndarray:
    """Return evenly spaced numbers, float32 unless `dtype` says otherwise.

    Example
    -------
    >>> from swiftconv.mxnet import np
    >>> np.arange(3)
    array([0., 1., 2.])
    """
    context.check(ctx)
    first, last = (0, start) if stop is None else (start, stop)
    return wrap(as_tensor(onp.arange(*(unwrap_number(each) for each in (first, last, step))), dtype))


def linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: builtins.bool = True,
    retstep: builtins.bool = False,
    dtype: Any = None,
    axis: int = 0,
    ctx: Any = None,
) -> Any:
    """Return `num` evenly spaced numbers from `start` to `stop`."""
    context.check(ctx)
    values, step = onp.linspace(unwrap_number(start), unwrap_number(stop), num, endpoint, retstep=True)
    result = wrap(as_tensor(values, dtype))
    return (result, step) if retstep else result


def unwrap_number(value: Any) -> Any:
    """Return a Python number for an array with one element."""
    return value.item() if isinstance(value, ndarray) else value


def eye(N: int, M: int | None = None, k: int = 0, dtype: Any = None, ctx: Any = None) -> ndarray:
    """Return ones on a diagonal, zeros elsewhere."""
    context.check(ctx)
    return wrap(as_tensor(onp.eye(N, M, k), dtype))


def identity(n: int, dtype: Any = None, ctx: Any = None) -> ndarray:
    """Return the unit matrix."""
    return eye(n, dtype=dtype, ctx=ctx)


def shape(a: ndarray) -> tuple[int, ...]:
    """Return the sizes of an array."""
    return a.shape


def may_share_memory(a: ndarray, b: ndarray, max_work: Any = None) -> builtins.bool:
    """Tell whether two arrays may use the same memory."""
    return onp.may_share_memory(a._value.detach().numpy(), b._value.detach().numpy())


def apply_along(function: Callable[..., Any], *arguments: Any) -> ndarray:
    """Return what a function of swiftconv's tensors gives for arrays."""
    return wrap(run(function, *(unwrap(each) for each in arguments)))


def outer(a: ndarray, b: ndarray) -> ndarray:
    """Return the products of all elements of `a` with all of `b`."""
    return apply_along(ops.outer, a.reshape(-1), b.reshape(-1))


__getattr__ = missing("mxnet", "mxnet.numpy", globals())
