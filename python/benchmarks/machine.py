"""The machine: its name, and what it can do at most."""

from __future__ import annotations

import concurrent.futures
import ctypes
import os
import platform
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

_FLAGS = ["-O3", "-march=native", "-ffp-contract=fast", "-fno-tree-loop-distribute-patterns", "-shared", "-fPIC"]


def cpu_name() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text()
        return re.search(r"model name\s*:\s*(.*)", text)[1]
    except (OSError, TypeError):
        return platform.processor() or platform.machine()


def commit() -> str:
    """The commit that is measured, with a plus sign when files differ from it."""
    git = ["git", "-C", str(Path(__file__).parent)]
    try:
        name = subprocess.run([*git, "rev-parse", "--short=10", "HEAD"], capture_output=True, text=True, check=True)
        changes = subprocess.run([*git, "status", "--porcelain", "-uno"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return name.stdout.strip() + ("+" if changes.stdout.strip() else "")


def best_rate(work: list[Callable[[], float]], rounds: int = 5) -> float:
    """Amount per second of the fastest round, each piece of work on a thread of its own."""
    clock = time.process_time if len(work) == 1 else time.perf_counter
    best = 0.0
    with concurrent.futures.ThreadPoolExecutor(len(work)) as pool:
        for _ in range(rounds):
            start = clock()
            amount = sum(pool.map(lambda piece: piece(), work))
            best = max(best, amount / (clock() - start))
    return best


def limits(threads: int) -> dict[str, float]:
    """Multiply-adds of float32 (as two operations) and copied bytes (read and written) per second.

    Nothing without a C compiler.
    """
    compiler = os.environ.get("CC") or shutil.which("cc") or shutil.which("clang")
    if not compiler:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "machine.so"
        source = Path(__file__).with_name("machine.c")
        subprocess.run([compiler, *_FLAGS, source, "-o", library], check=True)
        functions = ctypes.CDLL(library)
    functions.machine_multiply_add.restype = ctypes.c_double
    functions.machine_multiply_add.argtypes = [ctypes.c_long, ctypes.POINTER(ctypes.c_float)]
    functions.machine_copy.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t]

    def multiply_add() -> float:
        return functions.machine_multiply_add(5_000_000, ctypes.byref(ctypes.c_float()))

    def copier() -> Callable[[], float]:
        count = 16 << 20
        source, target = np.ones(count, np.float32), np.ones(count, np.float32)

        def copy() -> float:
            functions.machine_copy(target.ctypes.data, source.ctypes.data, count)
            return 8.0 * count

        return copy

    return {
        "multiply_add": best_rate([multiply_add] * threads),
        "copy": best_rate([copier() for _ in range(threads)]),
    }
