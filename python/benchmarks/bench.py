"""Time swiftconv beside other libraries: one process, one case after the other, the libraries taking turns.

    python python/benchmarks/bench.py --threads 1 --json results/one_thread.json

Every result is checked against float64 before anything is timed.
"""

from __future__ import annotations

import argparse
import datetime
import gc
import json
import os
import platform
import re
import site
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=1, help="threads of every library (default 1)")
    parser.add_argument("--quick", action="store_true", help="some of the cases, in less than two minutes")
    parser.add_argument("--only", default="", help="cases whose 'group: name' matches this regular expression")
    parser.add_argument("--peers", default="", help="some of torch,numpy,scipy,opencv (default: all)")
    parser.add_argument("--peer-path", action="append", default=[], help="another virtual environment with peers")
    parser.add_argument("--rounds", type=int, default=0, help="samples per library and case (default 7, quick 3)")
    parser.add_argument("--json", type=Path, help="where to write the results")
    return parser.parse_args()


def add_environments(paths: list[str]) -> None:
    """Import what is missing here from other virtual environments."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for path in paths:
        folder = Path(path) / "lib" / version / "site-packages"
        if not folder.is_dir():
            sys.exit(f"--peer-path {path}: there is no {folder}")
        site.addsitedir(str(folder))


def command(options: argparse.Namespace) -> str:
    """What makes the same measurement elsewhere: without the places of this machine."""
    words = ["python python/benchmarks/bench.py", f"--threads {options.threads}"]
    words += ["--quick"] if options.quick else []
    words += [f"--only '{options.only}'"] if options.only else []
    words += [f"--peers {options.peers}"] if options.peers else []
    words += [f"--rounds {options.rounds}"] if options.rounds else []
    return " ".join(words)


def cpu_name() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text()
        return re.search(r"model name\s*:\s*(.*)", text)[1]
    except (OSError, TypeError):
        return platform.processor() or platform.machine()


class Clock:
    """CPU time of the process for one thread, where other processes do not count; else the wall's."""

    def __init__(self, threads: int) -> None:
        self.read = time.process_time if threads == 1 else time.perf_counter

    def calls_for(self, call: Any, seconds: float) -> int:
        """How many calls take about so long."""
        count = 1
        while True:
            start = self.read()
            for _ in range(count):
                call()
            elapsed = self.read() - start
            if elapsed > seconds / 4:
                return max(1, round(count * seconds / elapsed))
            count *= 4

    def sample(self, call: Any, count: int) -> float:
        """Seconds per call."""
        start = self.read()
        for _ in range(count):
            call()
        return (self.read() - start) / count


def error_of(results: list[np.ndarray], expected: list[np.ndarray]) -> float:
    """The largest difference, relative to the largest element of the same result."""
    if [r.shape for r in results] != [e.shape for e in expected]:
        return float("inf")
    errors = [0.0]
    for result, reference in zip(results, expected, strict=True):
        if result.size:
            scale = float(np.abs(reference).max()) or 1.0
            errors.append(float(np.abs(result - reference).max()) / scale)
    return float(np.nan_to_num(max(errors), nan=float("inf")))


def reference(case: Any, peers: list[Any]) -> list[np.ndarray] | None:
    """The results in float64: NumPy's where it has the operation, else PyTorch's."""
    for name in ("numpy", "torch"):
        for peer in peers:
            if peer.name == name and (call := case.make(peer, np.float64)) is not None:
                return peer.arrays(call())
    return None


def measure(case: Any, peers: list[Any], clock: Clock, rounds: int, seconds: float) -> dict[str, Any]:
    calls = {peer: call for peer in peers if (call := case.make(peer, np.float32)) is not None}
    expected = reference(case, peers)
    row: dict[str, Any] = {"group": case.group, "name": case.name, "flops": case.flops, "seconds": {}, "error": {}}
    for peer, call in calls.items():
        result = peer.arrays(call())
        if expected is None:
            continue
        row["error"][peer.name] = error = error_of(result, expected)
        if not error <= case.tolerance:
            raise SystemExit(f"{case.name}: {peer.name} is wrong by {error:.1e}, allowed is {case.tolerance:.1e}")
    del expected
    gc.collect()
    gc.disable()
    try:
        counts = {peer: clock.calls_for(call, seconds) for peer, call in calls.items()}
        samples: dict[Any, list[float]] = {peer: [] for peer in calls}
        order = list(calls)
        for _ in range(rounds):
            for peer in order:
                samples[peer].append(clock.sample(calls[peer], counts[peer]))
            order.append(order.pop(0))
    finally:
        gc.enable()
    row["seconds"] = {peer.name: statistics.median(values) for peer, values in samples.items()}
    return row


def line_of(row: dict[str, Any]) -> str:
    ours = row["seconds"]["swiftconv"]
    speed = f"{row['flops'] / ours / 1e9:7.1f} GF/s" if row["flops"] > 1e5 else " " * 12
    others = "  ".join(
        f"{name} {seconds * 1e3:9.4g} ({seconds / ours:.2f}x)"
        for name, seconds in row["seconds"].items()
        if name != "swiftconv"
    )
    return f"{row['name']:45} {ours * 1e3:9.4g} ms {speed}  {others}"


def main() -> None:
    options = arguments()
    # Libraries read these when they are imported.
    for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[variable] = str(options.threads)
    add_environments(options.peer_path)
    import cases
    import peers as peer_list

    peers, missing = peer_list.available([name for name in options.peers.split(",") if name] or None)
    if missing:
        print(f"not installed, skipped: {', '.join(missing)}")
    for peer in peers:
        peer.set_threads(options.threads)
    rounds = options.rounds or (3 if options.quick else 7)
    seconds = 0.01 if options.quick else 0.03
    clock = Clock(options.threads)
    import swiftconv

    report = {
        "command": command(options),
        "date": datetime.date.today().isoformat(),
        "threads": options.threads,
        "clock": "CPU time of the process" if options.threads == 1 else "wall time",
        "rounds": rounds,
        "cpu": cpu_name(),
        "processors": os.cpu_count(),
        "instruction_set": swiftconv._core.info()["isa"],
        "python": platform.python_version(),
        "versions": {peer.name: peer.version for peer in peers},
        "rows": [],
    }
    for case in cases.all_cases():
        wanted = re.search(options.only, f"{case.group}: {case.name}") and (case.quick or not options.quick)
        if not wanted:
            continue
        row = measure(case, peers, clock, rounds, seconds)
        report["rows"].append(row)
        print(line_of(row), flush=True)
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
