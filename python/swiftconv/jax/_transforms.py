"""Functions of functions: gradients, compilation (which swiftconv does not need) and mapping over an axis."""

from __future__ import annotations

import functools
import operator
import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy

import swiftconv as sc

from ._array import Array, array, as_array
from .tree_util import tree_flatten, tree_map

_recording = threading.local()


class PjitFunction:
    """What `jit` returns: a function whose numbers and NumPy arrays become arrays."""

    def __init__(self, function: Callable[..., Any], static_argnums: Any = None, static_argnames: Any = None) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.static_places = _as_tuple(static_argnums)
        self.static_names = _as_tuple(static_argnames)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        still = {place + len(args) if place < 0 else place for place in self.static_places}
        given = [each if place in still else _traced(each) for place, each in enumerate(args)]
        named = {name: each if name in self.static_names else _traced(each) for name, each in kwargs.items()}
        return _traced(self.function(*given, **named))

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else functools.partial(self, instance)

    def __repr__(self) -> str:
        return f"<PjitFunction of {self.function!r}>"


class custom_jvp:
    """A function with a derivative of its own, in JAX; here the core knows the derivatives."""

    def __init__(self, fun: Callable[..., Any], nondiff_argnums: Sequence[int] = ()) -> None:
        functools.update_wrapper(self, fun)
        self.fun = fun

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.fun(*args, **kwargs)


def _as_tuple(value: Any) -> tuple[Any, ...]:
    if value is None:
        return ()
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def _traced(tree: Any) -> Any:
    """Arrays in the places of numbers and NumPy arrays."""
    return tree_map(
        lambda leaf: array(leaf) if isinstance(leaf, (bool, int, float, numpy.ndarray, numpy.generic)) else leaf, tree
    )


def jit(
    fun: Callable[..., Any] | None = None,
    *,
    static_argnums: int | Sequence[int] | None = None,
    static_argnames: str | Sequence[str] | None = None,
    **options: Any,
) -> Any:
    """Return a function that computes the same as `fun`.

    Parameters
    ----------
    fun : callable
        Takes and returns trees of arrays.
    static_argnums, static_argnames
        Arguments that are no arrays.

    Example
    -------
    >>> import swiftconv.jax as jax
    >>> jax.jit(lambda x: 2 * x)(jax.numpy.ones(2))
    Array([2., 2.], dtype=float32)
    """
    if fun is None:
        return functools.partial(jit, static_argnums=static_argnums, static_argnames=static_argnames, **options)
    return PjitFunction(fun, static_argnums, static_argnames)


def _is_nested() -> bool:
    return getattr(_recording, "depth", 0) > 0


def _leaf(value: Any, name: str) -> Array:
    source = as_array(value)
    if source.dtype.kind != "f":
        raise TypeError(
            f"{name} requires real- or complex-valued inputs (input dtype that is a sub-dtype of np.inexact), but got "
            f"{source.dtype.name}. If you want to use Boolean- or integer-valued inputs, use vjp or set allow_int to "
            "True."
        )
    with sc.enable_grad():
        tensor = source._tensor
        tensor = tensor.view_as(tensor) if tensor.requires_grad else tensor.detach().requires_grad_()
    return Array(tensor, source.dtype, source.weak_type)


def _watched(
    fun: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], places: tuple[int, ...], name: str
) -> tuple[Any, list[Array], Any]:
    """Call a function on arguments whose leaves are recorded; return its result, the leaves and their structure."""
    for place in places:
        if not -len(args) <= place < len(args):
            raise TypeError(
                f"{name}: differentiating with respect to argument {place} requires at least {place + 1} "
                f"positional arguments to be passed by the caller, but got only {len(args)}."
            )
    places = tuple(place % len(args) for place in places)
    values, structure = tree_flatten(tuple(args[place] for place in places))
    leaves = [_leaf(each, name) for each in values]
    given = list(args)
    for place, each in zip(places, structure.unflatten(leaves), strict=True):
        given[place] = each
    _recording.depth = getattr(_recording, "depth", 0) + 1
    try:
        with sc.enable_grad():
            return fun(*given, **kwargs), leaves, structure
    finally:
        _recording.depth -= 1


def _gradients(output: Array, leaves: list[Array], weight: Any = None, keep: bool = False) -> list[Array]:
    nested = _is_nested()
    found: Sequence[Any] = [None] * len(leaves)
    if output._tensor.requires_grad:
        tensors = [each._tensor for each in leaves]
        weights = None if weight is None else (weight._tensor,)
        with sc.enable_grad():
            found = sc.autograd.grad(
                (output._tensor,),
                tensors,
                weights,
                retain_graph=nested or keep,
                create_graph=nested,
                allow_unused=True,
            )
    return [
        Array(sc.zeros_like(leaf._tensor.detach()) if each is None else each, leaf.dtype, leaf.weak_type)
        for each, leaf in zip(found, leaves, strict=True)
    ]


