"""``jax.lax``: loops and conditions as functions, and a few operations.

Example
-------
>>> import swiftconv.jax as jax
>>> jax.lax.fori_loop(0, 3, lambda i, x: 2 * x, jax.numpy.ones(2))
Array([8., 8.], dtype=float32)
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import swiftconv as sc

from ..dialects.switch import missing as _missing
from ._array import Array, as_array, binary, unary
from ._convolution import conv_general_dilated
from ._shapes import stack
from .tree_util import tree_map

__all__ = [
    "add",
    "cond",
    "conv_general_dilated",
    "fori_loop",
    "max",
    "min",
    "rsqrt",
    "scan",
    "stop_gradient",
    "while_loop",
]


def add(x: Any, y: Any) -> Array:
    """Return the sum of two arrays."""
    return binary(operator.add, as_array(x), y)


def max(x: Any, y: Any) -> Array:
    """Return the larger of every two elements."""
    return binary(sc.maximum, as_array(x), as_array(y))


def min(x: Any, y: Any) -> Array:
    """Return the smaller of every two elements."""
    return binary(sc.minimum, as_array(x), as_array(y))


def stop_gradient(x: Any) -> Any:
    """Return a tree of arrays through which no gradient goes."""

    def stopped(leaf: Any) -> Any:
        return Array(leaf._tensor.detach(), leaf.dtype, leaf.weak_type) if isinstance(leaf, Array) else leaf

    return tree_map(stopped, x)


def rsqrt(x: Any) -> Array:
    """Return 1 divided by the square root."""
    return unary(sc.rsqrt, x)


def cond(pred: Any, true_fun: Callable[..., Any], false_fun: Callable[..., Any], *operands: Any) -> Any:
    """Return what one of two functions gives."""
    return (true_fun if bool(pred) else false_fun)(*tree_map(as_array, operands))


def fori_loop(lower: int, upper: int, body_fun: Callable[[Any, Any], Any], init_val: Any) -> Any:
    """Return what a function of a number and a value gives at the end of a loop."""
    init_val = tree_map(as_array, init_val)
    for place in range(int(lower), int(upper)):
        init_val = body_fun(place, init_val)
    return init_val


def while_loop(cond_fun: Callable[[Any], Any], body_fun: Callable[[Any], Any], init_val: Any) -> Any:
    """Return the first value for which the condition fails."""
    init_val = tree_map(as_array, init_val)
    while bool(cond_fun(init_val)):
        init_val = body_fun(init_val)
    return init_val


def scan(f: Callable[[Any, Any], Any], init: Any, xs: Any, length: int | None = None) -> Any:
    """Return the last of the values carried along, and all results."""
    from .tree_util import tree_leaves

    count = as_array(tree_leaves(xs)[0]).shape[0] if length is None else length
    results = []
    for place in range(count):
        init, result = f(init, None if xs is None else tree_map(lambda leaf, n=place: as_array(leaf)[n], xs))
        results.append(result)
    return init, tree_map(lambda *parts: stack(parts), results[0], *results[1:]) if results else None


__getattr__ = _missing("jax", "jax.lax", globals())
