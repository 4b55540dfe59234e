"""The state of learning: a network's parameters, and those of the optimiser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ....dialects.switch import missing as _missing
from ... import optax
from .. import struct
from ..core import FrozenDict

__all__ = ["TrainState"]


class TrainState(struct.PyTreeNode):
    """Parameters and an optimiser, replaced by a new state at every step.

    Example
    -------
    >>> import swiftconv.jax as jax
    >>> from swiftconv.jax import optax
    >>> from swiftconv.jax.flax.training.train_state import TrainState
    >>> state = TrainState.create(apply_fn=None, params={"w": jax.numpy.ones(2)}, tx=optax.sgd(0.5))
    >>> state.apply_gradients(grads={"w": jax.numpy.ones(2)}).params
    {'w': Array([0.5, 0.5], dtype=float32)}
    """

    step: int
    apply_fn: Callable[..., Any] = struct.field(pytree_node=False)
    params: FrozenDict = struct.field(pytree_node=True)
    tx: Any = struct.field(pytree_node=False)
    opt_state: Any = struct.field(pytree_node=True)

    def apply_gradients(self, *, grads: Any, **kwargs: Any) -> Any:
        """Return the state after a step of the optimiser."""
        updates, opt_state = self.tx.update(grads, self.opt_state, self.params)
        params = optax.apply_updates(self.params, updates)
        return self.replace(step=self.step + 1, params=params, opt_state=opt_state, **kwargs)

    @classmethod
    def create(cls, *, apply_fn: Callable[..., Any], params: Any, tx: Any, **kwargs: Any) -> Any:
        """Return the first state."""
        return cls(step=0, apply_fn=apply_fn, params=params, tx=tx, opt_state=tx.init(params), **kwargs)


__getattr__ = _missing("jax", "flax.training.train_state", globals())
