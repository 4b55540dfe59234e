"""Trees as plain dictionaries.

Example
-------
>>> from swiftconv.jax.flax import serialization
>>> serialization.to_state_dict({"a": [1]})
{'a': {'0': 1}}
"""

from __future__ import annotations

from typing import Any

from ...dialects.switch import missing as _missing
from .core import FrozenDict, unfreeze

__all__ = ["from_state_dict", "to_state_dict"]


def to_state_dict(target: Any) -> Any:
    """Return dictionaries in the places of lists and tuples."""
    target = unfreeze(target)
    if isinstance(target, dict):
        return {key: to_state_dict(each) for key, each in target.items()}
    if isinstance(target, (list, tuple)):
        return {str(place): to_state_dict(each) for place, each in enumerate(target)}
    return target


def from_state_dict(target: Any, state: Any) -> Any:
    """Return a tree like `target` with the values of dictionaries."""
    if isinstance(target, (dict, FrozenDict)):
        return type(target)({key: from_state_dict(each, state[key]) for key, each in target.items()})
    if isinstance(target, (list, tuple)):
        return type(target)(from_state_dict(each, state[str(place)]) for place, each in enumerate(target))
    return state


__getattr__ = _missing("jax", "flax.serialization", globals())
