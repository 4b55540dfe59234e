"""Functions that call a method of their first argument, as the book's sources name them in every framework."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["calls_method"]


def calls_method(name: str, method: str = "", convert: Callable[[Any], Any] | None = None) -> Any:
    """Return a function `name` that calls the method of its first argument.

    Parameters
    ----------
    name : str
        The function's name.
    method : str
        The method's name; that of the function if empty.
    convert : callable, optional
        Makes the framework's array of the first argument.

    Example
    -------
    >>> from swiftconv.dialects.aliases import calls_method
    >>> calls_method("reduce_sum", "sum")(sc.ones(3))
    tensor(3.)
    """
    method = method or name

    def call(x: Any, *args: Any, **kwargs: Any) -> Any:
        return getattr(x if convert is None else convert(x), method)(*args, **kwargs)

    call.__name__ = call.__qualname__ = name
    call.__doc__ = f"Return ``x.{method}(...)``."
    return call
