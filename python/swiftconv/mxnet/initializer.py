"""``mxnet.initializer`` (``init``): how parameters begin."""

from __future__ import annotations

import math
from typing import Any

from ..dialects.switch import missing
from . import random
from .array import ndarray

_registry: dict[str, type[Initializer]] = {}


class InitDesc(str):
    """The name of a parameter that is being initialised."""


class Initializer:
    """The base of initialisers: a subclass writes ``_init_weight(self, name, data)``, which fills `data`.

    Example
    -------
    >>> from swiftconv.mxnet import init, np
    >>> x = np.zeros(2)
    >>> init.Constant(3)("weight", x)
    >>> x
    array([3., 3.])
    """

    def __init__(self, **kwargs: Any) -> None:
        self._kwargs = kwargs

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        _registry[cls.__name__.lower()] = cls

    def __call__(self, desc: str, arr: ndarray) -> None:
        self._init_weight(desc, arr)

    def _init_weight(self, name: str, arr: ndarray) -> None:
        # Abstract: each initializer below has its own, and a user's must.
        raise NotImplementedError(f"{type(self).__name__} must override _init_weight")


def register(klass: type[Initializer]) -> type[Initializer]:
    """Make an initialiser known by its name; every subclass of `Initializer` is already."""
    _registry[klass.__name__.lower()] = klass
    return klass


def create(initializer: Any, **kwargs: Any) -> Initializer:
    """Return the initialiser of a name such as ``"zeros"``; an initialiser itself as it is."""
    if isinstance(initializer, type):
        return initializer(**kwargs)
    if not isinstance(initializer, str):
        return initializer
    if initializer.lower() not in _registry:
        raise ValueError(f"initializer: {initializer!r} is not known; there are {', '.join(sorted(_registry))}")
    return _registry[initializer.lower()](**kwargs)


class Constant(Initializer):
    """The same value everywhere."""

    def __init__(self, value: Any = 0.0) -> None:
        super().__init__(value=value)
        self.value = value

    def _init_weight(self, name: str, arr: ndarray) -> None:
        arr[...] = self.value


class Zero(Constant):
    """Zeros."""

    def __init__(self) -> None:
        super().__init__(0)


class One(Constant):
    """Ones."""

    def __init__(self) -> None:
        super().__init__(1)


_registry.update(zeros=Zero, ones=One)


class Uniform(Initializer):
    """Evenly from between minus `scale` and `scale`."""

    def __init__(self, scale: float = 0.07) -> None:
        super().__init__(scale=scale)
        self.scale = scale

    def _init_weight(self, name: str, arr: ndarray) -> None:
        random.uniform(-self.scale, self.scale, arr.shape, dtype=arr.dtype, out=arr)


class Normal(Initializer):
    """Normal with mean 0 and standard deviation `sigma`."""

    def __init__(self, sigma: float = 0.01) -> None:
        super().__init__(sigma=sigma)
        self.sigma = sigma

    def _init_weight(self, name: str, arr: ndarray) -> None:
        random.normal(0, self.sigma, arr.shape, dtype=arr.dtype, out=arr)


class Xavier(Initializer):
    """Random with a variance that keeps the size of signals from layer to layer.

    Parameters
    ----------
    rnd_type : {"uniform", "gaussian"}
        The distribution.
    factor_type : {"avg", "in", "out"}
        Which of the numbers of inputs and outputs of a unit counts.
    magnitude : float
        The variance times that number, times 3 for "uniform".

    Source
    ------
    Glorot, Bengio, "Understanding the difficulty of training deep feedforward neural networks" (2010).
    """

    def __init__(self, rnd_type: str = "uniform", factor_type: str = "avg", magnitude: float = 3) -> None:
        super().__init__(rnd_type=rnd_type, factor_type=factor_type, magnitude=magnitude)
        if rnd_type not in ("uniform", "gaussian"):
            raise ValueError("Unknown random type")
        if factor_type not in ("avg", "in", "out"):
            raise ValueError("Incorrect factor type")
        self.rnd_type = rnd_type
        self.factor_type = factor_type
        self.magnitude = float(magnitude)

    def _init_weight(self, name: str, arr: ndarray) -> None:
        if arr.ndim < 2:
            raise ValueError(f"Xavier initializer cannot be applied to vector {name}. It requires at least 2D.")
        window = math.prod(arr.shape[2:])
        fan_in, fan_out = arr.shape[1] * window, arr.shape[0] * window
        factor = {"avg": (fan_in + fan_out) / 2.0, "in": fan_in, "out": fan_out}[self.factor_type]
        scale = math.sqrt(self.magnitude / factor)
        if self.rnd_type == "uniform":
            random.uniform(-scale, scale, arr.shape, dtype=arr.dtype, out=arr)
        else:
            random.normal(0, scale, arr.shape, dtype=arr.dtype, out=arr)


class MSRAPrelu(Xavier):
    """He's variant of `Xavier`, for rectified units with a slope."""

    def __init__(self, factor_type: str = "avg", slope: float = 0.25) -> None:
        super().__init__("gaussian", factor_type, 2.0 / (1 + slope**2))


__getattr__ = missing("mxnet", "mxnet.initializer", globals())
