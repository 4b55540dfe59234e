"""The package ``d2l`` while a dialect is loaded; each loaded dialect adds its module to it (`d2l.torch`, ...)."""

from __future__ import annotations

from typing import Any

__version__ = "1.0.3"
__path__: list[str] = []


def __getattr__(name: str) -> Any:
    from importlib import import_module

    from .switch import loaded

    known = [each.name for each in loaded() if f"d2l.{each.name}" in each.modules]
    if name in known:
        # ``from d2l import torch`` looks for an attribute before the import system looks for a module.
        return import_module(f"d2l.{name}")
    shown = ", ".join(f"d2l.{each}" for each in known) or "none"
    raise AttributeError(f"module 'd2l' has no attribute {name!r}; loaded are: {shown}", name=name)
