"""RMSprop: steps scaled by the size of past gradients."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .. import ops
from ..tensor import Tensor
from .optimizer import Optimizer


class RMSprop(Optimizer):
    r"""Root mean square propagation.

    .. math::
        g &\leftarrow g + \lambda w \\
        v &\leftarrow \alpha v + (1 - \alpha) g^2 \\
        b &\leftarrow \mu b + g / (\sqrt{v} + \epsilon) \\
        w &\leftarrow w - \eta b

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        See `Optimizer`.
    lr : float
        :math:`\eta`.
    alpha : float
        How slowly the mean of squares changes.
    eps : float
        :math:`\epsilon`.
    weight_decay : float
        :math:`\lambda`.
    momentum : float
        :math:`\mu`.
    centered : bool
        Divide by the standard deviation instead of the root mean square.
    maximize : bool
        Climb instead of descend.

    Source
    ------
    Dive into Deep Learning, section 12.8. Tieleman, Hinton, "Lecture 6.5: RMSprop", COURSERA (2012).

    Example
    -------
    >>> x = sc.tensor([1.0], requires_grad=True)
    >>> optimizer = sc.optim.RMSprop([x], lr=0.01)
    >>> (x * x).sum().backward()
    >>> optimizer.step()
    >>> x
    tensor([0.9000], requires_grad=True)
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        values = {"lr": lr, "alpha": alpha, "eps": eps, "weight_decay": weight_decay, "momentum": momentum}
        for what, value in values.items():
            if not value >= 0:
                raise ValueError(f"RMSprop: {what} must not be negative, got {value}")
        super().__init__(params, {**values, "centered": centered, "maximize": maximize})

    def update(self, parameter: Tensor, gradient: Tensor, group: dict[str, Any]) -> None:
        """Take one step with one parameter."""
        step = -gradient if group["maximize"] else gradient
        if group["weight_decay"] != 0:
            step = step.add(parameter, alpha=group["weight_decay"])
        state = self.state.setdefault(parameter, {})
        if not state:
            state.update(step=0, square_avg=ops.clone(step).zero_())
            if group["momentum"] > 0:
                state["momentum_buffer"] = ops.clone(step).zero_()
            if group["centered"]:
                state["grad_avg"] = ops.clone(step).zero_()
        state["step"] += 1
        alpha = group["alpha"]
        square = state["square_avg"].mul_(alpha).add_(step * step, alpha=1 - alpha)
        if group["centered"]:
            mean = state["grad_avg"].mul_(alpha).add_(step, alpha=1 - alpha)
            square = square - mean * mean
        scaled = step / square.sqrt().add_(group["eps"])
        if group["momentum"] > 0:
            scaled = state["momentum_buffer"].mul_(group["momentum"]).add_(scaled)
        parameter.add_(scaled, alpha=-group["lr"])
