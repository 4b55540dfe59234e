"""Learning rates that change from epoch to epoch. Call ``step()`` once after each, after the optimizer's own."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from .optimizer import Optimizer

__all__ = [
    "CosineAnnealingLR",
    "ExponentialLR",
    "LRScheduler",
    "LambdaLR",
    "MultiStepLR",
    "OneCycleLR",
    "StepLR",
]


class LRScheduler:
    """The base class of schedules; subclasses compute the learning rates in ``get_lr``.

    Parameters
    ----------
    optimizer : Optimizer
        The learning rate of each of its groups is changed.
    last_epoch : int
        The number of steps already taken, for a schedule that goes on; -1 for a new one.

    Attributes
    ----------
    base_lrs : list of float
        The learning rate of each group at first.
    last_epoch : int
        The number of steps taken.

    Example
    -------
    >>> issubclass(sc.optim.lr_scheduler.StepLR, sc.optim.lr_scheduler.LRScheduler)
    True
    """

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"{type(self).__name__}: expected an Optimizer, got {type(optimizer).__name__}")
        self.optimizer = optimizer
        for number, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                # That of an earlier schedule stays: several schedules of one optimizer have the same base.
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise KeyError(
                    f"{type(self).__name__}: to go on from last_epoch={last_epoch}, group {number} of the optimizer "
                    "needs 'initial_lr'; load the optimizer's state first"
                )
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self.step()

    def get_lr(self) -> list[float]:
        """Compute the learning rate of each group for ``last_epoch``.

        Example
        -------
        >>> class Halving(sc.optim.lr_scheduler.LRScheduler):
        ...     def get_lr(self):
        ...         return [rate * 0.5**self.last_epoch for rate in self.base_lrs]
        >>> schedule = Halving(sc.optim.SGD([sc.zeros(1)], lr=1.0))
        >>> schedule.step()
        >>> schedule.get_last_lr()
        [0.5]
        """
        # Abstract: the rates are what makes a schedule of its own.
        raise NotImplementedError(f"{type(self).__name__}: get_lr is missing")

    def get_last_lr(self) -> list[float]:
        """Return the learning rates that the last step set.

        Example
        -------
        >>> optimizer = sc.optim.SGD([sc.zeros(1)], lr=1.0)
        >>> schedule = sc.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
        >>> schedule.get_last_lr()
        [1.0]
        """
        return self._last_lr

    def step(self) -> None:
        """Set the learning rates for the next epoch.

        Example
        -------
        >>> optimizer = sc.optim.SGD([sc.zeros(1)], lr=1.0)
        >>> schedule = sc.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
        >>> schedule.step()
        >>> optimizer.param_groups[0]["lr"]
        0.5
        """
        self.last_epoch += 1
        for group, rate in zip(self.optimizer.param_groups, self.get_lr(), strict=True):
            group["lr"] = rate
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]

    def _rates(self) -> list[float]:
        """The learning rates as they are: what other schedules or the user made of them counts."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """Return everything but the optimizer and functions.

        Example
        -------
        >>> optimizer = sc.optim.SGD([sc.zeros(1)], lr=1.0)
        >>> schedule = sc.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
        >>> schedule.step()
        >>> schedule.state_dict()["last_epoch"]
        1
        """
        return {name: value for name, value in self.__dict__.items() if name != "optimizer"}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over what `state_dict` returned.

        Example
        -------
        >>> optimizer = sc.optim.SGD([sc.zeros(1)], lr=1.0)
        >>> schedule = sc.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
        >>> schedule.load_state_dict({"last_epoch": 3})
        >>> schedule.last_epoch
        3
        """
        self.__dict__.update(state_dict)


class LambdaLR(LRScheduler):
    """The learning rate at first, times a function of the number of steps.

    Parameters
    ----------
    lr_lambda : callable, or list of callable
        One for all groups, or one for each.

    Source
    ------
    Dive into Deep Learning, section 12.11.

    Example
    -------
    >>> optimizer = sc.optim.SGD([sc.zeros(1)], lr=1.0)
    >>> schedule = sc.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 0.5**epoch)
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.5]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        lr_lambda: Callable[[int], float] | Sequence[Callable[[int], float]],
        last_epoch: int = -1,
    ) -> None:
        count = len(optimizer.param_groups)
        self.lr_lambdas = list(lr_lambda) if isinstance(lr_lambda, (list, tuple)) else [lr_lambda] * count
        if len(self.lr_lambdas) != count:
            raise ValueError(f"LambdaLR: expected {count} functions, one for each group, got {len(self.lr_lambdas)}")
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Compute the learning rate of each group for ``last_epoch``."""
        return [base * factor(self.last_epoch) for base, factor in zip(self.base_lrs, self.lr_lambdas, strict=True)]

    def state_dict(self) -> dict[str, Any]:
        """Return everything but the optimizer and the functions."""
        return {name: value for name, value in super().state_dict().items() if name != "lr_lambdas"}


