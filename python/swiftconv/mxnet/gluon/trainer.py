"""``mxnet.gluon.Trainer``: one step of an optimiser for all parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ... import optim
from .parameter import Parameter, ParameterDict

_OPTIMIZERS = {
    "sgd": (optim.SGD, {"learning_rate": 0.01, "wd": 0.0, "momentum": 0.0}),
    "adam": (optim.Adam, {"learning_rate": 0.001, "wd": 0.0, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}),
}
_NAMES = {"learning_rate": "lr", "wd": "weight_decay", "momentum": "momentum", "epsilon": "eps"}


class Trainer:
    """Moves parameters against their gradients.

    Parameters
    ----------
    params : ParameterDict, dict or sequence of Parameter
        What to move.
    optimizer : {"sgd", "adam"}
        How.
    optimizer_params : dict, optional
        ``learning_rate``, ``wd`` (weight decay), ``momentum``; ``beta1``, ``beta2`` and ``epsilon`` for Adam.

    Example
    -------
    >>> from swiftconv.mxnet import autograd, gluon, np
    >>> net = gluon.nn.Dense(1, weight_initializer="ones")
    >>> net.initialize()
    >>> trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.5})
    >>> with autograd.record():
    ...     loss = net(np.ones((1, 1)))
    >>> loss.backward()
    >>> trainer.step(1)
    >>> net.weight.data()
    array([[0.5]])
    """

    def __init__(
        self, params: Any, optimizer: str, optimizer_params: Mapping[str, Any] | None = None, **_: Any
    ) -> None:
        values = params.values() if isinstance(params, (dict, ParameterDict)) else params
        self._params = [each for each in values]
        if not all(isinstance(each, Parameter) for each in self._params):
            raise ValueError("Trainer: params must be parameters, such as net.collect_params()")
        if optimizer not in _OPTIMIZERS:
            raise ValueError(f"Trainer: optimizer is {optimizer!r}; swiftconv's mxnet dialect has sgd and adam")
        self._kind, defaults = _OPTIMIZERS[optimizer]
        given = dict(optimizer_params or {})
        unknown = given.keys() - defaults.keys()
        if unknown:
            raise ValueError(f"Trainer: {optimizer} does not know {', '.join(sorted(unknown))}")
        self._options = {**defaults, **given}
        self._optimizer: Any = None

    @property
    def learning_rate(self) -> float:
        """The learning rate."""
        return self._options["learning_rate"]

    def set_learning_rate(self, lr: float) -> None:
        """Set the learning rate."""
        self._options["learning_rate"] = lr

    def step(self, batch_size: float, ignore_stale_grad: bool = False) -> None:
        """Divide the gradients by `batch_size` and move the parameters.

        Raises
        ------
        UserWarning
            When `backward` has not computed a gradient since the last step, unless `ignore_stale_grad`.
        """
        moved = []
        for parameter in self._params:
            data = parameter.data()
            if parameter.grad_req == "null":
                continue
            if not data._fresh:
                if ignore_stale_grad:
                    continue
                raise UserWarning(
                    f"Gradient of Parameter `{parameter.name}` on context {data.ctx} has not been updated by backward "
                    "since last `step`. This could mean a bug in your model that made it only use a subset of the "
                    "Parameters (Blocks) for this iteration. If you are intentionally only using a subset, call step "
                    "with ignore_stale_grad=True to suppress this warning and skip updating of Parameters with stale "
                    "gradient"
                )
            moved.append((parameter, data))
        self._move(moved, 1.0 / batch_size)

    def _move(self, moved: list[tuple[Parameter, Any]], scale: float) -> None:
        """Hand the gradients to swiftconv's optimiser for one step."""
        optimizer = self._prepared()
        for group, parameter in zip(optimizer.param_groups, self._trained(), strict=True):
            group["lr"] = self._options["learning_rate"] * parameter.lr_mult
            group["weight_decay"] = self._options["wd"] * parameter.wd_mult
        try:
            for _, data in moved:
                gradient = data.grad._value
                data._value.grad = gradient if scale == 1.0 else gradient * scale
                data._fresh = False
            optimizer.step()
        finally:
            for _, data in moved:
                data._value.grad = None

    def _trained(self) -> list[Parameter]:
        return [each for each in self._params if each.grad_req != "null"]

    def _prepared(self) -> Any:
        """The optimiser; made when the shapes are known, and again when parameters have been replaced."""
        tensors = [each.data()._value for each in self._trained()]
        held = [] if self._optimizer is None else [group["params"][0] for group in self._optimizer.param_groups]
        if len(held) != len(tensors) or any(a is not b for a, b in zip(held, tensors, strict=True)):
            options = {_NAMES[name]: value for name, value in self._options.items() if name in _NAMES}
            if "beta1" in self._options:
                options["betas"] = (self._options["beta1"], self._options["beta2"])
            self._optimizer = self._kind([{"params": [each]} for each in tensors], **options)
        return self._optimizer

    update = step
