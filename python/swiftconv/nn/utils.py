"""Helpers for gradients and parameters of whole networks."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from .. import ops
from .._core import TensorBase
from ..autograd import no_grad
from ..conversion import tensor

if TYPE_CHECKING:
    from ..tensor import Tensor

    Tensors = Tensor | Iterable[Tensor]

__all__ = ["clip_grad_norm_", "clip_grad_value_", "parameters_to_vector", "vector_to_parameters"]


def _gradients(parameters: Tensors) -> list[Tensor]:
    several = (parameters,) if isinstance(parameters, TensorBase) else parameters
    return [each.grad for each in several if each.grad is not None]


def clip_grad_norm_(
    parameters: Tensors, max_norm: float, norm_type: float = 2.0, error_if_nonfinite: bool = False
) -> Tensor:
    """Scale all gradients down together, so that their norm, as that of one long vector, is at most `max_norm`.

    Parameters
    ----------
    parameters : Tensor or iterable of Tensor
        Those without a gradient are left out.
    max_norm : float
        The largest norm.
    norm_type : float
        The order of the norm; may be infinite.
    error_if_nonfinite : bool
        Raise when the norm is infinite or not a number, instead of making the gradients so.

    Returns
    -------
    Tensor
        The norm before.

    Raises
    ------
    RuntimeError
        For a norm that is not finite, with `error_if_nonfinite`.

    Source
    ------
    Dive into Deep Learning, section 9.5.3.

    Example
    -------
    >>> x = sc.zeros(2, requires_grad=True)
    >>> (x * sc.tensor([3.0, 4.0])).sum().backward()
    >>> nn.utils.clip_grad_norm_(x, 1.0)
    tensor(5.)
    >>> x.grad
    tensor([0.6000, 0.8000])
    """
    gradients = _gradients(parameters)
    if not gradients:
        return tensor(0.0)
    with no_grad():
        norms = [ops.norm(each.detach(), norm_type) for each in gradients]
        total = ops.norm(ops.stack([each.to(norms[0].dtype) for each in norms]), norm_type)
        if error_if_nonfinite and not math.isfinite(total.item()):
            raise RuntimeError(f"clip_grad_norm_: the norm of the gradients is {total.item()}, which cannot be clipped")
        # A little more than the norm is divided by, so that a norm of 0 does no harm.
        scale = (max_norm / (total + 1e-6)).clamp(max=1.0)
        for each in gradients:
            each.detach().mul_(scale.to(each.dtype))
    return total


def clip_grad_value_(parameters: Tensors, clip_value: float) -> None:
    """Cut every element of all gradients off at ``-clip_value`` and `clip_value`.

    Example
    -------
    >>> x = sc.zeros(2, requires_grad=True)
    >>> (x * sc.tensor([3.0, -0.5])).sum().backward()
    >>> nn.utils.clip_grad_value_([x], 1.0)
    >>> x.grad
    tensor([ 1.0000, -0.5000])
    """
    with no_grad():
        for each in _gradients(parameters):
            each.detach().clamp_(min=-clip_value, max=clip_value)


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """Return the elements of all parameters, one after the other.

    Example
    -------
    >>> nn.utils.parameters_to_vector(nn.Linear(2, 3).parameters()).shape
    swiftconv.Size([9])
    """
    return ops.cat([each.reshape(-1) for each in parameters])


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Copy the elements of a vector into parameters; the reverse of `parameters_to_vector`.

    Raises
    ------
    ValueError
        When the number of elements differs.

    Example
    -------
    >>> layer = nn.Linear(1, 1)
    >>> nn.utils.vector_to_parameters(sc.tensor([2.0, 1.0]), layer.parameters())
    >>> layer(sc.ones(1, 1)).item()
    3.0
    """
    several = list(parameters)
    count = sum(each.numel() for each in several)
    if vec.ndim != 1 or vec.numel() != count:
        raise ValueError(f"vector_to_parameters: vec has shape {tuple(vec.shape)}, expected ({count},)")
    start = 0
    with no_grad():
        for each in several:
            each.copy_(vec[start : start + each.numel()].detach().reshape(tuple(each.shape)))
            start += each.numel()
