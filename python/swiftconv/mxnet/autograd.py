"""``mxnet.autograd``: operations are recorded within ``record()`` only, and ``backward`` starts from any shape."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from .. import _core
from ..creation import ones_like
from ..dialects.switch import missing
from .base import MXNetError

if TYPE_CHECKING:
    from .array import ndarray


class _State(threading.local):
    recording = False
    training = False


_state = _State()

# Arrays that want gradients, by identity. `backward` hands the core's gradients on to them.
_attached: weakref.WeakValueDictionary[int, ndarray] = weakref.WeakValueDictionary()


class _Scope:
    """A context manager that sets whether operations are recorded, and whether layers train."""

    def __init__(self, recording: bool | None, training: bool | None) -> None:
        self._wanted = (recording, training)
        self._previous: list[tuple[bool, bool]] = []

    def __enter__(self) -> None:
        self._previous.append((_state.recording, _state.training))
        recording, training = self._wanted
        if recording is not None:
            _state.recording = recording
        if training is not None:
            _state.training = training

    def __exit__(self, *_: object) -> None:
        _state.recording, _state.training = self._previous.pop()


def record(train_mode: bool = True) -> _Scope:
    """Record operations within a ``with`` block, with layers in training mode.

    Example
    -------
    >>> from swiftconv.mxnet import autograd, np
    >>> x = np.arange(3)
    >>> x.attach_grad()
    >>> with autograd.record():
    ...     y = x * x
    >>> y.backward()
    >>> x.grad
    array([0., 2., 4.])
    """
    return _Scope(True, train_mode)


def pause(train_mode: bool = False) -> _Scope:
    """Record nothing within a ``with`` block."""
    return _Scope(False, train_mode)


def train_mode() -> _Scope:
    """Let layers train within a ``with`` block; recording stays as it is."""
    return _Scope(None, True)


def predict_mode() -> _Scope:
    """Let layers predict within a ``with`` block; recording stays as it is."""
    return _Scope(None, False)


def is_recording() -> bool:
    """Tell whether operations are recorded."""
    return _state.recording


def is_training() -> bool:
    """Tell whether layers train.

    Example
    -------
    >>> from swiftconv.mxnet import autograd
    >>> with autograd.record():
    ...     inside = autograd.is_training()
    >>> inside, autograd.is_training()
    (True, False)
    """
    return _state.training


def set_recording(is_recording: bool) -> bool:
    """Set whether operations are recorded; returns the previous setting."""
    previous, _state.recording = _state.recording, bool(is_recording)
    return previous


def set_training(train_mode: bool) -> bool:
    """Set whether layers train; returns the previous setting."""
    previous, _state.training = _state.training, bool(train_mode)
    return previous


def mark_variables(variables: Any, gradients: Any, grad_reqs: Any = "write") -> None:
    """Attach gradient arrays to variables."""
    variables, gradients = _as_list(variables), _as_list(gradients)
    requests = [grad_reqs] * len(variables) if isinstance(grad_reqs, str) else list(grad_reqs)
    for variable, gradient, request in zip(variables, gradients, requests, strict=True):
        variable.attach_grad(request)
        variable._grad = gradient


def attach(array: ndarray) -> None:
    """Remember an array that wants gradients."""
    _attached[id(array)] = array


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _checked_heads(heads: Any, head_grads: Any) -> tuple[list[Any], list[Any]]:
    """The tensors to start from and the gradient of each; ones where none is given."""
    roots = [each._value for each in _as_list(heads)]
    given = _as_list(head_grads) if head_grads is not None else [None] * len(roots)
    if len(given) != len(roots):
        raise ValueError(f"backward: {len(roots)} heads but {len(given)} head gradients")
    if not all(each.requires_grad for each in roots):
        raise MXNetError(
            "Cannot differentiate node because it is not in a computational graph. You need to set is_recording to "
            "true or use autograd.record() to save computational graphs for backward. If you want to differentiate "
            "the same graph twice, you need to pass retain_graph=True to backward."
        )
    gradients = [
        ones_like(root).detach() if each is None else each._value.detach().reshape(root.shape)
        for root, each in zip(roots, given, strict=True)
    ]
    return roots, gradients


def backward(heads: Any, head_grads: Any = None, retain_graph: bool = False, train_mode: bool = True) -> None:
    """Write the gradients of `heads` into the ``grad`` of the arrays they were computed from.

    Parameters
    ----------
    heads : ndarray or sequence of ndarray
        Where to start, of any shape.
    head_grads : ndarray or sequence of ndarray, optional
        The gradient of each head; ones if not given.
    retain_graph : bool
        Whether the graph can be walked again.
    train_mode : bool
        Not used; the mode was chosen when the graph was recorded.

    Raises
    ------
    MXNetError
        When a head was not recorded.
    """
    roots, gradients = _checked_heads(heads, head_grads)
    try:
        _core.backward(tuple(roots), tuple(gradients), bool(retain_graph), False)
    except RuntimeError as error:
        raise MXNetError(str(error)) from None
    finally:
        for each in list(_attached.values()):
            gradient = each._value.grad
            if gradient is not None:
                each._value.grad = None
                each._receive(gradient)


def grad(
    heads: Any,
    variables: Any,
    head_grads: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    train_mode: bool = True,
) -> Any:
    """Return the gradients of `heads` with respect to `variables`, and leave every ``grad`` as it is.

    Example
    -------
    >>> from swiftconv.mxnet import autograd, np
    >>> x = np.array([3])
    >>> x.attach_grad()
    >>> with autograd.record():
    ...     y = x**2
    >>> autograd.grad(y, [x])
    [array([6.])]
    """
    from .array import wrap

    roots, gradients = _checked_heads(heads, head_grads)
    wanted = tuple(each._value for each in _as_list(variables))
    retain = create_graph if retain_graph is None else bool(retain_graph)
    found: Sequence[Any] = _core.grad(tuple(roots), tuple(gradients), wanted, retain, bool(create_graph), False)
    results = [wrap(each) for each in found]
    return results if isinstance(variables, (list, tuple)) else results[0]


def run(function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """Call a function of swiftconv; it is recorded only while the framework records.

    What operators refuse is the framework's own error, whatever is wrong with the arguments.
    """
    previous = _core.set_grad_enabled(_state.recording)
    try:
        return function(*arguments, **options)
    except (ValueError, TypeError, RuntimeError) as error:
        if type(error) not in (ValueError, TypeError, RuntimeError):
            raise
        raise MXNetError(str(error)) from None
    finally:
        _core.set_grad_enabled(previous)


__getattr__ = missing("mxnet", "mxnet.autograd", globals())
