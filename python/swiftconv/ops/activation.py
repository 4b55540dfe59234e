"""The activation functions that PyTorch has at its top level; the others are in ``nn.functional``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._arguments import one_axis
from .._core import apply, operators

if TYPE_CHECKING:
    from .._dtype import dtype as DType
    from ..tensor import Tensor

__all__ = ["log_softmax", "relu", "sigmoid", "softmax"]

_RELU = operators["relu"]
_SIGMOID = operators["sigmoid"]
_SOFTMAX = operators["softmax"]
_LOG_SOFTMAX = operators["log_softmax"]


def relu(input: Tensor) -> Tensor:
    r"""Return :math:`\max(x, 0)`; its slope at 0 is 0.

    Parameters
    ----------
    input : Tensor
        Any shape.

    Returns
    -------
    Tensor
        The shape and dtype of `input`.

    Source
    ------
    Dive into Deep Learning, section 5.1.2.1.

    Example
    -------
    >>> sc.relu(sc.tensor([-1.0, 2.0]))
    tensor([0., 2.])
    """
    return apply(_RELU, input)


def sigmoid(input: Tensor) -> Tensor:
    r"""Return :math:`1 / (1 + e^{-x})`.

    Parameters
    ----------
    input : Tensor
        Any shape; integers and bools are computed in float32.

    Returns
    -------
    Tensor
        The shape of `input`.

    Source
    ------
    Dive into Deep Learning, section 5.1.2.2.

    Example
    -------
    >>> sc.sigmoid(sc.tensor([0.0, 2.0]))
    tensor([0.5000, 0.8808])
    """
    return apply(_SIGMOID, input)


def softmax(input: Tensor, dim: int | None = None, *, dtype: DType | None = None, axis: int | None = None) -> Tensor:
    r"""Return :math:`e^{x_i} / \sum_j e^{x_j}` along an axis.

    Parameters
    ----------
    input : Tensor
        Floating point.
    dim : int
        The axis along which the results add up to 1.

    Source
    ------
    Dive into Deep Learning, section 4.1.1.2.

    Example
    -------
    >>> sc.softmax(sc.tensor([1.0, 1.0]), dim=0)
    tensor([0.5000, 0.5000])
    """
    return apply(_SOFTMAX, input if dtype is None else input.to(dtype), one_axis(dim, axis, "softmax"))


def log_softmax(
    input: Tensor, dim: int | None = None, *, dtype: DType | None = None, axis: int | None = None
) -> Tensor:
    r"""Return :math:`x_i - \log \sum_j e^{x_j}` along an axis; arguments as for `softmax`.

    Example
    -------
    >>> sc.log_softmax(sc.tensor([1.0, 1.0]), dim=0)
    tensor([-0.6931, -0.6931])
    """
    return apply(_LOG_SOFTMAX, input if dtype is None else input.to(dtype), one_axis(dim, axis, "log_softmax"))
