"""What the tests that need the Swift compiler share."""

import os
import platform
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
PACKAGE_SCRATCH = BUILD / f"swift-{platform.machine()}"  # where setup.py builds the core, too


def find_swift():
    """The path of `swift`. Without one the test fails, unless SWIFTCONV_SKIP_SWIFT_TESTS=1 says that this is known."""
    if os.environ.get("SWIFTCONV_SKIP_SWIFT_TESTS") == "1":
        pytest.skip("SWIFTCONV_SKIP_SWIFT_TESTS is set")
    if not (ROOT / "Package.swift").exists():
        pytest.skip("the sources of the Swift package are not here")
    swift = shutil.which(os.environ.get("SWIFT") or "swift")
    if swift is None:
        pytest.fail(
            "this test needs the Swift compiler on the PATH; set SWIFTCONV_SKIP_SWIFT_TESTS=1 to go without it",
            pytrace=False,
        )
    return swift


def run(command, tuned=True, hosted=False, **options):
    """Runs a command; on failure the test ends with the last lines of what it printed. Returns the output.

    With `hosted`, Swift counts references as for Python, where one thread at a time touches them.
    """
    settings = {"SWIFTCONV_TUNED": "1" if tuned else "0", "SWIFTCONV_HOSTED": "1" if hosted else "0"}
    environment = {**os.environ, **settings}
    finished = subprocess.run(
        [str(word) for word in command],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **options,
    )
    if finished.returncode != 0:
        last = "\n".join(finished.stdout.splitlines()[-60:])
        pytest.fail(f"{Path(command[0]).name} ended with status {finished.returncode}:\n{last}", pytrace=False)
    return finished.stdout
