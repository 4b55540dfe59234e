"""The line that shows how far training has come."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Mapping

_WIDTH = 30

# The line is not written more often than this, in seconds.
_INTERVAL = 0.05


def _duration(seconds: float, unit: str) -> str:
    if seconds >= 1 or seconds == 0:
        return f" {seconds:.0f}s/{unit}"
    return f" {seconds * 1e3:.0f}ms/{unit}" if seconds >= 1e-3 else f" {seconds * 1e6:.0f}us/{unit}"


def _clock(seconds: float) -> str:
    whole = int(seconds)
    if seconds > 3600:
        return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d}"
    return f"{whole // 60}:{whole % 60:02d}" if seconds > 60 else f"{whole}s"


def _numbers(values: Mapping[str, float]) -> str:
    return "".join(
        f" - {name}: {value:.4f}" if abs(value) > 1e-3 else f" - {name}: {value:.4e}" for name, value in values.items()
    )


class ProgressBar:
    """Writes how many steps are done, and the numbers so far.

    Parameters
    ----------
    target : int
        The number of steps.
    verbose : int
        0 says nothing, 1 writes one line again and again, 2 writes a line at the end.

    Example
    -------
    >>> from swiftconv.tensorflow.keras._progress import ProgressBar
    >>> bar = ProgressBar(4, 2)
    >>> bar.update(4, {"loss": 0.25})
    """

    def __init__(self, target: int, verbose: int) -> None:
        self.target, self.verbose = max(target, 1), verbose
        self.start = self.first_step = time.time()
        self.written = 0.0
        self.width = 0

    def update(self, done: int, values: Mapping[str, float], is_end: bool = False) -> None:
        """Take note of a step, and show it if the last time is long enough ago or if it is the end."""
        now = time.time()
        if done == 1:
            self.first_step = now
        if self.verbose == 1 and (is_end or now - self.written >= _INTERVAL):
            self._draw(done, values, now, is_end)
            self.written = now
        elif self.verbose == 2 and is_end:
            spent = now - self.start
            count = f"{self._counted(done)} - {spent:.0f}s{_numbers(values)}"
            sys.stdout.write(
                f"{count} -{_duration(spent, 'epoch')} -{_duration(spent / self.target, 'step')}\n",
            )
        sys.stdout.flush()

    def _counted(self, done: int) -> str:
        digits = int(math.log10(self.target)) + 1
        return f"{done:{digits}d}/{self.target}"

    def _draw(self, done: int, values: Mapping[str, float], now: float, is_end: bool) -> None:
        filled = int(_WIDTH * done / self.target)
        bar = "=" * (filled - 1) + (">" if done < self.target else "=") if filled else ""
        # The first step takes longer than the others.
        step = (now - self.first_step) / (done - 1) if done > 1 else (now - self.start) / max(done, 1)
        if is_end:
            info = f" - {now - self.start:.0f}s{_duration(step, 'step')}"
        else:
            info = f" - ETA: {_clock(step * (self.target - done))}"
        line = f"{self._counted(done)} [{bar:.<{_WIDTH}}]{info}{_numbers(values)}"
        before, self.width = self.width, len(line)
        sys.stdout.write("\b" * before + "\r" + line.ljust(before) + "\n" * is_end)
