"""``tf.keras.activations``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...dialects import missing as _missing
from .. import nn as _nn
from .._elementwise import exp as exponential
from .._elementwise import maximum as _maximum
from .._elementwise import minimum as _minimum
from .._elementwise import multiply as _multiply
from .._elementwise import sigmoid, softplus, tanh
from .._tensor import convert as _convert
from ..nn import elu, gelu, selu, softmax, swish
from ._checks import unknown as _unknown

__all__ = [
    "deserialize",
    "elu",
    "exponential",
    "gelu",
    "get",
    "linear",
    "relu",
    "selu",
    "serialize",
    "sigmoid",
    "softmax",
    "softplus",
    "swish",
    "tanh",
]


def relu(x: Any, alpha: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Any:
    """Return every element, or `alpha` times it below zero; at most `max_value`.

    Example
    -------
    >>> import swiftconv.tensorflow as tf
    >>> tf.keras.activations.relu(tf.constant([-1.0, 2.0]))
    <tf.Tensor: shape=(2,), dtype=float32, numpy=array([0., 2.], dtype=float32)>
    """
    if threshold:
        raise ValueError("relu: threshold is not in swiftconv's tensorflow dialect")
    result = _nn.leaky_relu(x, alpha) if alpha else _nn.relu(x)
    return result if max_value is None else _minimum(result, max_value)


def linear(x: Any) -> Any:
    """Return the argument."""
    return _convert(x)


def hard_sigmoid(x: Any) -> Any:
    """Return 0.2 x + 0.5, between 0 and 1."""
    return _maximum(_minimum(_multiply(x, 0.2) + 0.5, 1.0), 0.0)


def get(identifier: Any) -> Callable[..., Any]:
    """Return the function for a name, for None the one that changes nothing."""
    if identifier is None:
        return linear
    found = globals().get(identifier) if isinstance(identifier, str) and identifier[:1] != "_" else identifier
    if not callable(found):
        raise ValueError(_unknown("activation function", identifier))
    return found


def serialize(activation: Any) -> str:
    """Return the name of an activation."""
    return activation.__name__


deserialize = get

__getattr__ = _missing("tensorflow", "tensorflow.keras.activations", globals())
