"""The package ``d2lbook`` while a dialect is loaded: the book's builder, of which notebooks need `tab`."""

from __future__ import annotations

from . import tabs as tab

__all__ = ["tab"]
__path__: list[str] = []
