"""Optax: optimisers as pairs of functions, and losses.

Example
-------
>>> import swiftconv.jax as jax
>>> from swiftconv.jax import optax
>>> optimizer, params = optax.sgd(0.5), jax.numpy.ones(2)
>>> updates, state = optimizer.update(jax.numpy.ones(2), optimizer.init(params))
>>> optax.apply_updates(params, updates)
Array([0.5, 0.5], dtype=float32)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import swiftconv as sc

from ..dialects.switch import missing as _missing
from ..nn import functional as _F
from . import numpy as _jnp
from ._array import Array, as_array, wrapped
from ._elementwise import to_float
from .tree_util import tree_leaves, tree_map

__all__ = ["EmptyState", "GradientTransformation", "TraceState", "adam", "adamw", "add_decayed_weights",
           "apply_updates", "chain", "clip_by_global_norm", "global_norm", "identity", "l2_loss", "scale",
           "scale_by_adam", "sgd", "sigmoid_binary_cross_entropy", "softmax_cross_entropy",
           "softmax_cross_entropy_with_integer_labels", "squared_error", "trace"]  # fmt: skip


class GradientTransformation(NamedTuple):
    """A function that makes a state of parameters, and one that makes updates of gradients and a state."""

    init: Callable[..., Any]
    update: Callable[..., Any]


class EmptyState(NamedTuple):
    """The state of what needs none."""


class TraceState(NamedTuple):
    """The state of `trace`."""

    trace: Any


class ScaleByAdamState(NamedTuple):
    """The state of `scale_by_adam`."""

    count: Any
    mu: Any
    nu: Any


class ScaleByScheduleState(NamedTuple):
    """The state of a learning rate that changes."""

    count: Any


def identity() -> GradientTransformation:
    """Return what changes nothing."""
    return GradientTransformation(lambda params: EmptyState(), lambda updates, state, params=None: (updates, state))


def scale(step_size: Any) -> GradientTransformation:
    """Return what multiplies by a number."""

    def update(updates: Any, state: Any, params: Any = None) -> tuple[Any, Any]:
        return tree_map(lambda g: step_size * g, updates), state

    return GradientTransformation(lambda params: EmptyState(), update)


def _scale_by_learning_rate(learning_rate: Any) -> GradientTransformation:
    if not callable(learning_rate):
        return scale(-1 * learning_rate)

    def update(updates: Any, state: Any, params: Any = None) -> tuple[Any, Any]:
        rate = learning_rate(state.count)
        return tree_map(lambda g: -rate * g, updates), ScaleByScheduleState(state.count + 1)

    return GradientTransformation(lambda params: ScaleByScheduleState(0), update)


def chain(*args: GradientTransformation) -> GradientTransformation:
    """Return transformations one after the other."""

    def update(updates: Any, state: Any, params: Any = None) -> tuple[Any, Any]:
        states = []
        for each, own in zip(args, state, strict=True):
            updates, new = each.update(updates, own, params)
            states.append(new)
        return updates, tuple(states)

    return GradientTransformation(lambda params: tuple(each.init(params) for each in args), update)


def trace(decay: float, nesterov: bool = False) -> GradientTransformation:
    """Return what adds up gradients, each old one multiplied by `decay`."""

    def update(updates: Any, state: TraceState, params: Any = None) -> tuple[Any, Any]:
        moved = tree_map(lambda g, t: g + decay * t, updates, state.trace)
        return (tree_map(lambda g, t: g + decay * t, updates, moved) if nesterov else moved), TraceState(moved)

    return GradientTransformation(lambda params: TraceState(tree_map(_jnp.zeros_like, params)), update)


def sgd(learning_rate: Any, momentum: float | None = None, nesterov: bool = False) -> GradientTransformation:
    """Return stochastic gradient descent."""
    first = identity() if momentum is None else trace(momentum, nesterov)
    return chain(first, _scale_by_learning_rate(learning_rate))


def scale_by_adam(b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8) -> GradientTransformation:
    """Return what divides running means of gradients by the roots of those of their squares."""

    def init(params: Any) -> ScaleByAdamState:
        return ScaleByAdamState(0, tree_map(_jnp.zeros_like, params), tree_map(_jnp.zeros_like, params))

    def update(updates: Any, state: ScaleByAdamState, params: Any = None) -> tuple[Any, Any]:
        count = state.count + 1
        mu = tree_map(lambda g, m: (1 - b1) * g + b1 * m, updates, state.mu)
        nu = tree_map(lambda g, v: (1 - b2) * g * g + b2 * v, updates, state.nu)
        ahead, power = 1 - b1**count, 1 - b2**count
        updates = tree_map(lambda m, v: (m / ahead) / (_jnp.sqrt(v / power) + eps), mu, nu)
        return updates, ScaleByAdamState(count, mu, nu)

    return GradientTransformation(init, update)


def adam(learning_rate: Any, b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8) -> GradientTransformation:
    """Return Adam."""
    return chain(scale_by_adam(b1, b2, eps), _scale_by_learning_rate(learning_rate))


def adamw(
    learning_rate: Any, b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8, weight_decay: float = 1e-4
) -> GradientTransformation:
    """Return Adam with weight decay."""
    return chain(scale_by_adam(b1, b2, eps), add_decayed_weights(weight_decay), _scale_by_learning_rate(learning_rate))


def add_decayed_weights(weight_decay: float = 0.0, mask: Any = None) -> GradientTransformation:
    """Return what adds the parameters, multiplied by a number; `mask` is a tree that tells to which."""

    def update(updates: Any, state: Any, params: Any = None) -> tuple[Any, Any]:
        if params is None:
            raise ValueError("add_decayed_weights: update needs params")
        if mask is None:
            return tree_map(lambda g, p: g + weight_decay * p, updates, params), state
        chosen = mask(params) if callable(mask) else mask
        return tree_map(lambda g, p, m: g + weight_decay * p if m else g, updates, params, chosen), state

    return GradientTransformation(lambda params: EmptyState(), update)


additive_weight_decay = add_decayed_weights


def global_norm(updates: Any) -> Array:
    """Return the length of all arrays of a tree as one vector."""
    return _jnp.sqrt(sum((each * each).sum() for each in map(as_array, tree_leaves(updates))))


def clip_by_global_norm(max_norm: float) -> GradientTransformation:
    """Return what shortens gradients that are longer than a number."""

    def update(updates: Any, state: Any, params: Any = None) -> tuple[Any, Any]:
        length = global_norm(updates)
        return tree_map(lambda g: _jnp.where(length < max_norm, g, g / length * max_norm), updates), state

    return GradientTransformation(lambda params: EmptyState(), update)


def apply_updates(params: Any, updates: Any) -> Any:
    """Return the parameters with the updates added."""
    return tree_map(lambda p, u: as_array(p) + u, params, updates)


def softmax_cross_entropy_with_integer_labels(logits: Any, labels: Any) -> Array:
    """Return, for each row of scores ``(..., C)``, the cross-entropy of the class that `labels` tells.

    Example
    -------
    >>> import swiftconv.jax.numpy as jnp
    >>> from swiftconv.jax import optax
    >>> optax.softmax_cross_entropy_with_integer_labels(jnp.zeros((2, 4)), jnp.array([0, 3]))
    Array([1.3862944, 1.3862944], dtype=float32)
    """
    scores, classes = to_float(logits), as_array(labels)
    rows = scores._tensor.reshape((-1, scores.shape[-1]))
    losses = _F.cross_entropy(rows, classes._tensor.to(sc.int64).reshape(-1), reduction="none")
    return wrapped(losses.reshape(scores.shape[:-1]))


def softmax_cross_entropy(logits: Any, labels: Any) -> Array:
    """Return, for each row of scores, the cross-entropy of the probabilities in `labels`."""
    scores = to_float(logits)
    return -(wrapped(sc.log_softmax(scores._tensor, -1)) * as_array(labels)).sum(axis=-1)


def sigmoid_binary_cross_entropy(logits: Any, labels: Any) -> Array:
    """Return the cross-entropy of two classes, for each score."""
    scores, targets = to_float(logits), to_float(labels)
    return wrapped(_F.binary_cross_entropy_with_logits(scores._tensor, targets._tensor, reduction="none"))


def squared_error(predictions: Any, targets: Any = None) -> Array:
    """Return the squares of the errors."""
    errors = as_array(predictions) if targets is None else as_array(predictions) - targets
    return errors * errors


def l2_loss(predictions: Any, targets: Any = None) -> Array:
    """Return half the squares of the errors."""
    return 0.5 * squared_error(predictions, targets)


__getattr__ = _missing("jax", "optax", globals())