class StepLR(LRScheduler):
    """The learning rate times `gamma` after every `step_size` steps.

    Source
    ------
    Dive into Deep Learning, section 12.11.3.

    Example
    -------
    >>> optimizer = sc.optim.SGD([sc.zeros(1)], lr=1.0)
    >>> schedule = sc.optim.lr_scheduler.StepLR(optimizer, step_size=2)
    >>> for _ in range(2):
    ...     schedule.step()
    >>> schedule.get_last_lr()
    [0.1]
    """

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1) -> None:
        if step_size < 1:
            raise ValueError(f"StepLR: step_size must be positive, got {step_size}")
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Compute the learning rate of each group for ``last_epoch``."""
        if self.last_epoch == 0 or self.last_epoch % self.step_size:
            return self._rates()
        return [rate * self.gamma for rate in self._rates()]


class MultiStepLR(LRScheduler):
    """The learning rate times `gamma` at each of some numbers of steps.

    Parameters
    ----------
    milestones : iterable of int
        When; a number that appears twice counts twice.
    gamma : float
        The factor.

    Source
    ------
    Dive into Deep Learning, section 12.11.3.2.

    Example
    -------
    >>> optimizer = sc.optim.SGD([sc.zeros(1)], lr=1.0)
    >>> schedule = sc.optim.lr_scheduler.MultiStepLR(optimizer, milestones=[1, 3], gamma=0.5)
    >>> for _ in range(3):
    ...     schedule.step()
    >>> schedule.get_last_lr()
    [0.25]
    """

    def __init__(
        self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.milestones, self.gamma = sorted(milestones), gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Compute the learning rate of each group for ``last_epoch``."""
        passed = bisect_right(self.milestones, self.last_epoch) - bisect_right(self.milestones, self.last_epoch - 1)
        return [rate * self.gamma**passed for rate in self._rates()]