def released(tree: Any) -> Any:
    """Return a tree whose arrays no longer remember how they were computed, unless an outer gradient asks for it."""
    if _is_nested():
        return tree
    return tree_map(
        lambda leaf: Array(leaf._tensor.detach(), leaf.dtype, leaf.weak_type) if isinstance(leaf, Array) else leaf,
        tree,
    )


def value_and_grad(
    fun: Callable[..., Any],
    argnums: int | Sequence[int] = 0,
    has_aux: bool = False,
    holomorphic: bool = False,
    allow_int: bool = False,
) -> Callable[..., Any]:
    """Return a function that gives the value of `fun`, a number, and its gradients.

    Parameters
    ----------
    fun : callable
        Returns one number; with `has_aux`, a pair of it and anything else.
    argnums : int or sequence of int
        The arguments, trees of arrays, to differentiate by.
    has_aux : bool
        Whether the function returns something more.

    Example
    -------
    >>> import swiftconv.jax as jax
    >>> jax.value_and_grad(lambda x: (x**2).sum())(jax.numpy.ones(2))
    (Array(2., dtype=float32), Array([2., 2.], dtype=float32))
    """
    places = _as_tuple(argnums)

    @functools.wraps(fun)
    def both(*args: Any, **kwargs: Any) -> Any:
        result, leaves, structure = _watched(fun, args, kwargs, places, "grad")
        if has_aux and not (isinstance(result, (tuple, list)) and len(result) == 2):
            raise TypeError(
                f"expected function with aux output to return a two-element tuple, but got type {type(result)}"
                f" with value {result!r}"
            )
        value, aux = result if has_aux else (result, None)
        if not isinstance(value, (Array, float, int, numpy.generic, numpy.ndarray)):
            raise TypeError(f"Gradient only defined for scalar-output functions. Output was {value}.")
        value = as_array(value)
        if value.shape != ():
            raise TypeError(f"Gradient only defined for scalar-output functions. Output had shape: {value.shape}.")
        if value.dtype.kind != "f":
            raise TypeError(
                f"grad requires real- or complex-valued outputs (output dtype that is a sub-dtype of "
                f"np.inexact), but got {value.dtype.name}."
            )
        grads = structure.unflatten(_gradients(value, leaves))
        value, aux = released(value), released(aux)
        return ((value, aux) if has_aux else value), (grads[0] if isinstance(argnums, int) else grads)

    return both


def grad(
    fun: Callable[..., Any],
    argnums: int | Sequence[int] = 0,
    has_aux: bool = False,
    holomorphic: bool = False,
    allow_int: bool = False,
) -> Callable[..., Any]:
    """Return a function that gives the gradients of `fun`, as `value_and_grad` does.

    Example
    -------
    >>> import swiftconv.jax as jax
    >>> jax.grad(jax.grad(lambda x: x**3))(2.0)
    Array(12., dtype=float32, weak_type=True)
    """
    both = value_and_grad(fun, argnums, has_aux)

    @functools.wraps(fun)
    def slopes(*args: Any, **kwargs: Any) -> Any:
        value, grads = both(*args, **kwargs)
        return (grads, value[1]) if has_aux else grads

    return slopes


def vjp(fun: Callable[..., Any], *primals: Any, has_aux: bool = False) -> Any:
    """Return the value of `fun`, an array, and a function that gives the gradients for a gradient of the value.

    Example
    -------
    >>> import swiftconv.jax as jax
    >>> value, pull = jax.vjp(lambda x: x * x, jax.numpy.array([1.0, 2.0]))
    >>> pull(jax.numpy.ones(2))
    (Array([2., 4.], dtype=float32),)
    """
    result, leaves, structure = _watched(fun, primals, {}, tuple(range(len(primals))), "vjp")
    value, aux = result if has_aux else (result, None)
    value = as_array(value)

    def pull(weight: Any) -> Any:
        return structure.unflatten(_gradients(value, leaves, as_array(weight), keep=True))

    return (released(value), pull, released(aux)) if has_aux else (released(value), pull)


