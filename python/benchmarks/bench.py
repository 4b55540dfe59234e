"""Time swiftconv beside other libraries, each in a process of its own, the libraries taking turns.

    python python/benchmarks/bench.py --threads 1,2 --environment ENV --json results/latest.json

Every result is checked against float64 before anything is timed.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import re
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import cases
import machine
import numpy as np
from operations import Conv, Corr2d, TrainingStep
from processes import VARIABLE, Process, WorkerError, find

OURS = "swiftconv"
# A peer that needs this many times what the best one needs is timed once, since only the best one is compared with.
HOPELESS = 2.0
# What a single correlation costs a framework that pads its one channel to sixteen.
FRAMEWORK_LIMIT = 3e8

Samples = list[tuple[tuple[int, ...], np.ndarray]]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", default="1", help="thread counts, one run of all cases for each (default 1)")
    parser.add_argument("--quick", action="store_true", help="few of the cases, in less than two minutes")
    parser.add_argument("--full", action="store_true", help="all cases, large batches included")
    parser.add_argument("--only", default="", help="cases whose 'group: name' matches this regular expression")
    parser.add_argument("--peers", default="", help="some of the peers, separated by commas (default: all)")
    parser.add_argument(
        "--environment", action="append", default=[], type=Path,
        help=f"a virtual environment with peers; also from {VARIABLE}",
    )  # fmt: skip
    parser.add_argument(
        "--rounds", type=int, default=0, help="samples per library and case (default 4, quick 3, full 5)"
    )
    parser.add_argument("--json", type=Path, help="where to write the results")
    return parser.parse_args()


def command(options: argparse.Namespace) -> str:
    """What makes the same measurement elsewhere: without the places of this machine."""
    words = ["python python/benchmarks/bench.py", f"--threads {options.threads}"]
    words += ["--quick"] if options.quick else ["--full"] if options.full else []
    words += [f"--only '{options.only}'"] if options.only else []
    words += [f"--peers {options.peers}"] if options.peers else []
    words += [f"--rounds {options.rounds}"] if options.rounds else []
    return " ".join(words)


def error_of(results: Samples, expected: Samples) -> float:
    """The largest difference, as a share of the root mean square of the same result."""
    if [shape for shape, _ in results] != [shape for shape, _ in expected]:
        return float("inf")
    errors = [0.0]
    for (_, values), (_, reference) in zip(results, expected, strict=True):
        if values.size:
            scale = float(np.sqrt(np.mean(reference**2))) or 1.0
            errors.append(float(np.abs(values - reference).max()) / scale)
    return float(np.nan_to_num(max(errors), nan=float("inf")))


class Suite:
    """The cases of one call of this program, and the results in float64 that all runs share."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.counts = [int(count) for count in options.threads.split(",")]
        self.rounds = options.rounds or (3 if options.quick else 5 if options.full else 4)
        self.seconds = 0.01 if options.quick else 0.03 if options.full else 0.02
        level = cases.QUICK if options.quick else cases.FULL if options.full else cases.USUAL
        self.chosen = [
            (number, case)
            for number, case in enumerate(cases.all_cases())
            if case.level <= level and re.search(options.only, f"{case.group}: {case.name}")
        ]
        self.places = find(options.environment, [name for name in options.peers.split(",") if name])
        self.notes = [f"{name}: not installed, skipped" for name, python in self.places.items() if python is None]
        self.expected: dict[int, Samples | None] = {}

    def run(self, threads: int) -> dict[str, Any]:
        """All cases with so many threads."""
        limits = machine.limits(threads)
        workers = {name: Process(name, python, threads) for name, python in self.places.items() if python}
        try:
            versions = {}
            for name, worker in list(workers.items()):
                try:
                    versions[name] = worker.ask("about")
                except WorkerError as error:
                    self.note(str(error), workers.pop(name))
            rows = []
            for number, case in self.chosen:
                rows.append(self.measure(number, case, workers))
                print(line_of(rows[-1]), flush=True)
        finally:
            for worker in workers.values():
                worker.end()
        return {
            "threads": threads,
            "clock": "CPU time of the process" if threads == 1 else "wall time",
            "limits": limits,
            "versions": versions,
            "rows": rows,
            "memory": self.memory(threads) if threads == self.counts[-1] else [],
        }

    def note(self, text: str, ended: Process | None = None) -> None:
        """Remember what went wrong, once."""
        if ended:
            ended.end()
        errors = re.findall(r"^ *\w+(?:Error|Exception): .*", text, re.MULTILINE)
        line = f"{text.split(':')[0]}: {(errors or text.splitlines())[-1].strip()}"
        if line not in self.notes:
            self.notes.append(line)

    def reference(self, number: int, case: cases.Case, workers: dict[str, Process]) -> Samples | None:
        """The results in float64: SciPy's or NumPy's of `corr2d`, else PyTorch's or swiftconv's."""
        if number not in self.expected:
            names = ["scipy", "numpy"] if isinstance(case.operation, Corr2d) else ["torch", OURS]
            found = None
            for name in names:
                if found is None and name in workers:
                    found = workers[name].ask("results", number, "float64")
            self.expected[number] = found
        return self.expected[number]

    def takes_part(self, name: str, case: cases.Case) -> bool:
        """Whether a library can be a contender: for a large plane, frameworks take seconds."""
        is_large = isinstance(case.operation, Corr2d) and case.operation.flops(1) > FRAMEWORK_LIMIT
        return not is_large or name in (OURS, "opencv", "scipy")

    def measure(self, number: int, case: cases.Case, workers: dict[str, Process]) -> dict[str, Any]:
        expected = self.reference(number, case, workers)
        row: dict[str, Any] = {
            "group": case.group, "name": case.name, "flops": case.operation.flops(1 + len(case.gradients)),
            "bytes": case.operation.bytes(len(case.gradients)), "seconds": {}, "error": {},
        }  # fmt: skip
        plans: dict[str, tuple[int, float]] = {}
        for name, worker in workers.items():
            if not self.takes_part(name, case):
                continue
            try:
                results = worker.ask("results", number, case.dtype)
                if results is None:
                    continue
                if expected is not None:
                    row["error"][name] = error = error_of(results, expected)
                    if not error <= case.tolerance:
                        raise WorkerError(f"{name}: {case.name} is wrong by {error:.1e}")
                plans[name] = worker.ask("calls_for", self.seconds)
            except WorkerError as failure:
                if name == OURS:
                    raise SystemExit(str(failure)) from None
                self.note(str(failure))
        samples = self.take_turns(plans, workers)
        row["seconds"] = {name: statistics.median(values) for name, values in samples.items()}
        return row

    def take_turns(self, plans: dict[str, tuple[int, float]], workers: dict[str, Process]) -> dict[str, list[float]]:
        """Samples of every library, one after the other, in rotating order."""
        best = min((each for name, (_, each) in plans.items() if name != OURS), default=0)
        samples = {name: [each] for name, (_, each) in plans.items()}
        order = [name for name, (_, each) in plans.items() if name == OURS or each <= HOPELESS * best]
        for name in order:
            samples[name].clear()
        rounds = self.rounds if best < 0.2 else min(3, self.rounds)
        for _ in range(rounds):
            for name in order:
                samples[name].append(workers[name].ask("time", plans[name][0]))
            order.append(order.pop(0))
        return samples

    def memory(self, threads: int) -> list[dict[str, Any]]:
        """What calls need beyond their inputs, each in a fresh process; of PyTorch too where they train."""
        rows = []
        for number, case in self.chosen:
            is_step = isinstance(case.operation, TrainingStep)
            if self.options.quick or not (is_step or isinstance(case.operation, Conv)):
                continue
            row: dict[str, Any] = {"group": case.group, "name": case.name, "results": 0, "peak": {}}
            for name in (OURS, "torch") if is_step else (OURS,):
                if python := self.places.get(name):
                    worker = Process(name, python, threads)
                    try:
                        row["peak"][name], row["results"] = worker.ask("peak", number)
                    except WorkerError as failure:
                        self.note(str(failure))
                    finally:
                        worker.end()
            rows.append(row)
        return rows