class ExponentialLR(LRScheduler):
    """The learning rate times `gamma` after every step.

    Example
    -------
    >>> optimizer = sc.optim.SGD([sc.zeros(1)], lr=1.0)
    >>> schedule = sc.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.5]
    """

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Compute the learning rate of each group for ``last_epoch``."""
        return self._rates() if self.last_epoch == 0 else [rate * self.gamma for rate in self._rates()]


class CosineAnnealingLR(LRScheduler):
    r"""Half a cosine wave from the learning rate down to `eta_min` in `T_max` steps, and up again.

    .. math:: \eta_t = \eta_{min} + (\eta_0 - \eta_{min}) (1 + \cos(\pi t / T_{max})) / 2

    Source
    ------
    Dive into Deep Learning, section 12.11.3.3. Loshchilov, Hutter, "SGDR", arXiv:1608.03983.

    Example
    -------
    >>> optimizer = sc.optim.SGD([sc.zeros(1)], lr=1.0)
    >>> schedule = sc.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=2)
    >>> schedule.step()
    >>> schedule.get_last_lr()
    [0.5]
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1) -> None:
        if T_max < 1:
            raise ValueError(f"CosineAnnealingLR: T_max must be positive, got {T_max}")
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Compute the learning rate of each group for ``last_epoch``."""
        now, before = (1 + math.cos(math.pi * t / self.T_max) for t in (self.last_epoch, self.last_epoch - 1))
        if self.last_epoch == 0:
            return self._rates()
        if (self.last_epoch - 1 - self.T_max) % (2 * self.T_max) == 0:
            # The wave was at its lowest, from where the step up cannot be a factor.
            rise = (1 - math.cos(math.pi / self.T_max)) / 2
            pairs = zip(self._rates(), self.base_lrs, strict=True)
            return [rate + (base - self.eta_min) * rise for rate, base in pairs]
        return [now / before * (rate - self.eta_min) + self.eta_min for rate in self._rates()]


class OneCycleLR(LRScheduler):
    """The learning rate up to `max_lr` and down to nearly 0 in one cycle; the momentum the other way round.

    ``step()`` is called after every batch here, `total_steps` times at most.

    Parameters
    ----------
    max_lr : float or list of float
        The highest learning rate, for all groups or for each.
    total_steps : int, optional
        The length of the cycle; `epochs` times `steps_per_epoch` if left out.
    pct_start : float
        The part of the cycle that goes up.
    anneal_strategy : {"cos", "linear"}
        The shape of the way.
    cycle_momentum : bool
        Whether to change the momentum (of Adam, the first of its betas), too.
    base_momentum, max_momentum : float or list of float
        The lowest and the highest momentum.
    div_factor : float
        What `max_lr` is divided by for the learning rate at first.
    final_div_factor : float
        What that one is divided by for the learning rate at last.
    three_phase : bool
        Go down to the learning rate at first as symmetrically as up, and only then to the last one.

    Raises
    ------
    ValueError
        When the length of the cycle is not given, or `step` is called too often.

    Source
    ------
    Smith, Topin, "Super-Convergence", arXiv:1708.07120.

    Example
    -------
    >>> optimizer = sc.optim.SGD([sc.zeros(1)], lr=0.1, momentum=0.9)
    >>> schedule = sc.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1.0, total_steps=10)
    >>> print(f"{schedule.get_last_lr()[0]:.3f}")
    0.040
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | Sequence[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | Sequence[float] = 0.85,
        max_momentum: float | Sequence[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        if total_steps is None:
            if epochs is None or steps_per_epoch is None:
                raise ValueError("OneCycleLR: give total_steps, or epochs and steps_per_epoch")
            total_steps = epochs * steps_per_epoch
        if total_steps < 1:
            raise ValueError(f"OneCycleLR: the cycle must have at least one step, got {total_steps}")
        if not 0 <= pct_start <= 1:
            raise ValueError(f"OneCycleLR: pct_start must be from 0 to 1, got {pct_start}")
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"OneCycleLR: anneal_strategy must be 'cos' or 'linear', got {anneal_strategy!r}")
        self.total_steps, self.anneal_strategy, self.cycle_momentum = total_steps, anneal_strategy, cycle_momentum
        self.phases = _one_cycle_phases(total_steps, pct_start, three_phase)
        if last_epoch == -1:
            self._prepare(optimizer, max_lr, base_momentum, max_momentum, div_factor, final_div_factor)
        super().__init__(optimizer, last_epoch)

    def _prepare(
        self, optimizer: Optimizer, max_lr: Any, base: Any, top: Any, div_factor: float, final_div_factor: float
    ) -> None:
        """Write the ends of the ways into the optimizer's groups."""
        count = len(optimizer.param_groups)
        rates = _per_group(max_lr, count, "max_lr")
        lows, highs = _per_group(base, count, "base_momentum"), _per_group(top, count, "max_momentum")
        for group, rate, low, high in zip(optimizer.param_groups, rates, lows, highs, strict=True):
            group["lr"] = group["initial_lr"] = rate / div_factor
            group["max_lr"], group["min_lr"] = rate, rate / div_factor / final_div_factor
            if self.cycle_momentum:
                if "betas" not in group and "momentum" not in group:
                    raise ValueError("OneCycleLR: the optimizer has no momentum; give cycle_momentum=False")
                group["base_momentum"], group["max_momentum"] = low, high

    def get_lr(self) -> list[float]:
        """Compute the learning rate of each group for ``last_epoch``, and set the momentum."""
        # Loops call `step` once more after the last batch.
        if self.last_epoch > self.total_steps:
            raise ValueError(f"OneCycleLR: step was called more often than total_steps={self.total_steps}")
        ends = [phase[0] for phase in self.phases]
        number = next((n for n, end in enumerate(ends) if self.last_epoch <= end), len(ends) - 1)
        start, end = (ends[number - 1] if number else 0.0), ends[number]
        part = (self.last_epoch - start) / (end - start) if end > start else 1.0
        _, from_rate, to_rate, from_momentum, to_momentum = self.phases[number]
        rates = []
        for group in self.optimizer.param_groups:
            rates.append(self._between(group[from_rate], group[to_rate], part))
            if self.cycle_momentum:
                momentum = self._between(group[from_momentum], group[to_momentum], part)
                if "betas" in group:
                    group["betas"] = (momentum, *group["betas"][1:])
                else:
                    group["momentum"] = momentum
        return rates

    def _between(self, start: float, end: float, part: float) -> float:
        if self.anneal_strategy == "linear":
            return start + (end - start) * part
        return end + (start - end) / 2 * (1 + math.cos(math.pi * part))


def _one_cycle_phases(total_steps: int, pct_start: float, three_phase: bool) -> list[tuple[Any, ...]]:
    """Where each part of the cycle ends, and the names of the values it goes from and to."""
    top = float(pct_start * total_steps) - 1
    up = (top, "initial_lr", "max_lr", "max_momentum", "base_momentum")
    if not three_phase:
        return [up, (total_steps - 1, "max_lr", "min_lr", "base_momentum", "max_momentum")]
    return [
        up,
        (2 * top, "max_lr", "initial_lr", "base_momentum", "max_momentum"),
        (total_steps - 1, "initial_lr", "min_lr", "max_momentum", "max_momentum"),
    ]


def _per_group(value: Any, count: int, what: str) -> list[float]:
    if not isinstance(value, (list, tuple)):
        return [value] * count
    if len(value) != count:
        raise ValueError(f"OneCycleLR: expected {count} values of {what}, one for each group, got {len(value)}")
    return list(value)
