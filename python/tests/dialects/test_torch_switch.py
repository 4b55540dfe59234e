"""Loading and unloading dialects: imports, what is missing, scripts, and the book's tabs."""

import sys

import pytest

import swiftconv
import swiftconv.torch as dialect
from dialects.notebooks import write_fashion_mnist
from subprocesses import check_python, run_python
from swiftconv.dialects import Dialect, load, loaded, tabs, unload


@pytest.fixture
def torch_loaded():
    if "torch" in sys.modules:
        pytest.skip("PyTorch is imported here")
    load(dialect.DIALECT)
    yield
    unload(dialect.DIALECT)


def test_imports_resolve(torch_loaded):
    import torch
    import torch.nn.functional
    import torchvision
    from d2l import torch as d2l
    from torch import nn
    from torch.utils import data
    from torchvision import transforms

    assert torch is dialect and torch.nn is nn and torch.nn.functional is nn.functional
    assert torchvision.transforms is transforms and data.DataLoader and d2l.Trainer
    assert torch.__spec__.name == "swiftconv.torch"


def test_names_are_shown_as_the_frameworks(torch_loaded):
    import torch

    assert repr(torch.ones(2, 3).shape) == "torch.Size([2, 3])"
    assert str(torch.float64) == "torch.float64"
    assert repr(torch.ones(1, dtype=torch.int32)) == "tensor([1], dtype=torch.int32)"
    assert str(type(torch.ones(1))) == "<class 'torch.Tensor'>"
    assert str(type(torch.nn.Linear(1, 1).bias)) == "<class 'torch.nn.parameter.Parameter'>"
    assert str(torch.nn.Conv2d) == "<class 'torch.nn.modules.conv.Conv2d'>"


def test_models_are_summed_up_and_shown_as_text(torch_loaded):
    import torch

    net = torch.nn.Sequential(torch.nn.LazyConv2d(2, kernel_size=3), torch.nn.ReLU())
    assert [each.receptive_field for each in swiftconv.summary(net, (1, 1, 8, 8))] == [(3, 3), (3, 3)]
    assert net._repr_html_() is None


def test_data_and_results_are_shown_as_the_frameworks(torch_loaded, tmp_path):
    import torch
    import torchvision

    assert repr(torch.tensor([[1.0, 4.0]]).max(1)) == (
        "torch.return_types.max(\nvalues=tensor([4.]),\nindices=tensor([1]))"
    )
    assert torch.ones(1).type() == "torch.FloatTensor"
    assert repr(torch.Generator()).startswith("<torch._C.Generator object at 0x")
    assert str(torch.utils.data.DataLoader) == "<class 'torch.utils.data.dataloader.DataLoader'>"
    assert str(torch.optim.SGD) == "<class 'torch.optim.sgd.SGD'>"
    write_fashion_mnist(tmp_path / "FashionMNIST" / "raw", train=20, test=10)
    images = torchvision.datasets.FashionMNIST(str(tmp_path), transform=torchvision.transforms.ToTensor())
    lines = ["Number of datapoints: 20", f"Root location: {tmp_path}", "Split: Train", "StandardTransform"]
    wanted = "\n    ".join(["Dataset FashionMNIST", *lines]) + "\nTransform: ToTensor()"
    assert repr(images) == wanted


def test_pooling_and_normalisation_are_named_as_in_the_framework():
    import swiftconv as sc

    x = sc.ones(1, 2, 4, 4, requires_grad=True)
    names = {
        sc.nn.MaxPool2d(2): "MaxPool2DWithIndicesBackward0",
        sc.nn.AvgPool2d(2): "AvgPool2DBackward0",
        sc.nn.AdaptiveAvgPool2d(1): "MeanBackward1",
        sc.nn.AdaptiveAvgPool2d(2): "AdaptiveAvgPool2DBackward0",
        sc.nn.BatchNorm2d(2): "NativeBatchNormBackward0",
        sc.nn.ConvTranspose2d(2, 1, 2): "ConvolutionBackward0",
        sc.square: "PowBackward0",
    }
    assert {layer: layer(x).grad_fn.name() for layer in names} == names


def test_unload_gives_the_names_back():
    import swiftconv as sc

    load(dialect.DIALECT)
    unload(dialect.DIALECT)
    assert repr(sc.ones(2).shape) == "swiftconv.Size([2])"
    assert sc.Tensor.__module__ == "swiftconv.tensor"
    assert "torch" not in sys.modules and loaded() == ()


