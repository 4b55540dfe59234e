"""Ctrl-C at a time when it does no harm."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any


class Interrupts:
    """While it is entered, Ctrl-C waits for the end of blocks that are held; a second Ctrl-C does not wait.

    A training step must not be left half done: some parameters would be newer than others. Signals can be handled in
    the main thread only; in other threads this does nothing, and Python raises no KeyboardInterrupt there.
    """

    def __init__(self) -> None:
        self._is_holding = False
        self._is_wanted = False
        self._before: Any = None

    def __enter__(self) -> Interrupts:
        before = signal.getsignal(signal.SIGINT)
        # A program that ignores the signal, or handles it outside of Python, goes on doing so.
        if threading.current_thread() is threading.main_thread() and callable(before):
            self._before = before
            signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, _: TracebackType | None) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
            self._before = None

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self._is_holding and not self._is_wanted:
            self._is_wanted = True
        else:
            self._before(number, frame)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let Ctrl-C wait until the block is done."""
        self._is_holding = True
        try:
            yield
        finally:
            self._is_holding = False
        if self._is_wanted:
            self._is_wanted = False
            raise KeyboardInterrupt
