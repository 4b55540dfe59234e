"""What a call costs from Python, in instructions: unlike times, these do not depend on what else the machine does."""

import os
import re
import shutil
import subprocess
import sys

import pytest

SETUP = """
import sys
import swiftconv as sc
from swiftconv import nn
a, b = sc.ones(4), sc.ones(4, requires_grad=True)
layer = nn.Conv2d(1, 1, kernel_size=(1, 2), bias=False)
X, Y = sc.ones(1, 1, 6, 8), sc.zeros(1, 1, 6, 7)
for _ in range(int(sys.argv[1])):
"""

OPERATIONS = "    a + a; a * b; a.sum()\n"

LEARNING_STEP = """
    loss = (layer(X) - Y) ** 2
    layer.zero_grad()
    loss.sum().backward()
    layer.weight.data -= 3e-2 * layer.weight.grad
"""


def _instructions(body, repetitions):
    """How many instructions a process takes for a loop with so many repetitions."""
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", sys.executable, "-c", SETUP + body]
    settings = {
        "PYTHONHASHSEED": "0",
        "OPENBLAS_NUM_THREADS": "1",
        "SWIFTCONV_NUM_THREADS": "1",
        "SWIFTCONV_ISA": "avx2",
    }
    done = subprocess.run(
        [*command, str(repetitions)], env=os.environ | settings, capture_output=True, text=True, check=True
    )
    return int(re.search(r"Collected : (\d+)", done.stderr)[1])


@pytest.mark.skipif(shutil.which("valgrind") is None, reason="counting instructions needs valgrind on the PATH")
@pytest.mark.parametrize(("body", "most"), [(OPERATIONS, 15_800), (LEARNING_STEP, 66_500)])
def test_instructions_per_step(body, most):
    few, many = 20, 220
    assert (_instructions(body, many) - _instructions(body, few)) / (many - few) <= most
