"""When operations are recorded."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from .. import _core

Function = TypeVar("Function", bound=Callable[..., Any])


def is_grad_enabled() -> bool:
    """Tell whether operations are recorded in this thread.

    Example
    -------
    >>> sc.is_grad_enabled()
    True
    >>> with sc.no_grad():
    ...     sc.is_grad_enabled()
    False
    """
    return _core.is_grad_enabled()


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
