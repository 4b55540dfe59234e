"""Training on several processes, which `mpiexec` starts for real."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

import swiftconv as sc
from swiftconv import nn

MPIEXEC = shutil.which("mpiexec", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
EXAMPLE = Path(__file__).parents[1] / "examples" / "digits_distributed.py"

pytestmark = [
    pytest.mark.skipif(importlib.util.find_spec("mpi4py") is None, reason="mpi4py is not installed"),
    pytest.mark.skipif(MPIEXEC is None, reason="there is no mpiexec on the path"),
]


def run(processes, *command):
    """What the processes print together."""
    environment = {
        **os.environ,
        # Open MPI minds more processes than cores, and being root, unless it is told; other MPIs do not know these.
        "OMPI_ALLOW_RUN_AS_ROOT": "1",
        "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
        "OMPI_MCA_rmaps_base_oversubscribe": "1",
        "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
    }
    done = subprocess.run(
        [MPIEXEC, "-n", str(processes), sys.executable, "-m", "mpi4py", *map(str, command)],
        capture_output=True, text=True, timeout=180, env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


TRAINING = """
    import numpy as np
    import swiftconv as sc
    from swiftconv import distributed, nn
    from swiftconv.nn import functional as F

    numbers = np.random.default_rng(0)
    images = sc.tensor(numbers.normal(size=(45, 1, 6, 6)).astype(np.float32))
    labels = sc.tensor(numbers.integers(0, 3, 45))
    world = distributed.ShareSampler(45, batch_size=10)
    sc.manual_seed(world._rank)  # Other first weights on each process: those of process 0 must count.
    used = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(64, 3), nn.Linear(3, 3))
    spare = nn.Linear(2, 2)  # No gradient may come.

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.used, self.spare = used, spare

        def forward(self, x):
            return self.used(x)

    net = distributed.DataParallel(Net(), bucket_bytes={bucket})
    optimizer = sc.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    for step in range(2):
        for chosen in world:
            optimizer.zero_grad()
            for part in (chosen[:2], chosen[2:]):  # The gradients of two passes add up.
                loss = F.cross_entropy(net(images[part]), labels[part]) if part else sc.zeros(())
                net.backward(loss, samples=len(part))
            optimizer.step()
            loss = distributed.mean(F.cross_entropy(net(images[chosen]), labels[chosen]).item(), samples=len(chosen))
            if net.rank == 0:
                print(f"{{loss:.6f}}")
    assert spare.weight.grad is None
    total = sum(float(each.detach().double().sum()) for each in net.parameters())
    assert abs(distributed.mean(total) - total) < 1e-9, "the processes have come apart"
"""


@pytest.mark.parametrize("bucket", [1, 600, 1 << 20])
def test_the_loss_does_not_depend_on_the_number_of_processes(bucket):
    code = textwrap.dedent(TRAINING.format(bucket=bucket))
    # All samples of a step in one pass: the two parts are of other sizes on other numbers of processes.
    code = code.replace("(chosen[:2], chosen[2:])", "(chosen,)")
    curves = [[float(line) for line in run(count, "-c", code).split()] for count in (1, 2, 4)]
    assert len(curves[0]) == 10 and curves[0][-1] < curves[0][0]
    for curve in curves[1:]:
        np.testing.assert_allclose(curve, curves[0], rtol=2e-5)


def test_gradients_of_two_passes_add_up():
    curve = [float(line) for line in run(2, "-c", textwrap.dedent(TRAINING.format(bucket=600))).split()]
    assert len(curve) == 10 and np.isfinite(curve).all()


def test_the_example():
    pytest.importorskip("sklearn")
    printed = {count: run(count, EXAMPLE, "--epochs", "1") for count in (1, 2)}
    losses = [float(re.search(r"loss (\S+)", each)[1]) for each in printed.values()]
    assert "processes 2" in printed[2]
    assert losses[1] == pytest.approx(losses[0], rel=1e-3)


# ---- One process -----------------------------------------------------------------------------------------------------


def test_backward_must_be_its_own():
    from swiftconv import distributed

    net = distributed.DataParallel(nn.Linear(2, 1))
    with pytest.raises(RuntimeError, match=r"call backward\(loss\) of the DataParallel"):
        net(sc.ones(1, 2)).sum().backward()
    net.backward(net(sc.ones(3, 2)).sum())
    np.testing.assert_array_equal(net.module.weight.grad, [[3, 3]])


def test_mistakes():
    from swiftconv import distributed

    with pytest.raises(ValueError, match="weight, bias have no shape yet"):
        distributed.DataParallel(nn.LazyLinear(2))
    with pytest.raises(ValueError, match="cannot be shared"):
        distributed.ShareSampler(4, batch_size=0)
    net = distributed.DataParallel(nn.Linear(2, 1))
    with pytest.raises(ValueError, match="samples is 0"):
        net.backward(sc.zeros(()), samples=0)
