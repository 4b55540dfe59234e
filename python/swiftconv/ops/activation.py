"""The two activation functions that PyTorch has at its top level; the others are in ``nn.functional``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._core import apply, operators

if TYPE_CHECKING:
    from ..tensor import Tensor

__all__ = ["relu", "sigmoid"]

_RELU = operators["relu"]
_SIGMOID = operators["sigmoid"]


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
