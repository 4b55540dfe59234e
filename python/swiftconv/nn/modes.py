"""Training and evaluation mode for a while."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .module import Module


@contextmanager
def modes_kept(model: Module) -> Iterator[None]:
    """Give all modules at the end the mode that each of them has now."""
    modes = [(module, module.training) for module in model.modules()]
    try:
        yield
    finally:
        for module, mode in modes:
            object.__setattr__(module, "training", mode)


@contextmanager
def evaluating(model: Module) -> Iterator[None]:
    """Set evaluation mode until the end of a block."""
    with modes_kept(model):
        model.eval()
        yield
