"""Walking the record of operations backward."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .. import _core

if TYPE_CHECKING:
    from ..tensor import Tensor


def _as_tuple(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def backward(
    tensors: Tensor | Sequence[Tensor],
    grad_tensors: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
) -> None:
    r"""Add the gradients of `tensors` to the ``grad`` of the leaves they were computed from.

    For one tensor :math:`y` with gradient :math:`g`, a leaf :math:`x` gets :math:`\sum_i g_i \, \partial y_i / \partial
    x`.

    Parameters
    ----------
    tensors : Tensor or sequence of Tensor
        Where to start.
    grad_tensors : Tensor or sequence of Tensor, optional
        The gradient of each, in its shape and dtype; may be left out where a tensor has one element.
    retain_graph : bool, optional
        Keep what was saved, so that the graph can be walked again. By default the value of `create_graph`.
    create_graph : bool
        Record the computation of the gradients, for second derivatives.

    Raises
    ------
    RuntimeError
        When a tensor has several elements and no gradient is given, when nothing was recorded, when the graph was freed
        by an earlier call, or when a saved value was modified in place.

    Example
    -------
    >>> x = sc.tensor([1.0, 2.0], requires_grad=True)
    >>> sc.autograd.backward((x * x).sum())
    >>> x.grad
    tensor([2., 4.])
    """
    roots = _as_tuple(tensors)
    gradients = None if grad_tensors is None else _as_tuple(grad_tensors)
    if gradients is not None and len(gradients) != len(roots):
        raise RuntimeError(f"backward: {len(roots)} tensors but {len(gradients)} gradients")
    _core.backward(roots, gradients, create_graph if retain_graph is None else bool(retain_graph), bool(create_graph))


def grad(
    outputs: Tensor | Sequence[Tensor],
    inputs: Tensor | Sequence[Tensor],
    grad_outputs: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool = False,
) -> tuple[Tensor | None, ...]:
    """Return the gradients of `outputs` with respect to `inputs`, and leave every ``grad`` as it is.

    Parameters
    ----------
    outputs, grad_outputs, retain_graph, create_graph
        As in `backward`.
    inputs : Tensor or sequence of Tensor
        Leaves or results in between.
    allow_unused : bool
        Return None for an input that no output depends on, instead of raising.

    Returns
    -------
    tuple of Tensor
        One for each of `inputs`, in its shape and dtype.

    Raises
    ------
    RuntimeError
        As in `backward`, and when an input does not take part in the graph.

    Example
    -------
    >>> x = sc.tensor(3.0, requires_grad=True)
    >>> (slope,) = sc.autograd.grad(x**3, x, create_graph=True)
    >>> sc.autograd.grad(slope, x)
    (tensor(18.),)
    """
    roots, wanted = _as_tuple(outputs), _as_tuple(inputs)
    gradients = None if grad_outputs is None else _as_tuple(grad_outputs)
    if gradients is not None and len(gradients) != len(roots):
        raise RuntimeError(f"grad: {len(roots)} outputs but {len(gradients)} gradients")
    retain = create_graph if retain_graph is None else bool(retain_graph)
    return _core.grad(roots, gradients, wanted, retain, bool(create_graph), bool(allow_unused))
