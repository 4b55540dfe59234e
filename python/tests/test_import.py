"""What importing the package brings along, and what it leaves for later."""

import subprocess
import sys

import pytest

import swiftconv
from subprocesses import check_python

HEAVY = [
    "matplotlib",
    "PIL",
    "scipy",
    "torch",
    "IPython",
    "pandas",
    "safetensors",
    "sklearn",
    "tqdm",
    "dask",
    "mpi4py",
    "asyncio",
    "unittest",
    "importlib.metadata",
]

# Parts of the package that are imported when they are first used.
LATER = ["data", "dialects", "filters", "inspection", "jax", "models", "mxnet", "nn", "optim", "tensorflow", "torch"]
LATER += ["train", "viz"]


def test_heavy_modules_are_not_imported():
    code = f"""
        import sys
        import numpy
        before = set(sys.modules)
        import swiftconv
        new = {{name for name in set(sys.modules) - before}}
        print(sorted(name for name in {HEAVY!r} if name in new))
        print(sorted(name for name in {LATER!r} if "swiftconv." + name in new))
        print(len([name for name in new if name.startswith("swiftconv")]), len(new))
    """
    heavy, early, counts = check_python(code).splitlines()
    assert (heavy, early) == ("[]", "[]")
    own, all_new = map(int, counts.split())
    assert own <= 45, "modules of the package that every import pays for"
    assert all_new - own < 20, "modules of others that NumPy had not imported yet"


@pytest.mark.parametrize("name", sorted(swiftconv._LATER))
def test_what_comes_later_comes_when_it_is_asked_for(name):
    code = f"""
        import swiftconv as sc
        assert {name!r} in dir(sc) and {name!r} in sc.__all__
        first = sc.{name}
        from swiftconv import {name}
        assert {name} is first
    """
    check_python(code)


def test_star_import_leaves_builtins_reachable():
    code = """
        import builtins
        from swiftconv import nn, optim
        import swiftconv as sc
        assert sc.sum is not builtins.sum and sum is builtins.sum
        assert set(sc.__all__) <= set(dir(sc))
        assert len(set(sc.__all__)) == len(sc.__all__)
    """
    check_python(code)


def test_version():
    code = "import swiftconv, swiftconv._core as core; print(swiftconv.__version__ == core.info()['version'])"
    assert check_python(code) == "True\n"


def test_show_config():
    shown = check_python("import swiftconv as sc; sc.show_config()")
    for word in ("swiftconv", "Swift", "kernels", "CPU features", "threads", "NumPy"):
        assert word in shown


def test_info_command():
    process = subprocess.run(
        [sys.executable, "-m", "swiftconv", "info"], capture_output=True, text=True, timeout=60, check=True
    )
    assert "NumPy" in process.stdout


def test_names_that_existing_code_uses():
    code = """
        import swiftconv as torch
        from swiftconv import nn
        from swiftconv.nn import functional as F
        assert torch.cuda.device_count() == 0 and not torch.cuda.is_available()
        assert torch.device("cpu") == torch.ones(1).device
        assert isinstance(torch.ones(1), torch.Tensor)
        assert F.relu(torch.tensor([-1.0])).item() == 0
    """
    check_python(code)
