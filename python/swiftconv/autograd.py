"""Automatic differentiation: when operations are recorded, and walking the record."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from . import _core

if TYPE_CHECKING:
    from .tensor import Tensor

Function = TypeVar("Function", bound=Callable[..., Any])

is_grad_enabled = _core.is_grad_enabled


class _GradMode:
    """A context manager and decorator that sets whether operations are recorded, for this thread."""

    _wanted: bool

    def __init__(self) -> None:
        # One object can be entered again while it is active, as a recursive decorated function does, and in threads.
        self._local = threading.local()

    def __enter__(self) -> None:
        if not hasattr(self._local, "previous"):
            self._local.previous = []
        self._local.previous.append(_core.set_grad_enabled(self._wanted))

    def __exit__(self, *_: object) -> None:
        _core.set_grad_enabled(self._local.previous.pop())

    def __call__(self, function: Function) -> Function:
        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            with self:
                return function(*args, **kwargs)

        return wrapper  # type: ignore[return-value]


class _FixedGradMode(_GradMode):
    def __new__(cls, function: Function | None = None) -> Any:
        # ``@no_grad`` without parentheses works, too.
        return super().__new__(cls) if function is None else cls()(function)


class no_grad(_FixedGradMode):
    """Record nothing within a ``with`` block or a decorated function.

    Source
    ------
    Dive into Deep Learning, section 3.4 (parameters are updated outside of the record).

    Example
    -------
    >>> x = sc.ones(2, requires_grad=True)
    >>> with sc.no_grad():
    ...     y = x * 2
    >>> y.requires_grad
    False
    """

    _wanted = False


class enable_grad(_FixedGradMode):
    """Record again within a ``with`` block or a decorated function, inside of `no_grad`.

    Example
    -------
    >>> x = sc.ones(2, requires_grad=True)
    >>> with sc.no_grad(), sc.enable_grad():
    ...     y = x * 2
    >>> y.requires_grad
    True
    """

    _wanted = True


class set_grad_enabled(_GradMode):
    """Set whether operations are recorded: from here on, or within a ``with`` block or a decorated function.

    Parameters
    ----------
    mode : bool
        Whether to record.

    Example
    -------
    >>> with sc.set_grad_enabled(False):
    ...     sc.is_grad_enabled()
    False
    """

    def __init__(self, mode: bool) -> None:
        super().__init__()
        self._wanted = bool(mode)
        self._local.previous = [_core.set_grad_enabled(self._wanted)]
        self._is_entered = False

    def __enter__(self) -> None:
        # The constructor has set the mode already; the first block restores what was before it.
        if self._is_entered:
            super().__enter__()
        else:
            self._is_entered = True
            _core.set_grad_enabled(self._wanted)

    def __call__(self, function: Function) -> Function:
        _core.set_grad_enabled(self._local.previous.pop())
        self._is_entered = True
        return super().__call__(function)


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
