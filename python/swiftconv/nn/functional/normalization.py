"""Normalization: mean 0 and variance 1, then scaled and shifted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..._arguments import sizes
from ..._core import apply, operators
from ...autograd import no_grad

if TYPE_CHECKING:
    from ...tensor import Tensor

__all__ = ["batch_norm", "group_norm", "instance_norm", "layer_norm", "normalize"]

_BATCH_NORM = operators["batch_norm"]
_LAYER_NORM = operators["layer_norm"]
_GROUP_NORM = operators["group_norm"]


def batch_norm(
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-05,
) -> Tensor:
    r"""Return :math:`\frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} \gamma + \beta`, per channel.

    Parameters
    ----------
    input : Tensor
        ``(N, C, ...)``.
    running_mean, running_var : Tensor or None
        ``(C,)``. In training they move towards the batch's values; otherwise they are :math:`\mu` and
        :math:`\sigma^2`.
    weight, bias : Tensor, optional
        :math:`\gamma` and :math:`\beta`, ``(C,)``.
    training : bool
        Use the batch's own mean and variance.
    momentum : float
        How far the running values move, between 0 and 1.
    eps : float
        :math:`\epsilon`.

    Raises
    ------
    ValueError
        When a size does not fit, or there is one value per channel in training.

    Source
    ------
    Dive into Deep Learning, section 8.5. Ioffe, Szegedy, arXiv:1502.03167.

    Example
    -------
    >>> F.batch_norm(sc.tensor([[1.0], [3.0]]), None, None, training=True)
    tensor([[-1.0000],
            [ 1.0000]])
    """
    if not training and running_mean is not None and running_var is not None:
        return apply(_BATCH_NORM, input, weight, bias, running_mean, running_var, float(eps))
    if not training:
        raise ValueError("batch_norm: running_mean and running_var are needed outside of training")
    result, mean, variance = apply(_BATCH_NORM, input, weight, bias, None, None, float(eps))
    if running_mean is not None and running_var is not None:
        count = math.prod((input.shape[0], *input.shape[2:]))
        with no_grad():
            running_mean.mul_(1 - momentum).add_(mean, alpha=momentum)
            # The running variance is the unbiased one.
            running_var.mul_(1 - momentum).add_(variance, alpha=momentum * count / max(count - 1, 1))
    return result


def layer_norm(
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-05,
) -> Tensor:
    """Return the input with mean 0 and variance 1 over its last axes, scaled and shifted element by element.

    Parameters
    ----------
    input : Tensor
        ``(..., *normalized_shape)``.
    normalized_shape : sequence of int
        The sizes of the last axes.
    weight, bias : Tensor, optional
        In the normalized shape.

    Source
    ------
    Ba, Kiros, Hinton, arXiv:1607.06450.

    Example
    -------
    >>> F.layer_norm(sc.tensor([[1.0, 3.0]]), (2,))
    tensor([[-1.0000,  1.0000]])
    """
    return apply(_LAYER_NORM, input, weight, bias, sizes((normalized_shape,), "layer_norm"), float(eps))


def group_norm(
    input: Tensor,
    num_groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-05,
) -> Tensor:
    """Return the input with mean 0 and variance 1 over groups of channels, scaled and shifted per channel.

    Parameters
    ----------
    input : Tensor
        ``(N, C, ...)``.
    num_groups : int
        Into how many groups the channels are divided.
    weight, bias : Tensor, optional
        ``(C,)``.

    Source
    ------
    Wu, He, arXiv:1803.08494.

    Example
    -------
    >>> F.group_norm(sc.tensor([[1.0, 3.0]]), 1)
    tensor([[-1.0000,  1.0000]])
    """
    return apply(_GROUP_NORM, input, weight, bias, num_groups, float(eps))


def instance_norm(
    input: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-05,
) -> Tensor:
    """Return the input with mean 0 and variance 1 over each channel of each element of the batch.

    Parameters
    ----------
    input : Tensor
        ``(N, C, ...)`` with at least one spatial axis.
    running_mean, running_var : Tensor, optional
        ``(C,)``. They move towards the means over the batch; without `use_input_stats` they are used instead.
    weight, bias : Tensor, optional
        ``(C,)``.
    use_input_stats : bool
        Use the input's own mean and variance.
    momentum, eps
        As for `batch_norm`.

    Source
    ------
    Ulyanov, Vedaldi, Lempitsky, arXiv:1607.08022.

    Example
    -------
    >>> F.instance_norm(sc.tensor([[[1.0, 3.0]]]))
    tensor([[[-1.0000,  1.0000]]])
    """
    if not use_input_stats:
        return batch_norm(input, running_mean, running_var, weight, bias, False, momentum, eps)
    if input.ndim < 3:
        raise ValueError(f"instance_norm: input has shape {tuple(input.shape)}, expected (N, C, ...)")
    if math.prod(input.shape[2:]) == 1:
        raise ValueError(
            f"instance_norm: expected more than one value per channel in training, got input {tuple(input.shape)}"
        )
    result = group_norm(input, input.shape[1], weight, bias, eps)
    if running_mean is not None and running_var is not None:
        with no_grad():
            flat = input.detach().flatten(2)
            running_mean.mul_(1 - momentum).add_(flat.mean((0, 2)), alpha=momentum)
            running_var.mul_(1 - momentum).add_(flat.var(2).mean(0), alpha=momentum)
    return result


def normalize(input: Tensor, p: float = 2.0, dim: int = 1, eps: float = 1e-12) -> Tensor:
    r"""Return :math:`x / \max(\|x\|_p, \epsilon)` along an axis.

    Example
    -------
    >>> F.normalize(sc.tensor([[3.0, 4.0]]))
    tensor([[0.6000, 0.8000]])
    """
    from ...ops import clamp, div, norm

    return div(input, clamp(norm(input, p, dim, keepdim=True), min=eps))
