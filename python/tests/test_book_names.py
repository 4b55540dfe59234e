"""The names that Dive into Deep Learning uses up to its modern networks, in the forms in which it calls them."""

import io
from contextlib import redirect_stdout

import numpy as np
import pytest

import swiftconv as sc
from swiftconv import nn
from swiftconv.nn import functional as F


def leaf(*shape):
    return sc.rand(*shape, requires_grad=True)


def matrix():
    return sc.arange(6.0).reshape(2, 3)


def backward(x, *args, **kwargs):
    (x * x).backward(*args, **kwargs)
    return x.grad


def lazy_net():
    net = nn.Sequential(nn.LazyConv2d(2, 3), nn.LazyBatchNorm2d(), nn.ReLU(), nn.Flatten(), nn.LazyLinear(4))
    net(sc.rand(2, 1, 5, 5))
    return net


CALLS = {
    # Creation
    "tensor": [lambda: sc.tensor([[1.0, 2.0]]), lambda: sc.tensor([1, 2], dtype=sc.float32), lambda: sc.tensor(3.0)],
    "arange": [
        lambda: sc.arange(12),
        lambda: sc.arange(1, 3),
        lambda: sc.arange(-8.0, 8.0, 0.1, requires_grad=True),
        lambda: sc.arange(24, dtype=sc.float32),
    ],
    "ones": [
        lambda: sc.ones(4),
        lambda: sc.ones((2, 3)),
        lambda: sc.ones(2, 3, dtype=sc.float32),
        lambda: sc.ones(4, device=sc.device("cpu")),
    ],
    "zeros": [lambda: sc.zeros((2, 3, 4)), lambda: sc.zeros(2, requires_grad=True)],
    "float32": [lambda: sc.float32],
    "Tensor.dtype": [lambda: sc.ones(1).dtype],
    "ones_like": [lambda: sc.ones_like(matrix())],
    "zeros_like": [lambda: sc.zeros_like(matrix())],
    "Tensor.type": [lambda: matrix().type(sc.float32), lambda: matrix().type(sc.ones(1).dtype)],
    "Tensor.clone": [lambda: matrix().clone()],
    "Tensor.float": [lambda: (matrix() > 1).float()],
    "from_numpy": [lambda: sc.from_numpy(np.ones(3))],
    "empty": [lambda: sc.empty(2, 3)],
    # Random numbers
    "randn": [lambda: sc.randn(()), lambda: sc.randn(3, 4), lambda: sc.randn(size=(2, 3), requires_grad=True)],
    "rand": [lambda: sc.rand(2, 3), lambda: sc.rand(size=(8, 8)), lambda: sc.rand(2, 3, device="cpu")],
    "normal": [lambda: sc.normal(0, 1, (3, 4)), lambda: sc.normal(0, 0.01, size=(2, 1), requires_grad=True)],
    "randperm": [lambda: sc.randperm(5)],
    # Shapes and parts
    "Tensor.shape": [lambda: matrix().shape[-1], lambda: (1, 1) + matrix().shape, lambda: sc.ones(*matrix().shape)],
    "Tensor.reshape": [lambda: matrix().reshape(3, 2), lambda: matrix().reshape((-1, 2)), lambda: matrix().reshape(-1)],
    "cat": [lambda: sc.cat((matrix(), matrix()), dim=0), lambda: sc.cat([matrix(), matrix()], 1)],
    "stack": [lambda: sc.stack([matrix(), matrix()], 0)],
    "Tensor.T": [lambda: matrix().T],
    "Tensor.t": [lambda: matrix().t()],
    "Tensor.numel": [lambda: matrix().numel()],
    "Tensor.squeeze": [lambda: sc.ones(1, 2).squeeze(0)],
    "Tensor.__getitem__": [
        lambda: matrix()[-1],
        lambda: matrix()[0:1, 1:3],
        lambda: matrix()[slice(0, 1)],
        lambda: matrix()[sc.tensor([1, 0])],
        lambda: matrix()[matrix() > 2],
        lambda: matrix()[[0, 1], sc.tensor([2, 0])],
    ],
    "Tensor.unbind": [lambda: [row.sum() for row in matrix()]],
    "Tensor.__len__": [lambda: len(matrix())],
    # Arithmetic
    "matmul": [lambda: sc.matmul(matrix(), matrix().T), lambda: matrix() @ matrix().T],
    "mm": [lambda: sc.mm(matrix(), sc.ones(3, 4))],
    "mv": [lambda: sc.mv(matrix(), sc.ones(3))],
    "dot": [lambda: sc.dot(sc.ones(3), sc.ones(3))],
    "exp": [lambda: sc.exp(matrix())],
    "log": [lambda: sc.log(matrix() + 1)],
    "sqrt": [lambda: sc.sqrt(matrix())],
    "abs": [lambda: sc.abs(matrix()), lambda: matrix().abs()],
    "norm": [lambda: sc.norm(sc.tensor([3.0, -4.0])), lambda: sc.norm(sc.ones((4, 9))), lambda: matrix().norm()],
    "max": [lambda: sc.max(matrix(), sc.zeros_like(matrix())), lambda: matrix().max()],
    "clamp": [lambda: sc.clamp(matrix(), 1, float("inf"))],
    "Tensor.add": [lambda: matrix() + 1, lambda: sum([matrix(), matrix()])],
    "Tensor.__rsub__": [lambda: 1 - matrix()],
    "Tensor.__pow__": [lambda: matrix() ** 2],
    "Tensor.div": [lambda: matrix() / 2],
    "Tensor.neg": [lambda: -matrix()],
    "Tensor.eq": [lambda: matrix() == matrix()],
    "Tensor.ne": [lambda: matrix() != 2],
    "Tensor.gt": [lambda: matrix() > 0.5],
    "Tensor.ge": [lambda: matrix() >= 5],
    "Tensor.lt": [lambda: matrix() < 5],
    # Reductions
    "sum": [
        lambda: sc.sum(matrix()),
        lambda: matrix().sum(0),
        lambda: matrix().sum(axis=[0, 1]),
        lambda: matrix().sum(1, keepdims=True),
        lambda: matrix().sum(axis=1, keepdims=True),
    ],
    "Tensor.mean": [
        lambda: matrix().mean(),
        lambda: matrix().mean(dim=0),
        lambda: matrix().mean(axis=0),
        lambda: sc.rand(2, 3, 4, 4).mean(dim=(0, 2, 3), keepdim=True),
    ],
    "Tensor.argmax": [lambda: matrix().argmax(axis=1)],
    "Tensor.cumsum": [lambda: matrix().cumsum(axis=0)],
    # Layers
    "nn.LazyLinear": [lambda: nn.LazyLinear(4)(matrix())],
    "nn.LazyConv2d": [
        lambda: nn.LazyConv2d(1, kernel_size=3, padding=1, stride=2)(sc.rand(1, 1, 8, 8)),
        lambda: nn.LazyConv2d(1, kernel_size=(3, 5), padding=(0, 1), stride=(3, 4))(sc.rand(1, 1, 8, 8)),
        lambda: nn.LazyConv2d(4, 3, 1, 1, groups=2, bias=False)(sc.rand(1, 4, 8, 8)),
    ],
    "nn.Sequential": [lambda: nn.Sequential(nn.Linear(3, 2), nn.ReLU())(matrix())],
    "nn.ReLU": [lambda: nn.ReLU()(matrix())],
    "nn.MaxPool2d": [
        lambda: nn.MaxPool2d(3)(sc.rand(1, 1, 4, 4)),
        lambda: nn.MaxPool2d(3, padding=1, stride=2)(sc.rand(1, 1, 4, 4)),
        lambda: nn.MaxPool2d((2, 3), stride=(2, 3), padding=(0, 1))(sc.rand(1, 1, 4, 4)),
        lambda: nn.MaxPool2d(kernel_size=2, stride=2)(sc.rand(1, 1, 4, 4)),
    ],
    "nn.LazyBatchNorm2d": [lambda: nn.LazyBatchNorm2d()(sc.rand(2, 3, 4, 4))],
    "nn.LazyBatchNorm1d": [lambda: nn.LazyBatchNorm1d()(sc.rand(2, 3))],
    "nn.BatchNorm2d": [lambda: nn.BatchNorm2d(3)(sc.rand(2, 3, 4, 4))],
    "nn.BatchNorm1d": [lambda: nn.BatchNorm1d(3)(sc.rand(2, 3))],
    "nn.Flatten": [lambda: nn.Flatten()(sc.rand(2, 3, 4))],
    "nn.Sigmoid": [lambda: nn.Sigmoid()(matrix())],
    "nn.AvgPool2d": [lambda: nn.AvgPool2d(kernel_size=2, stride=2)(sc.rand(1, 1, 4, 4))],
    "nn.Dropout": [
        lambda: nn.Dropout()(matrix()),
        lambda: nn.Dropout(0.5)(matrix()),
        lambda: nn.Dropout(p=0.2)(matrix()),
    ],
    "nn.Linear": [lambda: nn.Linear(3, 2)(matrix())],
    "nn.AdaptiveAvgPool2d": [lambda: nn.AdaptiveAvgPool2d((1, 1))(sc.rand(1, 2, 4, 4))],
    "nn.AdaptiveMaxPool2d": [lambda: nn.AdaptiveMaxPool2d((1, 1))(sc.rand(1, 2, 4, 4))],
    "nn.Conv2d": [lambda: nn.Conv2d(1, 6, kernel_size=5, padding=2)(sc.rand(1, 1, 8, 8))],
    "nn.ConvTranspose2d": [lambda: nn.ConvTranspose2d(1, 2, kernel_size=4, padding=1, stride=2)(sc.rand(1, 1, 4, 4))],
    "nn.MSELoss": [lambda: nn.MSELoss()(matrix(), matrix()), lambda: nn.MSELoss(reduction="none")(matrix(), matrix())],
    "nn.CrossEntropyLoss": [lambda: nn.CrossEntropyLoss(reduction="none")(matrix(), sc.tensor([0, 2]))],
    # Functions of layers
    "F.relu": [lambda: F.relu(matrix())],
    "F.cross_entropy": [lambda: F.cross_entropy(matrix(), sc.tensor([0, 2]), reduction="mean")],
    "F.pad": [lambda: F.pad(sc.rand(1, 1, 2, 2), (1, 1))],
    "sigmoid": [lambda: sc.sigmoid(matrix())],
    "relu": [lambda: sc.relu(matrix())],
    "tanh": [lambda: sc.tanh(matrix())],
    # Initial values
    "Tensor.zero_": [lambda: matrix().zero_()],
    "Tensor.fill_": [lambda: matrix().fill_(0)],
    "Tensor.normal_": [lambda: matrix().normal_(0, 0.01)],
    "nn.init.constant_": [lambda: nn.init.constant_(nn.Linear(2, 2).weight, 1)],
    "nn.init.xavier_uniform_": [lambda: nn.init.xavier_uniform_(nn.Linear(2, 2).weight)],
    "nn.init.zeros_": [lambda: nn.init.zeros_(nn.Linear(2, 2).bias)],
    "nn.init.normal_": [lambda: nn.init.normal_(nn.Linear(2, 2).weight, mean=0, std=0.01)],
    "nn.init.uniform_": [lambda: nn.init.uniform_(nn.Linear(2, 2).weight, -10, 10)],
    # Modules
    "Module.apply": [lambda: lazy_net().apply(lambda module: None)],
    "nn.Parameter": [lambda: nn.Parameter(sc.randn(2, 3))],
    "Module.add_module": [lambda: nn.Sequential().add_module("conv", nn.ReLU())],
    "Module.eval": [lambda: lazy_net().eval(), lambda: lazy_net().train()],
    "Module.named_parameters": [lambda: dict(lazy_net().named_parameters())],
    "Module.parameters": [lambda: list(lazy_net().parameters())],
    "Module.training": [lambda: lazy_net().training],
    "Module.zero_grad": [lambda: lazy_net().zero_grad()],
    "Module.children": [lambda: list(lazy_net().children())],
    "Module.state_dict": [lambda: lazy_net().load_state_dict(lazy_net().state_dict())],
    "Module.to": [lambda: lazy_net().to(sc.device("cpu"))],
    "optim.SGD": [
        lambda: sc.optim.SGD(lazy_net().parameters(), lr=0.1).step(),
        lambda: sc.optim.SGD(lazy_net().parameters(), 0.1).zero_grad(),
        lambda: sc.optim.SGD([{"params": leaf(2), "weight_decay": 3}, {"params": leaf(1)}], lr=0.1).step(),
    ],
    "optim.Adam": [lambda: sc.optim.Adam(lazy_net().parameters(), lr=0.1, weight_decay=1).step()],
    "optim.lr_scheduler": [
        lambda: sc.optim.lr_scheduler.MultiStepLR(sc.optim.SGD([leaf(1)], 0.5), milestones=[15, 30], gamma=0.5).step()
    ],
    # Autograd
    "Tensor.data": [lambda: leaf(2).data, lambda: leaf(2).data.normal_()],
    "Tensor.grad": [lambda: leaf(2).grad],
    "Tensor.detach": [lambda: leaf(2).detach()],
    "Tensor.backward": [
        lambda: backward(leaf()),
        lambda: backward(leaf(2), sc.ones(2)),
        lambda: backward(leaf(2), gradient=sc.ones(2)),
        lambda: backward(leaf(2), sc.ones(2), retain_graph=True),
    ],
    "no_grad": [lambda: sc.no_grad()],
    "Tensor.requires_grad_": [lambda: sc.ones(2).requires_grad_(True)],
    "is_grad_enabled": [lambda: sc.is_grad_enabled()],
    # Devices
    "Tensor.device": [lambda: sc.ones(1).device],
    "Tensor.to": [lambda: sc.ones(1).to("cpu"), lambda: sc.ones(1).to(sc.ones(1).device)],
    "device": [lambda: sc.device("cpu"), lambda: sc.device("cuda"), lambda: sc.device("cuda:1")],
    "cuda.device_count": [lambda: sc.cuda.device_count()],
    # Values and text
    "Tensor.numpy": [lambda: matrix().numpy()],
    "Tensor.item": [lambda: sc.tensor([3.5]).item(), lambda: float(sc.tensor(1.0)), lambda: int(sc.tensor(1))],
    "Tensor.__bool__": [lambda: bool(sc.tensor(True))],
    "Tensor.__array__": [lambda: np.asarray(matrix())],
    "Tensor.__format__": [lambda: f"{sc.tensor(1.0):.3f}", lambda: f"{matrix()}"],
    "Tensor.tolist": [lambda: matrix().tolist()],
    "save": [lambda: sc.save],
    "load": [lambda: sc.load],
    "is_tensor": [lambda: sc.is_tensor(1)],
    "data.DataLoader": [lambda: sc.data.DataLoader(sc.data.TensorDataset(matrix(), matrix()), 1, shuffle=True)],
}

