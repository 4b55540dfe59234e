"""Derivatives of functions: Jacobian and Hessian matrices, and their products with vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from .._core import TensorBase
from .engine import grad
from .grad_mode import enable_grad, no_grad

if TYPE_CHECKING:
    from ..tensor import Tensor

    Tensors = Tensor | tuple[Tensor, ...]

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]


def _as_tuple(value: Any, name: str, what: str) -> tuple[Any, ...]:
    several = tuple(value) if isinstance(value, (tuple, list)) else (value,)
    for place, each in enumerate(several):
        if not isinstance(each, TensorBase):
            raise TypeError(f"{name}: {what} {place} is {type(each).__name__}, expected a tensor")
    return several


def _leaves(inputs: tuple[Any, ...], create_graph: bool) -> tuple[Any, ...]:
    """Inputs to differentiate by: of a graph of their own, or connected to the one they come from."""
    if create_graph:
        with enable_grad():
            return tuple(
                each.view_as(each) if each.requires_grad else each.detach().requires_grad_() for each in inputs
            )
    return tuple(each.detach().requires_grad_() for each in inputs)


def _call(func: Callable[..., Any], leaves: tuple[Any, ...], name: str) -> tuple[tuple[Any, ...], bool]:
    """The function's results, and whether there are several."""
    with enable_grad():
        result = func(*leaves)
    return _as_tuple(result, name, "result"), isinstance(result, (tuple, list))


def _gradients(
    outputs: Sequence[Any],
    leaves: tuple[Any, ...],
    weights: Sequence[Any] | None,
    name: str,
    create_graph: bool,
    strict: bool,
) -> tuple[Any, ...]:
    """Gradients of the leaves, zeros where nothing depends on them; with `strict`, that is an error."""
    pairs = [(each, None if weights is None else weights[n]) for n, each in enumerate(outputs) if each.requires_grad]
    found: Sequence[Any] = [None] * len(leaves)
    if pairs:
        roots, gradients = zip(*pairs, strict=True)
        with enable_grad():
            found = grad(roots, leaves, gradients, retain_graph=True, create_graph=create_graph, allow_unused=True)
    for place, each in enumerate(found):
        if each is None and strict:
            raise RuntimeError(f"{name}: the result does not depend on input {place}; strict=True makes that an error")
    return tuple(_zeros(leaf) if each is None else each for each, leaf in zip(found, leaves, strict=True))


def _zeros(like: Any) -> Any:
    with no_grad():
        return like.detach().clone().zero_()


def _checked_vector(v: Any, like: tuple[Any, ...], name: str, what: str) -> tuple[Any, ...]:
    if v is None:
        if len(like) == 1 and like[0].numel() == 1:
            return (_zeros(like[0]).fill_(1),)
        raise RuntimeError(f"{name}: v may only be left out when the {what} is one tensor with one element")
    vectors = _as_tuple(v, name, "vector")
    if len(vectors) != len(like) or any(a.shape != b.shape for a, b in zip(vectors, like, strict=True)):
        got, wanted = ([tuple(each.shape) for each in group] for group in (vectors, like))
        raise RuntimeError(f"{name}: v has shapes {got}, expected those of the {what}, {wanted}")
    return vectors


def _packed(values: tuple[Any, ...], is_several: bool, create_graph: bool) -> Any:
    values = values if create_graph else tuple(each.detach() for each in values)
    return values if is_several else values[0]


def vjp(
    func: Callable[..., Any],
    inputs: Tensors,
    v: Tensors | None = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Any, Any]:
    r"""Return the results of a function, and the vector-Jacobian product :math:`v^\top J`.

    Parameters
    ----------
    func : callable
        Takes tensors, and returns a tensor or a tuple of them.
    inputs : Tensor or tuple of Tensor
        Where to differentiate.
    v : Tensor or tuple of Tensor, optional
        In the shapes of the results; may be left out for one result with one element.
    create_graph : bool
        Record the computation, so that the products can be differentiated.
    strict : bool
        Raise for an input that no result depends on, instead of returning zeros.

    Returns
    -------
    outputs : Tensor or tuple of Tensor
        What the function returns.
    products : Tensor or tuple of Tensor
        In the shapes of the inputs.

    Example
    -------
    >>> sc.autograd.functional.vjp(lambda x: x * x, sc.tensor([1.0, 2.0]), sc.ones(2))
    (tensor([1., 4.]), tensor([2., 4.]))
    """
    leaves = _leaves(_as_tuple(inputs, "vjp", "input"), create_graph)
    outputs, are_several = _call(func, leaves, "vjp")
    weights = _checked_vector(v, outputs, "vjp", "result")
    found = _gradients(outputs, leaves, weights, "vjp", create_graph, strict)
    return _packed(outputs, are_several, create_graph), _packed(found, isinstance(inputs, (tuple, list)), create_graph)


