"""The chapter's operation: cross-correlation of an image with a kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

import numpy

from ._core import TensorBase, apply, apply_into, operators
from ._core import corr2d as small_corr2d

if TYPE_CHECKING:
    from typing import TypeAlias

    from .tensor import Tensor

    Array: TypeAlias = numpy.ndarray[Any, Any]
    Image: TypeAlias = Tensor | Array

_CORR2D = operators["corr2d"]
_FLIP = operators["flip"]


@overload
def corr2d(X: Array, K: Array, *, out: Array | None = None) -> Array: ...
@overload
def corr2d(X: Tensor, K: Image, *, out: Tensor | None = None) -> Tensor: ...
@overload
def corr2d(X: Array, K: Tensor, *, out: Tensor | None = None) -> Tensor: ...
def corr2d(X: Image, K: Image, *, out: Image | None = None) -> Image:
    r"""Slide a kernel over an image and return the sums of products.

    .. math:: Y_{ij} = \sum_{a < h} \sum_{b < w} X_{i+a,\,j+b} \, K_{ab}

    Nothing is copied on the way: any strides enter as they are, and the result of two arrays is an array on the memory
    into which it was computed.

    Parameters
    ----------
    X : Tensor or numpy.ndarray
        The image, ``(H, W)``. Of any supported dtype and any strides.
    K : Tensor or numpy.ndarray
        The kernel, ``(h, w)`` with ``h <= H`` and ``w <= W``.
    out : Tensor or numpy.ndarray, optional
        Where to put the result, in the result's shape and dtype.

    Returns
    -------
    numpy.ndarray if both are arrays, else Tensor
        ``(H - h + 1, W - w + 1)``. Integers and bools are summed exactly in int64; otherwise the dtype is the operands'
        common one. A tensor takes part in automatic differentiation, also to second order.

    Raises
    ------
    ValueError
        When an argument has not two axes, when the kernel is larger than the image, or when `out` does not fit.
    TypeError
        When an array has a dtype that tensors do not have, or `out` the wrong dtype.

    Source
    ------
    Dive into Deep Learning, section 7.2.1, equation (7.2.1).

    Example
    -------
    >>> X = np.arange(9.0).reshape(3, 3)
    >>> K = np.array([[0.0, 1.0], [2.0, 3.0]])
    >>> sc.corr2d(X, K)
    array([[19., 25.],
           [37., 43.]])
    >>> sc.corr2d(sc.tensor(X), sc.tensor(K)).sum()
    tensor(124., dtype=swiftconv.float64)
    """
    if type(X) is numpy.ndarray and type(K) is numpy.ndarray and out is None:
        # First and without detours, because for small arrays every step counts.
        result = small_corr2d(X, K, numpy.empty)
        return numpy.asarray(apply(_CORR2D, X, K)) if result is None else result
    X, K = _operand(X, "X"), _operand(K, "K")
    if out is not None:
        if not isinstance(out, (TensorBase, numpy.ndarray)):
            raise TypeError(f"corr2d: out must be a Tensor or a numpy.ndarray, got {type(out).__name__}")
        return apply_into(_CORR2D, out, X, K)
    result = apply(_CORR2D, X, K)
    return result if isinstance(X, TensorBase) or isinstance(K, TensorBase) else result.numpy()


@overload
def convolve2d(X: Array, K: Array, *, out: Array | None = None) -> Array: ...
@overload
def convolve2d(X: Tensor, K: Image, *, out: Tensor | None = None) -> Tensor: ...
@overload
def convolve2d(X: Array, K: Tensor, *, out: Tensor | None = None) -> Tensor: ...
def convolve2d(X: Image, K: Image, *, out: Image | None = None) -> Image:
    r"""Return the convolution in the strict sense: `corr2d` with the kernel turned by half a turn.

    .. math:: Y_{ij} = \sum_{a < h} \sum_{b < w} X_{i+a,\,j+b} \, K_{h-1-a,\,w-1-b}

    Parameters, results and errors are those of `corr2d`.

    Source
    ------
    Dive into Deep Learning, section 7.2.5.

    Example
    -------
    >>> sc.convolve2d(np.arange(9.0).reshape(3, 3), np.array([[0.0, 1.0], [2.0, 3.0]]))
    array([[ 5., 11.],
           [23., 29.]])
    """
    K = _operand(K, "K")
    if K.ndim != 2:
        raise ValueError(f"convolve2d: K has shape {tuple(K.shape)}, expected 2 axes (h, w)")
    turned = apply(_FLIP, K, (0, 1)) if isinstance(K, TensorBase) else K[::-1, ::-1]
    return corr2d(X, turned, out=out)


def _operand(value: Any, name: str) -> Any:
    """A tensor or an array; nested lists become tensors."""
    if isinstance(value, (TensorBase, numpy.ndarray)):
        return value
    if isinstance(value, (list, tuple)):
        from .conversion import tensor

        return tensor(value)
    if hasattr(value, "__array__"):
        return numpy.asarray(value)
    raise TypeError(f"corr2d: {name} must be a Tensor or a numpy.ndarray, got {type(value).__name__}")