FORMS = [pytest.param(call, id=f"{name}-{form}") for name, calls in CALLS.items() for form, call in enumerate(calls)]


@pytest.mark.parametrize("call", FORMS)
def test_call_form(call):
    with redirect_stdout(io.StringIO()):
        print(call())


def test_names_resolve():
    """Each key is the path of a name, so that a call cannot stand in for another one."""
    places = {"nn": nn, "F": F, "Module": nn.Module, "Tensor": sc.Tensor}
    for path in CALLS:
        first, _, rest = path.partition(".")
        place, names = (places[first], rest.split(".")) if first in places else (sc, path.split("."))
        if path == "Module.training":
            continue  # an attribute of each module
        for name in names:
            place = getattr(place, name)


def test_indexed_stores():
    x = sc.zeros(3, 4)
    x[1, 2] = 17
    x[:2, :] = 12
    x[:, 1:3] = 0
    x[0, 0] = sc.tensor(5.0)
    x[:] += 1
    x[:] -= sc.ones(3, 4)
    x *= x >= 5
    assert x.tolist() == [[5, 0, 0, 12], [12, 0, 0, 12], [0, 0, 0, 0]]


def test_residual_block_in_place():
    """The book's residual block adds to the result of a batch normalization in place."""
    net = nn.Sequential(nn.LazyConv2d(3, 3, padding=1), nn.LazyBatchNorm2d())
    x = sc.rand(2, 3, 4, 4, requires_grad=True)
    y = net(x)
    y += x
    F.relu(y).sum().backward()
    assert x.grad.shape == x.shape


def test_batch_norm_written_by_hand():
    """The book's own batch normalization gives the layer's results."""
    x = sc.randn(4, 3, 5, 5)
    mean = x.mean(dim=(0, 2, 3), keepdim=True)
    variance = ((x - mean) ** 2).mean(dim=(0, 2, 3), keepdim=True)
    by_hand = (x - mean) / sc.sqrt(variance + 1e-5)
    np.testing.assert_allclose(nn.BatchNorm2d(3)(x).detach().numpy(), by_hand.numpy(), atol=1e-5)