def jvp(
    func: Callable[..., Any],
    inputs: Tensors,
    v: Tensors | None = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Any, Any]:
    r"""Return the results of a function, and the Jacobian-vector product :math:`J v`.

    It is the gradient, with respect to :math:`u`, of the linear function :math:`(u^\top J) v`.

    Parameters
    ----------
    v : Tensor or tuple of Tensor, optional
        In the shapes of the inputs; may be left out for one input with one element.
    func, inputs, create_graph, strict
        As for `vjp`.

    Returns
    -------
    outputs : Tensor or tuple of Tensor
        What the function returns.
    products : Tensor or tuple of Tensor
        In the shapes of the results.

    Example
    -------
    >>> sc.autograd.functional.jvp(lambda x: x * x, sc.tensor([1.0, 2.0]), sc.ones(2))
    (tensor([1., 4.]), tensor([2., 4.]))
    """
    leaves = _leaves(_as_tuple(inputs, "jvp", "input"), create_graph)
    vectors = _checked_vector(v, leaves, "jvp", "input")
    outputs, are_several = _call(func, leaves, "jvp")
    probes = tuple(_zeros(each).requires_grad_() for each in outputs)
    pulled = _gradients(outputs, leaves, probes, "jvp", True, strict)
    found = _gradients(pulled, probes, vectors, "jvp", create_graph, False)
    return _packed(outputs, are_several, create_graph), _packed(found, are_several, create_graph)


def jacobian(func: Callable[..., Any], inputs: Tensors, create_graph: bool = False, strict: bool = False) -> Any:
    r"""Return all derivatives :math:`\partial y_i / \partial x_j` of a function.

    Parameters
    ----------
    func, inputs, create_graph, strict
        As for `vjp`.

    Returns
    -------
    Tensor or tuple
        ``(*result.shape, *input.shape)``; for several inputs a tuple with one for each, for several results a tuple of
        those.

    Example
    -------
    >>> sc.autograd.functional.jacobian(lambda x: x * x, sc.tensor([1.0, 2.0]))
    tensor([[2., 0.],
            [0., 4.]])
    """
    from ..ops import stack

    leaves = _leaves(_as_tuple(inputs, "jacobian", "input"), create_graph)
    outputs, are_several = _call(func, leaves, "jacobian")
    rows = []
    for output in outputs:
        with enable_grad():
            entries = list(output.reshape(output.numel()))
        found = [_gradients((entry,), leaves, None, "jacobian", create_graph, strict) for entry in entries]
        blocks = []
        for place, leaf in enumerate(leaves):
            shape = (*output.shape, *leaf.shape)
            with enable_grad():
                blocks.append(stack([each[place] for each in found]).reshape(shape) if found else leaf.new_zeros(shape))
        rows.append(_packed(tuple(blocks), isinstance(inputs, (tuple, list)), create_graph))
    return tuple(rows) if are_several else rows[0]


def _one_number(outputs: tuple[Any, ...], name: str) -> Any:
    if len(outputs) != 1 or outputs[0].numel() != 1:
        raise RuntimeError(f"{name}: the function must return one tensor with one element")
    return outputs[0]


def hessian(func: Callable[..., Any], inputs: Tensors, create_graph: bool = False, strict: bool = False) -> Any:
    r"""Return all second derivatives :math:`\partial^2 y / \partial x_i \partial x_j` of a function with one number.

    Parameters
    ----------
    func : callable
        Returns one tensor with one element.
    inputs, create_graph, strict
        As for `vjp`.

    Returns
    -------
    Tensor or tuple of tuple
        ``(*input.shape, *input.shape)``; for several inputs a table of them.

    Example
    -------
    >>> sc.autograd.functional.hessian(lambda x: (x**3).sum(), sc.tensor([1.0, 2.0]))
    tensor([[ 6.,  0.],
            [ 0., 12.]])
    """
    is_several = isinstance(inputs, (tuple, list))

    def slopes(*leaves: Any) -> Any:
        outputs, _ = _call(func, leaves, "hessian")
        number = _one_number(outputs, "hessian")
        found = _gradients((number,), leaves, None, "hessian", True, strict)
        return found if is_several else found[0]

    _as_tuple(inputs, "hessian", "input")
    return jacobian(slopes, inputs, create_graph, strict)


def vhp(
    func: Callable[..., Any],
    inputs: Tensors,
    v: Tensors | None = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Any, Any]:
    r"""Return a function's number, and the product :math:`v^\top H` with the matrix of its second derivatives.

    Parameters
    ----------
    v : Tensor or tuple of Tensor, optional
        In the shapes of the inputs.
    func, inputs, create_graph, strict
        As for `hessian`.

    Example
    -------
    >>> sc.autograd.functional.vhp(lambda x: (x**3).sum(), sc.tensor([1.0, 2.0]), sc.ones(2))
    (tensor(9.), tensor([ 6., 12.]))
    """
    leaves = _leaves(_as_tuple(inputs, "vhp", "input"), create_graph)
    vectors = _checked_vector(v, leaves, "vhp", "input")
    outputs, are_several = _call(func, leaves, "vhp")
    slopes = _gradients((_one_number(outputs, "vhp"),), leaves, None, "vhp", True, strict)
    found = _gradients(slopes, leaves, vectors, "vhp", create_graph, False)
    return _packed(outputs, are_several, create_graph), _packed(found, isinstance(inputs, (tuple, list)), create_graph)


def hvp(
    func: Callable[..., Any],
    inputs: Tensors,
    v: Tensors | None = None,
    create_graph: bool = False,
    strict: bool = False,
) -> tuple[Any, Any]:
    r"""Return a function's number, and :math:`H v`: the same as `vhp`, as the matrix is symmetric.

    Example
    -------
    >>> sc.autograd.functional.hvp(lambda x: (x**3).sum(), sc.tensor([1.0, 2.0]), sc.ones(2))
    (tensor(9.), tensor([ 6., 12.]))
    """
    return vhp(func, inputs, v, create_graph, strict)