MISSING = {
    "torch.cnov2d": (AttributeError, "module 'torch' has no attribute 'cnov2d'", "near names: conv2d"),
    "torch.nn.Conv4d": (AttributeError, "module 'torch.nn' has no attribute 'Conv4d'", "Conv2d"),
    "torch.optim.LBFGS": (AttributeError, "module 'torch.optim' has no attribute 'LBFGS'", "torch dialect"),
}


@pytest.mark.parametrize("name", MISSING)
def test_missing_attributes(torch_loaded, name):
    import torch

    kind, *parts = MISSING[name]
    with pytest.raises(kind) as caught:
        eval(name, {"torch": torch})
    for part in ("not in swiftconv's torch dialect", *parts):
        assert part in str(caught.value)


@pytest.mark.parametrize(
    "statement", ["import torch.functionl", "from torch import reluu", "import torchvision.models"]
)
def test_missing_imports(torch_loaded, statement):
    with pytest.raises(ImportError, match="not in swiftconv's torch dialect"):
        exec(statement)


def test_the_book_package_says_what_is_loaded(torch_loaded):
    with pytest.raises(ImportError, match="not in a loaded dialect"):
        exec("from d2l import tensorflow")


def test_two_dialects(torch_loaded):
    other = Dialect("other", {"other_framework": "json", "d2l.other": "json.decoder"})
    load(other)
    try:
        import other_framework
        from d2l import other as d2l_other
        from d2l import torch as d2l_torch

        assert other_framework.__name__ == "json" and d2l_other.JSONDecoder and d2l_torch.Trainer
    finally:
        unload(other)
    with pytest.raises(ImportError):
        exec("from d2l import other")
    exec("from d2l import torch")


def test_a_framework_in_use_is_not_replaced(tmp_path):
    (tmp_path / "torch.py").write_text("x = 1\n")
    said = run_python(
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "import torch\nimport swiftconv.torch as t\nfrom swiftconv.dialects import load\nload(t.DIALECT)"
    ).stderr
    assert "'torch' is already imported, from" in said and "Restart the kernel" in said


def test_the_installed_book_package_on_top(tmp_path):
    (tmp_path / "d2l").mkdir()
    (tmp_path / "d2l" / "__init__.py").write_text("")
    (tmp_path / "d2l" / "torch.py").write_text("import torch\nshape = torch.ones(2).shape\n")
    script = tmp_path / "script.py"
    script.write_text("from d2l import torch as d2l\nprint(d2l.shape, d2l.__file__)\n")
    code = "import sys; from swiftconv.dialects.run import main; from swiftconv.torch import DIALECT; main(DIALECT)"
    said = check_python(code.replace("main(DIALECT)", f"main(DIALECT, [{str(script)!r}])"), SWIFTCONV_D2L="installed")
    assert said.strip() == f"torch.Size([2]) {tmp_path / 'd2l' / 'torch.py'}"


def run_script(tmp_path, text, *arguments):
    import subprocess

    script = tmp_path / "script.py"
    script.write_text(text)
    command = [sys.executable, "-m", "swiftconv.torch", str(script), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_script(tmp_path):
    (tmp_path / "neighbour.py").write_text("import torch\ny = torch.ones(2)\n")
    text = "import sys\nfrom neighbour import y\nif __name__ == '__main__':\n    print(y, sys.argv[1:])\n"
    process = run_script(tmp_path, text, "--lr", "0.1")
    assert process.stdout == "tensor([1., 1.]) ['--lr', '0.1']\n", process.stderr


def test_script_that_fails(tmp_path):
    process = run_script(tmp_path, "import torch\n\ntorch.nope\n")
    assert process.returncode == 1
    lines = process.stderr.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert "script.py" in lines[1] and "line 3" in lines[1]
    assert "run.py" not in process.stderr


def test_script_that_exits_and_script_that_is_not_there(tmp_path):
    assert run_script(tmp_path, "raise SystemExit(3)").returncode == 3
    import subprocess

    command = [sys.executable, "-m", "swiftconv.torch", str(tmp_path / "none.py")]
    process = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert process.returncode == 2 and "cannot open" in process.stderr


def test_tabs(torch_loaded):
    tabs.interact_select(["mxnet", "pytorch"])
    assert tabs.selected("pytorch") and tabs.selected("mxnet, pytorch") and not tabs.selected("jax")
    assert tabs._choose_tab(["%%tab pytorch, jax\n", "x\n"]) == ["\n", "x\n"]
    assert tabs._choose_tab(["%%tab jax\n", "x\n"]) == []
    assert tabs._choose_tab(["%%table\n"]) == ["%%table\n"]
    with pytest.raises(SyntaxError, match="not a tab of the book"):
        tabs._choose_tab(["%%tab pytorhc\n"])
    tabs.interact_select("all")
