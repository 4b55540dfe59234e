"""Where the libraries are, and the processes they run in."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from peers import PEERS

HERE = Path(__file__).parent
VARIABLE = "SWIFTCONV_BENCH_ENVIRONMENTS"


class WorkerError(Exception):
    """What a worker could not do."""


def interpreters(environments: list[Path]) -> list[Path]:
    """This Python, and that of every virtual environment that was named or is in an environment variable."""
    named = [*environments, *(Path(p) for p in os.environ.get(VARIABLE, "").split(os.pathsep) if p)]
    return [Path(sys.executable), *(path / "bin" / "python" for path in named)]


def modules_of(python: Path) -> set[str]:
    """Which of the modules that the peers need an interpreter can import."""
    wanted = sorted({module for entry in PEERS.values() for module in entry.modules})
    program = f"import importlib.util as u; print(*[m for m in {wanted} if u.find_spec(m)])"
    done = subprocess.run([python, "-c", program], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{python}: {done.stderr.strip() or 'does not run'}")
    return set(done.stdout.split())


def find(environments: list[Path], wanted: list[str]) -> dict[str, Path | None]:
    """The interpreter of each peer: the first that has all its modules."""
    known = {python: modules_of(python) for python in interpreters(environments)}
    names = [name for name in PEERS if not wanted or name in wanted or name == "swiftconv"]
    return {
        name: next((python for python, has in known.items() if has.issuperset(PEERS[name].modules)), None)
        for name in names
    }


class Process:
    """A worker, and the calls that it answers.

    With several threads a worker is halted while nothing is asked of it: the pools of some libraries keep spinning
    for a while after a call, and would take a processor from the next one.
    """

    def __init__(self, name: str, python: Path, threads: int) -> None:
        self.name = name
        self.halts = threads > 1
        environment = os.environ | PEERS[name].environment
        for variable in ("OMP", "MKL", "OPENBLAS", "SWIFTCONV"):
            environment[f"{variable}_NUM_THREADS"] = str(threads)
        self.child = subprocess.Popen(
            [python, HERE / "worker.py", name, str(threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )

    def ask(self, method: str, *values: Any) -> Any:
        """The result of a method of `worker.Worker`."""
        if self.halts:
            self.child.send_signal(signal.SIGCONT)
        try:
            pickle.dump((method, *values), self.child.stdin)
            self.child.stdin.flush()
            succeeded, result = pickle.load(self.child.stdout)
        except (OSError, EOFError) as error:
            raise WorkerError(f"{self.name} ended: {error}") from None
        if not succeeded:
            raise WorkerError(f"{self.name}: {result}")
        if self.halts:
            self.child.send_signal(signal.SIGSTOP)
        return result

    def end(self) -> None:
        """Stop the process."""
        self.child.kill()
        self.child.wait()