def jvp(fun: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Array, Array]:
    """Return the value of `fun`, an array, and how it changes when the arguments change by `tangents`.

    Example
    -------
    >>> import swiftconv.jax as jax
    >>> jax.jvp(lambda x: x**2, (3.0,), (1.0,))
    (Array(9., dtype=float32, weak_type=True), Array(6., dtype=float32, weak_type=True))
    """
    value, _ = vjp(fun, *primals)
    directions = [as_array(each) for each in tree_flatten(tuple(tangents))[0]]

    def moved(weight: Array) -> Array:
        # Gradients are linear in the weight of the value, with the wanted change as the factor.
        _, pull = vjp(fun, *primals)
        slopes = tree_flatten(pull(weight))[0]
        return functools.reduce(operator.add, (_total(g * v) for g, v in zip(slopes, directions, strict=True)))

    change = grad(moved)(Array(sc.zeros_like(value._tensor), value.dtype, value.weak_type))
    return value, change


def _total(values: Array) -> Array:
    return Array(values._tensor.sum(), values.dtype, values.weak_type)


def jacrev(fun: Callable[..., Any], argnums: int = 0) -> Callable[..., Any]:
    """Return a function that gives all derivatives of `fun`, of shape ``(*value.shape, *argument.shape)``.

    Example
    -------
    >>> import swiftconv.jax as jax
    >>> jax.jacrev(lambda x: x * x)(jax.numpy.array([1.0, 2.0]))
    Array([[2., 0.],
           [0., 4.]], dtype=float32)
    """

    @functools.wraps(fun)
    def jacobian(*args: Any, **kwargs: Any) -> Any:
        result, leaves, structure = _watched(fun, args, kwargs, (argnums,), "jacrev")
        value = as_array(result)
        rows = []
        for place in range(value.size):
            weight = sc.zeros(value.size)
            weight[place] = 1
            rows.append(_gradients(value, leaves, Array(weight.reshape(value.shape)), keep=True))
        stacked = [
            Array(sc.stack([row[n]._tensor for row in rows]).reshape((*value.shape, *leaf.shape)), leaf.dtype)
            for n, leaf in enumerate(leaves)
        ]
        return structure.unflatten(stacked)[0]

    return jacobian


jacfwd = jacobian = jacrev


def hessian(fun: Callable[..., Any], argnums: int = 0) -> Callable[..., Any]:
    """Return a function that gives all second derivatives of `fun`, a number."""
    return jacrev(grad(fun, argnums), argnums)


def vmap(fun: Callable[..., Any], in_axes: Any = 0, out_axes: Any = 0, **options: Any) -> Callable[..., Any]:
    """Return a function that calls `fun` for every entry along an axis of its arguments, and stacks the results.

    Example
    -------
    >>> import swiftconv.jax as jax
    >>> jax.vmap(jax.numpy.dot, in_axes=(0, None))(jax.numpy.ones((2, 3)), jax.numpy.ones(3))
    Array([3., 3.], dtype=float32)
    """

    @functools.wraps(fun)
    def mapped(*args: Any, **kwargs: Any) -> Any:
        axes = in_axes if isinstance(in_axes, (tuple, list)) else (in_axes,) * len(args)
        if len(axes) != len(args):
            raise ValueError(
                f"vmap in_axes must be an int, None, or a tuple of entries corresponding to the positional "
                f"arguments passed to the function, but got {len(axes)=}, {len(args)=}"
            )
        sizes = {
            as_array(leaf).shape[axis]
            for each, axis in zip(args, axes, strict=True)
            if axis is not None
            for leaf in tree_flatten(each)[0]
        }
        if len(sizes) != 1:
            raise ValueError(f"vmap got inconsistent sizes for array axes to be mapped: {sorted(sizes)}")
        results = [
            fun(
                *(each if axis is None else _entry(each, axis, place) for each, axis in zip(args, axes, strict=True)),
                **{name: _entry(each, 0, place) for name, each in kwargs.items()},
            )
            for place in range(sizes.pop())
        ]
        return tree_map(lambda *parts: _stacked(parts, out_axes), results[0], *results[1:])

    return mapped


def _entry(tree: Any, axis: int, place: int) -> Any:
    def entry(leaf: Any) -> Array:
        source = as_array(leaf)
        return Array(source._tensor.select(axis, place), source.dtype, source.weak_type)

    return tree_map(entry, tree)


def _stacked(parts: Sequence[Any], axis: int) -> Array:
    arrays = [as_array(each) for each in parts]
    return Array(sc.stack([each._tensor for each in arrays], axis), arrays[0].dtype)


def checkpoint(fun: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    """Return `fun`: what it computes is kept, not computed again."""
    return fun


remat = checkpoint