def line_of(row: dict[str, Any]) -> str:
    ours = row["seconds"][OURS]
    speed = f"{row['flops'] / ours / 1e9:7.1f} GF/s" if row["flops"] > 1e5 else " " * 12
    others = "  ".join(
        f"{name} {seconds * 1e3:.4g} ({seconds / ours:.2f}x)"
        for name, seconds in sorted(row["seconds"].items(), key=lambda item: item[1])
        if name != OURS
    )
    return f"{row['name']:45} {ours * 1e3:9.4g} ms {speed}  {others}"


def main() -> None:
    options = arguments()
    started = time.perf_counter()
    suite = Suite(options)
    report: dict[str, Any] = {
        "command": command(options),
        "date": datetime.date.today().isoformat(),
        "commit": machine.commit(),
        "rounds": suite.rounds,
        "cpu": machine.cpu_name(),
        "processors": os.cpu_count(),
        "python": platform.python_version(),
        "runs": [],
    }
    import swiftconv

    report["instruction_set"] = swiftconv._core.info()["isa"]
    for threads in suite.counts:
        print(f"---- {threads} thread{'s' * (threads > 1)}")
        report["runs"].append(suite.run(threads))
    report["notes"] = suite.notes
    print(f"{time.perf_counter() - started:.0f} s", *suite.notes, sep="\n", file=sys.stderr)
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
