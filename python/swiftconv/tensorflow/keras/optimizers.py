"""``tf.keras.optimizers``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...dialects import missing as _missing
from .. import _create
from .. import _elementwise as _e
from .._tape import GradientTape
from .._variable import Variable

__all__ = ["Adagrad", "Adam", "Optimizer", "RMSprop", "SGD", "get"]


class Optimizer:
    """Changes variables by their gradients; subclasses define `_step`.

    Parameters
    ----------
    learning_rate : float, tensor or function
        How far to go.
    """

    def __init__(self, learning_rate: Any = 0.01, name: str | None = None, clipnorm: Any = None, **kwargs: Any) -> None:
        learning_rate = kwargs.pop("lr", learning_rate)
        for known in ("weight_decay", "clipvalue", "global_clipnorm", "use_ema", "jit_compile", "decay"):
            if kwargs.pop(known, None):
                raise ValueError(f"{type(self).__name__}: {known} is not in swiftconv's tensorflow dialect")
        if kwargs:
            raise TypeError(f"{type(self).__name__}: argument(s) not recognized: {', '.join(kwargs)}")
        self.name = name or type(self).__name__
        self.clipnorm = clipnorm
        self._rate = (
            learning_rate
            if callable(learning_rate)
            else Variable(learning_rate, dtype="float32", trainable=False, name="learning_rate")
        )
        self.iterations = Variable(0, dtype="int64", trainable=False, name="iteration")
        self._slots: dict[tuple[int, str], Variable] = {}
        self._kept: list[Variable] = []

    @property
    def learning_rate(self) -> Any:
        """How far to go; can be set."""
        return self._rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        if callable(value) and not hasattr(value, "numpy"):
            self._rate = value
        elif isinstance(self._rate, Variable):
            self._rate.assign(_create.cast(value, "float32"))
        else:
            self._rate = Variable(value, dtype="float32", trainable=False)

    lr = learning_rate

    def _now(self) -> float:
        rate = self._rate
        if callable(rate):
            rate = rate(self.iterations.numpy()) if _takes_argument(rate) else rate()
        return float(rate)

    def slot(self, variable: Variable, name: str) -> Variable:
        """Return what the optimizer remembers for a variable, zeros at first."""
        key = (id(variable._cell), name)
        if key not in self._slots:
            self._slots[key] = Variable(_create.zeros_like(variable), trainable=False, name=name)
            self._kept.append(variable)
        return self._slots[key]

    @property
    def variables(self) -> list[Variable]:
        """The state of the optimizer."""
        return [self.iterations, *self._slots.values()]

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, Variable]], **_: Any) -> Variable:
        """Take a step with pairs of gradients and variables.

        Raises
        ------
        ValueError
            When there is no gradient for any variable.
        """
        pairs = [(gradient, variable) for gradient, variable in grads_and_vars if gradient is not None]
        if not pairs:
            raise ValueError("No gradients provided for any variable.")
        rate = self._now()
        for gradient, variable in pairs:
            if self.clipnorm is not None:
                from .._math import clip_by_norm

                gradient = clip_by_norm(gradient, self.clipnorm)
            self._step(gradient, variable, rate)
        self.iterations.assign_add(1)
        return self.iterations

    def minimize(self, loss: Any, var_list: Any, tape: Any = None) -> Variable:
        """Compute the gradients of a loss, given as a function or as a tensor with its tape, and take a step."""
        if callable(loss):
            with GradientTape() as tape:
                loss = loss()
        variables = list(var_list() if callable(var_list) else var_list)
        return self.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))

    def _step(self, gradient: Any, variable: Variable, rate: float) -> None:
        # Abstract: each optimizer below has its own.
        raise NotImplementedError


def _takes_argument(function: Any) -> bool:
    import inspect

    return bool(inspect.signature(function).parameters)


class SGD(Optimizer):
    """``w -= learning_rate * gradient``, with momentum if wanted."""

    def __init__(self, learning_rate: Any = 0.01, momentum: float = 0.0, nesterov: bool = False, **kwargs: Any) -> None:
        super().__init__(learning_rate, **kwargs)
        self.momentum, self.nesterov = momentum, nesterov

    def _step(self, gradient: Any, variable: Variable, rate: float) -> None:
        if not self.momentum:
            variable.assign_sub(gradient * rate)
            return
        speed = self.slot(variable, "m")
        speed.assign(speed * self.momentum - gradient * rate)
        variable.assign_add(speed * self.momentum - gradient * rate if self.nesterov else speed)


class Adam(Optimizer):
    """Steps from running means of gradients and of their squares (Kingma and Ba, arXiv:1412.6980)."""

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, **kwargs)
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

    def _step(self, gradient: Any, variable: Variable, rate: float) -> None:
        step = int(self.iterations) + 1
        mean, square = self.slot(variable, "m"), self.slot(variable, "v")
        mean.assign_add((gradient - mean) * (1 - self.beta_1))
        square.assign_add((gradient * gradient - square) * (1 - self.beta_2))
        scale = rate * (1 - self.beta_2**step) ** 0.5 / (1 - self.beta_1**step)
        variable.assign_sub(mean * scale / (_e.sqrt(square) + self.epsilon))


class RMSprop(Optimizer):
    """Steps divided by the root of a running mean of squares."""

    def __init__(
        self, learning_rate: Any = 0.001, rho: float = 0.9, momentum: float = 0.0, epsilon: float = 1e-7, **kwargs: Any
    ) -> None:
        super().__init__(learning_rate, **kwargs)
        self.rho, self.momentum, self.epsilon = rho, momentum, epsilon

    def _step(self, gradient: Any, variable: Variable, rate: float) -> None:
        square = self.slot(variable, "velocity")
        square.assign(square * self.rho + gradient * gradient * (1 - self.rho))
        change = gradient * rate * _e.rsqrt(square + self.epsilon)
        if self.momentum:
            speed = self.slot(variable, "momentum")
            speed.assign(speed * self.momentum + change)
            change = speed
        variable.assign_sub(change)


class Adagrad(Optimizer):
    """Steps divided by the root of the sum of squares."""

    def __init__(
        self, learning_rate: Any = 0.001, initial_accumulator_value: float = 0.1, epsilon: float = 1e-7, **kwargs: Any
    ) -> None:
        super().__init__(learning_rate, **kwargs)
        self.initial, self.epsilon = initial_accumulator_value, epsilon

    def _step(self, gradient: Any, variable: Variable, rate: float) -> None:
        total = self.slot(variable, "accumulator")
        total.assign_add(gradient * gradient)
        variable.assign_sub(gradient * rate / _e.sqrt(total + (self.initial + self.epsilon)))


def get(identifier: Any) -> Any:
    """Return the optimizer for a name, a class or an optimizer."""
    if isinstance(identifier, str):
        known = {"sgd": SGD, "adam": Adam, "rmsprop": RMSprop, "adagrad": Adagrad}
        if identifier.lower() not in known:
            raise ValueError(f"Unknown optimizer: '{identifier}'. Known: {', '.join(known)}")
        return known[identifier.lower()]()
    return identifier() if isinstance(identifier, type) else identifier


for _class in (Adagrad, Adam, RMSprop, SGD):
    _class.__module__ = f"keras.optimizers.{_class.__name__.lower()}"

__getattr__ = _missing("tensorflow", "tensorflow.keras.optimizers", globals())
