"""Type checkers accept what users write, and find what they get wrong."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "typing"
PACKAGES = Path(__file__).parents[1]


def _errors(checker, file):
    """The lines of a file in which a type checker finds an error."""
    if importlib.util.find_spec(checker) is None:
        pytest.skip(f"{checker} is not installed; the extra 'typing' has it")
    command = {
        "mypy": ["--strict", "--no-incremental", "--follow-imports=silent"],
        "pyright": ["--level", "error", "--pythonpath", sys.executable],
    }[checker]
    environment = {**os.environ, "MYPYPATH": str(PACKAGES), "PYTHONPATH": str(PACKAGES)}
    command = [sys.executable, "-m", checker, *command, str(FOLDER / file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, cwd=FOLDER, env=environment)
    shown = done.stdout + done.stderr
    assert done.returncode in (0, 1), shown
    return {int(line) for line in re.findall(rf"{file}:(\d+):.* error", shown)}, shown


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_what_users_write_is_accepted(checker):
    lines, shown = _errors(checker, "chapter.py")
    assert not lines, shown


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_mistakes_are_found(checker):
    text = (FOLDER / "mistakes.py").read_text().splitlines()
    marked = {number for number, line in enumerate(text, 1) if line.endswith("# mistake")}
    lines, shown = _errors(checker, "mistakes.py")
    assert marked and lines == marked, shown
