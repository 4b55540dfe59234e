"""Stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .. import ops
from .._core import apply_in_place, operators
from ..tensor import Tensor
from .optimizer import Optimizer

_STEP = operators["descent_step"]


class SGD(Optimizer):
    r"""Stochastic gradient descent, with momentum if wanted.

    .. math:: g &\leftarrow g + \lambda w \\ v &\leftarrow \mu v + (1 - \tau) g \\ w &\leftarrow w - \eta v

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        See `Optimizer`.
    lr : float
        :math:`\eta`.
    momentum : float
        :math:`\mu`; with 0, the gradient itself is the step.
    dampening : float
        :math:`\tau`; does not apply to the first step.
    weight_decay : float
        :math:`\lambda`.
    nesterov : bool
        Step by :math:`g + \mu v` instead of :math:`v`; needs momentum and no dampening.
    maximize : bool
        Climb instead of descend.

    Source
    ------
    Dive into Deep Learning, sections 3.4.4 and 12.6. Sutskever et al., "On the importance of initialization and
    momentum in deep learning", ICML 2013.

    Example
    -------
    >>> x = sc.tensor([1.0], requires_grad=True)
    >>> optimizer = sc.optim.SGD([x], lr=0.1)
    >>> (x * x).sum().backward()
    >>> optimizer.step()
    >>> x
    tensor([0.8000], requires_grad=True)
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        for name, value in (("lr", lr), ("momentum", momentum), ("weight_decay", weight_decay)):
            if not value >= 0:
                raise ValueError(f"SGD: {name} must not be negative, got {value}")
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("SGD: nesterov needs a momentum and no dampening")
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "dampening": dampening,
            "weight_decay": weight_decay,
            "nesterov": nesterov,
            "maximize": maximize,
        }
        super().__init__(params, defaults)

    def update(self, parameter: Tensor, gradient: Tensor, group: dict[str, Any]) -> None:
        """Take one step with one parameter."""
        momentum = float(group["momentum"])
        tensors, is_first = [gradient], False
        if momentum != 0:
            state = self.state.setdefault(parameter, {})
            is_first = state.get("momentum_buffer") is None
            if is_first:
                state["momentum_buffer"] = ops.clone(gradient)
            tensors.append(state["momentum_buffer"])
        numbers = float(group["lr"]), momentum, float(group["dampening"]), float(group["weight_decay"])
        truths = bool(group["nesterov"]), bool(group["maximize"]), is_first
        apply_in_place(_STEP, parameter, tensors, *numbers, *truths)
