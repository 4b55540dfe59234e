"""The example trainings reach what they promise, and do the same again with the same seed."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
SCRIPTS = ["digits_lenet", "digits_resnet"]


def run(name, *options):
    pytest.importorskip("sklearn", reason="the examples need scikit-learn")
    process = subprocess.run(
        [sys.executable, EXAMPLES / f"{name}.py", *options], capture_output=True, text=True, timeout=300
    )
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout


@pytest.mark.parametrize("name", SCRIPTS)
def test_accuracy(name):
    printed = run(name)
    losses = [float(loss) for loss in re.findall(r"loss (\S+)", printed)]
    assert losses[-1] < losses[0] / 50
    accuracy = float(re.search(r"test accuracy (\S+)%", printed)[1])
    assert accuracy >= 98


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_seed_decides(name):
    first = run(name, "--epochs", "2")
    assert run(name, "--epochs", "2") == first
    assert run(name, "--epochs", "2", "--seed", "1") != first


def test_without_scikit_learn():
    code = "import sys; sys.modules['sklearn'] = None; import digits; digits.Digits()"
    process = subprocess.run([sys.executable, "-c", code], cwd=EXAMPLES, capture_output=True, text=True, timeout=60)
    assert process.returncode == 1
    assert process.stderr == 'The digits come with scikit-learn; install it with: pip install "swiftconv[examples]"\n'


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_command_at_the_top_is_the_right_one(name):
    assert f"    python python/examples/{name}.py\n" in (EXAMPLES / f"{name}.py").read_text()
