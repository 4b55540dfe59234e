"""One library in a process of its own, which computes and times what `bench.py` asks for.

Requests and replies are pickled pairs on standard input and output: a method's name with its arguments, and whether it
succeeded with its result.
"""

from __future__ import annotations

import gc
import os
import pickle
import sys
import time
import traceback
from pathlib import Path
from typing import Any

import cases
import numpy as np
import peers

SAMPLES = 2000


def sampled(array: np.ndarray) -> tuple[tuple[int, ...], np.ndarray]:
    """The shape of an array and up to `SAMPLES` of its elements, at places that depend on the size alone."""
    flat = np.asarray(array).reshape(-1)
    places = np.random.default_rng(array.size).integers(0, max(flat.size, 1), min(SAMPLES, flat.size))
    return array.shape, flat[places].astype(np.float64)


def memory(field: str) -> int:
    """A field of the kernel's account of this process, in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) << 10
    raise OSError(f"/proc/self/status has no {field}")


class Worker:
    def __init__(self, name: str, threads: int) -> None:
        self.peer = peers.make(name, threads)
        self.cases = cases.all_cases()
        # CPU time of the process leaves out what others do to it, but adds up what threads do at the same time.
        self.clock = time.process_time if threads == 1 else time.perf_counter
        self.call: Any = None

    def about(self) -> str:
        """The library's version."""
        return str(self.peer.version)

    def build(self, number: int, dtype: str) -> bool:
        """Make the call of a case; whether the library has it."""
        case = self.cases[number]
        self.call = None
        gc.collect()
        self.call = self.peer.prepare(case.operation, case.gradients, dtype)
        return self.call is not None

    def results(self, number: int, dtype: str) -> list[tuple[tuple[int, ...], np.ndarray]] | None:
        """Samples of what a call returns, or None when the library has no such thing."""
        if not self.build(number, dtype):
            return None
        case = self.cases[number]
        arrays = self.peer.arrays(self.call(), case.operation, case.gradients)
        return [sampled(array) for array in arrays]

    def calls_for(self, seconds: float) -> tuple[int, float]:
        """How many calls take about so long, and how long one takes."""
        count = 1
        while True:
            each = self.time(count)
            if each * count > seconds / 4:
                return max(1, round(seconds / each)), each
            count *= 4

    def time(self, count: int) -> float:
        """Seconds per call."""
        call, clock = self.call, self.clock
        gc.disable()
        try:
            start = clock()
            for _ in range(count):
                call()
            return (clock() - start) / count
        finally:
            gc.enable()

    def peak(self, number: int) -> tuple[int, int] | None:
        """Bytes of memory that three calls need beyond what there was before them, and how many of them are results."""
        if not self.build(number, "float32"):
            return None
        before = memory("VmRSS")
        Path("/proc/self/clear_refs").write_text("5")
        for _ in range(3):
            self.call()
        peak = memory("VmHWM") - before
        case = self.cases[number]
        return peak, sum(array.nbytes for array in self.peer.arrays(self.call(), case.operation, case.gradients))


def main() -> None:
    # What libraries print must not get between the replies.
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    worker: Worker | None = None
    while True:
        try:
            method, *values = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        try:
            if worker is None:
                worker = Worker(sys.argv[1], int(sys.argv[2]))
            reply = (True, getattr(worker, method)(*values))
        except Exception:
            reply = (False, traceback.format_exc())
        pickle.dump(reply, replies)
        replies.flush()


if __name__ == "__main__":
    main()
