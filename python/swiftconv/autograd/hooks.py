"""Functions that see a gradient while it is computed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .. import _core

if TYPE_CHECKING:
    from ..tensor import Tensor


class TensorHook:
    """What `Tensor.register_hook` returns: a way to take the hook back."""

    def __init__(self, tensor: Tensor, number: int) -> None:
        self._tensor: Tensor | None = tensor
        self._number = number

    def remove(self) -> None:
        """Take the hook back; once or several times."""
        if self._tensor is not None:
            _core.remove_hook(self._tensor, self._number)
            self._tensor = None

    def __enter__(self) -> TensorHook:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


def register_hook(self: Tensor, hook: Callable[[Tensor], Any]) -> TensorHook:
    """Call ``hook(gradient)`` whenever the gradient of this tensor is computed.

    Parameters
    ----------
    hook : callable
        What it returns, unless None, takes the gradient's place.

    Returns
    -------
    TensorHook
        Its ``remove()`` takes the hook back.

    Raises
    ------
    RuntimeError
        When the tensor does not require grad.

    Example
    -------
    >>> x = sc.ones(2, requires_grad=True)
    >>> handle = x.register_hook(lambda gradient: gradient * 10)
    >>> x.sum().backward()
    >>> x.grad
    tensor([10., 10.])
    >>> handle.remove()
    """
    if not callable(hook):
        raise TypeError(f"register_hook: expected a function, got {type(hook).__name__}")
    return TensorHook(self, _core.add_hook(self, hook))
