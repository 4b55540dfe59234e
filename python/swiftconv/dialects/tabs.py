"""The cells of the book's sources: ``%%tab pytorch, mxnet`` runs a cell only for the tabs it names.

In a notebook this is what ``%load_ext d2lbook.tab`` loads, and the name ``tab`` is this module.
"""

from __future__ import annotations

import sys
from typing import Any

from . import switch

__all__ = ["current", "interact_select", "selected"]

NAMES = ("mxnet", "pytorch", "tensorflow", "jax")
_offered: list[str] = []


def _names(words: tuple[Any, ...]) -> list[str]:
    """Return tab names from ``"a", "b"``, from ``["a", "b"]`` and from ``"a, b"``."""
    found: list[str] = []
    for word in words:
        if isinstance(word, (list, tuple)):
            found += _names(tuple(word))
        else:
            found += [each.strip() for each in str(word).split(",") if each.strip()]
    for each in found:
        if each not in NAMES and each != "all":
            raise ValueError(f"tab: {each!r} is not a tab of the book; it has {', '.join(NAMES)} and all")
    return found


def _loaded_tabs() -> list[str]:
    """Return the tabs of the loaded dialects, the last loaded first."""
    return [each.tab or each.name for each in reversed(switch.loaded())]


def current() -> str | None:
    """Return the tab whose cells run: the dialect loaded last, among those the notebook offers."""
    tabs = _loaded_tabs()
    offered = [each for each in tabs if not _offered or each in _offered]
    return offered[0] if offered else None


def interact_select(*tabs: Any) -> None:
    """Tell which tabs the notebook has. The loaded dialect decides which of them runs.

    Parameters
    ----------
    *tabs : str or list of str
        Such as ``"mxnet", "pytorch"``; none stand for all.
    """
    _offered[:] = [] if "all" in _names(tabs) else _names(tabs)
    if current() is None and _loaded_tabs():
        print(f"tab: this notebook has the tabs {', '.join(_offered)}; loaded is {', '.join(_loaded_tabs())}")


def selected(*tabs: Any) -> bool:
    """Return whether the tab that runs is one of `tabs`."""
    wanted = _names(tabs)
    return "all" in wanted or current() in wanted


def _choose_tab(lines: list[str]) -> list[str]:
    """Take the line ``%%tab ...`` off a cell that runs, and everything off a cell that does not.

    As a transformation of the text, and not as a magic that runs a cell inside a cell, it leaves line numbers,
    tracebacks and displayed values as they are in a plain cell.
    """
    if not lines or lines[0].split(" ")[0].strip() != "%%tab":
        return lines
    try:
        runs = selected(lines[0].strip()[len("%%tab") :] or "all")
    except ValueError as error:
        # The shell reads a cell before it runs it, and expects no other exception there.
        raise SyntaxError(str(error)) from None
    return ["\n", *lines[1:]] if runs else []


def register(ipython: Any) -> None:
    """Let an IPython shell understand ``%%tab`` cells, and give it the name ``tab``."""
    _offered.clear()
    transforms = ipython.input_transformers_cleanup
    if _choose_tab not in transforms:
        transforms.append(_choose_tab)
    ipython.push({"tab": sys.modules[__name__]})


def unregister(ipython: Any) -> None:
    """Take both back."""
    transforms = ipython.input_transformers_cleanup
    if _choose_tab in transforms:
        transforms.remove(_choose_tab)
    ipython.drop_by_id({"tab": sys.modules[__name__]})


def load_ipython_extension(ipython: Any) -> None:
    """Serve ``%load_ext d2lbook.tab``."""
    register(ipython)


def unload_ipython_extension(ipython: Any) -> None:
    """Serve ``%unload_ext d2lbook.tab``."""
    unregister(ipython)
