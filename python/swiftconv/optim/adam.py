"""Adam: steps scaled by the mean and the size of past gradients."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .. import ops
from .._core import apply_in_place, operators
from ..tensor import Tensor
from .optimizer import Optimizer

_STEP = operators["adam_step"]


class Adam(Optimizer):
    r"""Adaptive moment estimation.

    .. math::
        g &\leftarrow g + \lambda w \\
        m &\leftarrow \beta_1 m + (1 - \beta_1) g \\
        v &\leftarrow \beta_2 v + (1 - \beta_2) g^2 \\
        w &\leftarrow w - \eta \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \epsilon}

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        See `Optimizer`.
    lr : float
        :math:`\eta`.
    betas : (float, float)
        :math:`\beta_1` and :math:`\beta_2`.
    eps : float
        :math:`\epsilon`.
    weight_decay : float
        :math:`\lambda`.
    amsgrad : bool
        Divide by the largest :math:`v` so far.
    maximize : bool
        Climb instead of descend.
    decoupled_weight_decay : bool
        Shrink the weights themselves instead of changing the gradient, as `AdamW` does.

    Source
    ------
    Dive into Deep Learning, section 12.10. Kingma, Ba, arXiv:1412.6980.

    Example
    -------
    >>> x = sc.tensor([1.0], requires_grad=True)
    >>> optimizer = sc.optim.Adam([x], lr=0.1)
    >>> (x * x).sum().backward()
    >>> optimizer.step()
    >>> x
    tensor([0.9000], requires_grad=True)
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        decoupled_weight_decay: bool = False,
    ) -> None:
        name = type(self).__name__
        for what, value in (("lr", lr), ("eps", eps), ("weight_decay", weight_decay)):
            if not value >= 0:
                raise ValueError(f"{name}: {what} must not be negative, got {value}")
        if len(betas) != 2 or not all(0 <= beta < 1 for beta in betas):
            raise ValueError(f"{name}: betas must be two numbers from 0 to less than 1, got {betas}")
        defaults = {
            "lr": lr,
            "betas": tuple(betas),
            "eps": eps,
            "weight_decay": weight_decay,
            "amsgrad": amsgrad,
            "maximize": maximize,
            "decoupled_weight_decay": decoupled_weight_decay,
        }
        super().__init__(params, defaults)

    def update(self, parameter: Tensor, gradient: Tensor, group: dict[str, Any]) -> None:
        """Take one step with one parameter."""
        state = self.state.setdefault(parameter, {})
        if not state:
            state.update(step=0, exp_avg=ops.clone(gradient).zero_(), exp_avg_sq=ops.clone(gradient).zero_())
            if group["amsgrad"]:
                state["max_exp_avg_sq"] = ops.clone(gradient).zero_()
        state["step"] += 1
        tensors = [gradient, state["exp_avg"], state["exp_avg_sq"]]
        if group["amsgrad"]:
            tensors.append(state["max_exp_avg_sq"])
        first, second = group["betas"]
        numbers = float(group["lr"]), float(first), float(second), float(group["eps"]), float(group["weight_decay"])
        truths = bool(group["decoupled_weight_decay"]), bool(group["maximize"])
        apply_in_place(_STEP, parameter, tensors, *numbers, *truths, int(state["step"]))


class AdamW(Adam):
    r"""`Adam` with decoupled weight decay: weights shrink by :math:`\eta \lambda w`, whatever their gradients were.

    Parameters
    ----------
    weight_decay : float
        :math:`\lambda`.
    params, lr, betas, eps, amsgrad, maximize
        As for `Adam`.

    Source
    ------
    Loshchilov, Hutter, "Decoupled Weight Decay Regularization", arXiv:1711.05101.

    Example
    -------
    >>> x = sc.tensor([1.0], requires_grad=True)
    >>> optimizer = sc.optim.AdamW([x], lr=0.1, weight_decay=0.5)
    >>> (x * x).sum().backward()
    >>> optimizer.step()
    >>> x
    tensor([0.8500], requires_grad=True)
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad, maximize=maximize, decoupled_weight_decay=True)
