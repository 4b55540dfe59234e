"""The base class of optimizers."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Iterable
from typing import Any

from ..autograd import enable_grad, no_grad
from ..nn.parameter import clear_gradient
from ..tensor import Tensor


class Optimizer:
    """Holds parameters in groups that have options of their own, and state for each parameter.

    Parameters
    ----------
    params : iterable of Tensor, or of dict
        The parameters; or groups, each with its parameters under "params" and options that differ from the defaults.
    defaults : dict
        The options' values for groups that do not say otherwise.

    Attributes
    ----------
    param_groups : list of dict
        The groups. Options can be changed between steps.
    state : dict
        What the optimizer remembers for each parameter.

    Example
    -------
    >>> isinstance(sc.optim.SGD([sc.ones(1, requires_grad=True)], lr=0.1), sc.optim.Optimizer)
    True
    """

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
        self.defaults = defaults
        self.param_groups: list[dict[str, Any]] = []
        self.state: dict[Tensor, dict[str, Any]] = {}
        # The last parameter's gradient at the last step, and its version; None when nobody need be warned any more.
        self._seen: tuple[Tensor | None, int] | None = (None, 0)
        if isinstance(params, Tensor):
            raise TypeError(f"{type(self).__name__}: params must be a list of tensors, got one tensor; write [x]")
        groups = list(params)
        if not groups:
            raise ValueError(f"{type(self).__name__}: got an empty parameter list")
        if not isinstance(groups[0], dict):
            groups = [{"params": groups}]
        for group in groups:
            self.add_param_group(group)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add a group of parameters, with the defaults for options that it does not have.

        Example
        -------
        >>> optimizer = sc.optim.SGD([sc.zeros(1)], lr=0.5)
        >>> optimizer.add_param_group({"params": [sc.zeros(2)], "lr": 0.25})
        >>> [group["lr"] for group in optimizer.param_groups]
        [0.5, 0.25]
        """
        name = type(self).__name__
        params = param_group["params"]
        params = [params] if isinstance(params, Tensor) else list(params)
        known = {id(parameter) for group in self.param_groups for parameter in group["params"]}
        for parameter in params:
            if not isinstance(parameter, Tensor):
                raise TypeError(f"{name}: can only optimize tensors, got {type(parameter).__name__}")
            if not parameter.is_leaf:
                raise ValueError(f"{name}: can only optimize leaves, not results of recorded operations")
            if id(parameter) in known:
                raise ValueError(f"{name}: a parameter appears in more than one group")
        if len(set(map(id, params))) < len(params):
            warnings.warn(f"{name}: a parameter appears twice in a group and takes two steps at a time", stacklevel=3)
        self.param_groups.append({**self.defaults, **param_group, "params": params})

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget all gradients, or set them to zero.

        Example
        -------
        >>> x = sc.tensor([1.0, 2.0], requires_grad=True)
        >>> optimizer = sc.optim.SGD([x], lr=0.5)
        >>> (x * x).sum().backward()
        >>> optimizer.zero_grad()
        >>> x.grad is None
        True
        """
        for group in self.param_groups:
            for parameter in group["params"]:
                clear_gradient(parameter, set_to_none)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Change all parameters that have a gradient.

        Parameters
        ----------
        closure : callable, optional
            Computes the loss and its gradients anew; what it returns is returned.

        Example
        -------
        >>> x = sc.tensor([1.0, 2.0], requires_grad=True)
        >>> optimizer = sc.optim.SGD([x], lr=0.5)
        >>> (x * x).sum().backward()
        >>> optimizer.step()
        >>> x.data
        tensor([0., 0.])
        """
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        if self._seen is not None:
            self._check_that_gradients_are_new(*self._seen)
        with no_grad():
            for group in self.param_groups:
                for parameter in group["params"]:
                    if parameter.grad is not None:
                        self.update(parameter, parameter.grad.detach(), group)
        return loss

    def _check_that_gradients_are_new(self, seen: Tensor | None, version: int) -> None:
        """Warn once when the last step's gradients were still there, and a backward pass has added to them."""
        last = self.param_groups[-1]["params"][-1:]
        gradient = last[0].grad if last else None
        was_written_once = gradient is not None and gradient is seen and gradient._version == version + 1
        if was_written_once and bool(gradient.any()):  # Zeros mean that it was cleared in place.
            warnings.warn(
                f"{type(self).__name__}.step: the last step's gradients were still there and have been added to; "
                "call zero_grad() before backward()",
                stacklevel=3,
            )
            self._seen = None
        else:
            self._seen = (gradient, 0 if gradient is None else gradient._version)

    def update(self, parameter: Tensor, gradient: Tensor, group: dict[str, Any]) -> None:
        """Change one parameter in place; subclasses say how. Nothing is recorded meanwhile.

        Example
        -------
        >>> class SignDescent(sc.optim.Optimizer):
        ...     def __init__(self, params, lr):
        ...         super().__init__(params, {"lr": lr})
        ...
        ...     def update(self, parameter, gradient, group):
        ...         parameter -= group["lr"] * gradient.sign()
        >>> x = sc.tensor([3.0, -4.0], requires_grad=True)
        >>> (x * x).sum().backward()
        >>> SignDescent([x], lr=0.5).step()
        >>> x.data
        tensor([ 2.5000, -3.5000])
        """
        # Abstract: the step is what makes an optimizer of its own.
        raise NotImplementedError(f"{type(self).__name__}: update is missing")

    def state_dict(self) -> dict[str, Any]:
        """Return the state and the options, with parameters replaced by their numbers.

        Example
        -------
        >>> x = sc.ones(2, requires_grad=True)
        >>> optimizer = sc.optim.SGD([x], lr=0.5, momentum=0.9)
        >>> x.sum().backward()
        >>> optimizer.step()
        >>> optimizer.state_dict()["state"]
        {0: {'momentum_buffer': tensor([1., 1.])}}
        """
        numbers: dict[int, int] = {}
        for group in self.param_groups:
            for parameter in group["params"]:
                numbers.setdefault(id(parameter), len(numbers))
        groups = [
            {**group, "params": [numbers[id(parameter)] for parameter in group["params"]]}
            for group in self.param_groups
        ]
        state = {numbers[id(parameter)]: value for parameter, value in self.state.items()}
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over state and options from `state_dict` of an optimizer with the same groups.

        Raises
        ------
        ValueError
            When the groups differ in number or size.

        Example
        -------
        >>> slow, fast = (sc.optim.SGD([sc.zeros(1)], lr=lr) for lr in (0.1, 0.5))
        >>> slow.load_state_dict(fast.state_dict())
        >>> slow.param_groups[0]["lr"]
        0.5
        """
        groups = state_dict["param_groups"]
        sizes = [len(group["params"]) for group in groups]
        if sizes != [len(group["params"]) for group in self.param_groups]:
            raise ValueError(f"{type(self).__name__}: the loaded state has other parameter groups, of sizes {sizes}")
        by_number: dict[int, Tensor] = {}
        for loaded, group in zip(groups, self.param_groups, strict=True):
            by_number.update(zip(loaded["params"], group["params"], strict=True))
            group.update({name: copy.deepcopy(value) for name, value in loaded.items() if name != "params"})
        self.state = {by_number[number]: copy.deepcopy(value) for number, value in state_dict["state"].items()}

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for number, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {number}")
            lines += [f"    {name}: {group[name]}" for name in sorted(group) if name != "params"]
        return "\n".join([*lines, ")"])
