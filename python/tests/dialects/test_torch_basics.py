"""Cells in a real kernel: the chapters before those on convolution, in PyTorch's dialect, with their texts."""

import pytest

from dialects.notebooks import run_cells, write_fashion_mnist

START = (
    "%load_ext swiftconv.torch",
    "import torch\nfrom torch import nn\nfrom torch.nn import functional as F\nfrom d2l import torch as d2l",
)

SECTIONS = {
    "ndarray": {
        "x = torch.arange(6)\nx, x.numel(), x.shape, x.reshape(2, -1)": "(tensor([0, 1, 2, 3, 4, 5]),\n 6,\n"
        " torch.Size([6]),\n tensor([[0, 1, 2],\n         [3, 4, 5]]))",
        "X = x.reshape(2, 3).type(torch.float32)\nX[1, 2] = 17\nX[:, :1] = 12\nX[-1], X[0:1]": (
            "(tensor([12.,  4., 17.]), tensor([[12.,  1.,  2.]]))"
        ),
        "torch.tensor([1.0, 2, 4]) ** torch.tensor([2, 2, 2]), torch.exp(torch.arange(3.0))": (
            "(tensor([ 1.,  4., 16.]), tensor([1.0000, 2.7183, 7.3891]))"
        ),
        "torch.cat((X, X), dim=1), X == X.clone(), X > 3": "(tensor([[12.,  1.,  2., 12.,  1.,  2.],\n"
        "         [12.,  4., 17., 12.,  4., 17.]]),\n tensor([[True, True, True],\n         [True, True, True]]),\n"
        " tensor([[ True, False, False],\n         [ True,  True,  True]]))",
        "before = id(X)\nX += X\nZ = torch.zeros_like(X)\nZ[:] = X + 1\nprint(id(X) == before)\nZ": (
            "True\ntensor([[25.,  3.,  5.],\n        [25.,  9., 35.]])"
        ),
        "A = X.numpy()\ntype(A), type(torch.from_numpy(A))": "(numpy.ndarray, torch.Tensor)",
        "a = torch.tensor([3.5])\na, a.item(), float(a), int(a)": "(tensor([3.5000]), 3.5, 3.5, 3)",
        "torch.manual_seed(0)\ntorch.randn(2, 3)": (
            "tensor([[ 1.5410, -0.2934, -2.1788],\n        [ 0.5684, -1.0845, -1.3986]])"
        ),
    },
    "linear-algebra": {
        "A = torch.arange(6.0).reshape(2, 3)\nA.sum(), A.sum(axis=0), A.sum(axis=[0, 1]), A.mean(axis=1)": (
            "(tensor(15.), tensor([3., 5., 7.]), tensor(15.), tensor([1., 4.]))"
        ),
        "A / A.sum(axis=1, keepdims=True)": ("tensor([[0.0000, 0.3333, 0.6667],\n        [0.2500, 0.3333, 0.4167]])"),
        "x = torch.ones(3)\ntorch.dot(x, x), torch.mv(A, x), A@x, torch.mm(A, A.T), A.cumsum(axis=0)": (
            "(tensor(3.),\n tensor([ 3., 12.]),\n tensor([ 3., 12.]),\n tensor([[ 5., 14.],\n         [14., 50.]]),\n"
            " tensor([[0., 1., 2.],\n         [3., 5., 7.]]))"
        ),
        "u = torch.tensor([3.0, -4.0])\ntorch.norm(u), torch.abs(u).sum(), torch.norm(torch.ones((4, 9)))": (
            "(tensor(5.), tensor(7.), tensor(6.))"
        ),
    },
    "autograd": {
        "x = torch.arange(4.0)\nx.requires_grad_(True)\ny = 2 * torch.dot(x, x)\nx.grad, x, y": (
            "(None,\n tensor([0., 1., 2., 3.], requires_grad=True),\n tensor(28., grad_fn=<MulBackward0>))"
        ),
        "y.backward()\nx.grad, x.grad == 4 * x": ("(tensor([ 0.,  4.,  8., 12.]), tensor([True, True, True, True]))"),
        "x.grad.zero_()\ny = x * x\ny.backward(gradient=torch.ones(len(y)), retain_graph=True)\nx.grad": (
            "tensor([0., 2., 4., 6.])"
        ),
        "x.grad.zero_()\nu = y.detach()\n(u * x).sum().backward()\nx.grad == u": "tensor([True, True, True, True])",
    },
    "model-construction": {
        "net = nn.Sequential(nn.LazyLinear(4), nn.ReLU(), nn.LazyLinear(2))\nnet": "Sequential(\n"
        "  (0): LazyLinear(in_features=0, out_features=4, bias=True)\n  (1): ReLU()\n"
        "  (2): LazyLinear(in_features=0, out_features=2, bias=True)\n)",
        "class Held(nn.Module):\n"
        "    def __init__(self, *parts):\n"
        "        super().__init__()\n"
        "        for i, part in enumerate(parts):\n"
        "            self.add_module(str(i), part)\n"
        "        self.fixed = torch.rand((2, 2))\n"
        "    def forward(self, X):\n"
        "        for part in self.children():\n"
        "            X = part(X)\n"
        "        X = X @ self.fixed + 1\n"
        "        while X.abs().sum() > 1:\n"
        "            X /= 2\n"
        "        return X.sum()\n"
        "Held(net)(torch.rand(2, 5)).shape": "torch.Size([])",
    },
    "parameters": {
        "net[0].weight.grad == None, type(net[2].bias), net[2].bias.data.shape": (
            "(True, torch.nn.parameter.Parameter, torch.Size([2]))"
        ),
        "[(name, param.shape) for name, param in net.named_parameters()]": "[('0.weight', torch.Size([4, 5])),\n"
        " ('0.bias', torch.Size([4])),\n ('2.weight', torch.Size([2, 4])),\n ('2.bias', torch.Size([2]))]",
        "nn.init.constant_(net[2].weight, 2)\nnet[2].bias.data[:] = 3\nnet[2].state_dict()": (
            "OrderedDict([('weight',\n              tensor([[2., 2., 2., 2.],\n"
            "                      [2., 2., 2., 2.]])),\n"
            "             ('bias', tensor([3., 3.]))])"
        ),
    },
    "lazy-init": {
        "nn.LazyLinear(3).weight": "<UninitializedParameter>",
    },
    "custom-layer": {
        "class Shift(nn.Module):\n"
        "    def __init__(self, by):\n"
        "        super().__init__()\n"
        "        self.by = nn.Parameter(torch.full((2,), by))\n"
        "    def forward(self, X):\n"
        "        return F.relu(X + self.by.data)\n"
        "layer = Shift(0.5)\nlayer(torch.tensor([[-1.0, 1]])), layer.by": (
            "(tensor([[0.0000, 1.5000]]),\n Parameter containing:\n tensor([0.5000, 0.5000], requires_grad=True))"
        ),
        "nn.Sequential(nn.LazyLinear(2), Shift(1.0))": "Sequential(\n"
        "  (0): LazyLinear(in_features=0, out_features=2, bias=True)\n  (1): Shift()\n)",
    },
    "read-write": {
        "torch.save([torch.arange(3), {'a': torch.zeros(1)}], 'state')\ntorch.load('state')": (
            "[tensor([0, 1, 2]), {'a': tensor([0.])}]"
        ),
        "torch.save(net.state_dict(), 'net.params')\nnet.load_state_dict(torch.load('net.params'))": (
            "<All keys matched successfully>"
        ),
    },
    "use-gpu": {
        "torch.device('cpu'), torch.device('cuda:1'), d2l.try_gpu(), d2l.try_all_gpus(), d2l.num_gpus()": (
            "(device(type='cpu'), device(type='cuda', index=1), device(type='cpu'), [], 0)"
        ),
        "torch.ones(1, device=d2l.try_gpu()).device": "device(type='cpu')",
    },
    "oo-design": {
        "class Kept(d2l.HyperParameters):\n"
        "    def __init__(self, a, b):\n"
        "        self.save_hyperparameters(ignore=['b'])\n"
        "Kept(a=1, b=2).a, hasattr(Kept(1, 2), 'b'), Kept(1, 2).hparams": "(1, False, {'a': 1})",
    },
    "linear-regression-concise": {
        "data = d2l.SyntheticRegressionData(w=torch.tensor([2, -3.4]), b=4.2)\n"
        "model = d2l.LinearRegression(lr=0.03)\n"
        "d2l.Trainer(max_epochs=3).fit(model, data)\n"
        "w, b = model.get_w_b()\n"
        "(data.w - w.reshape(data.w.shape)).abs() < 0.05, (data.b - b).abs() < 0.05": (
            "(tensor([True, True]), tensor([True]))"
        ),
        "X, y = next(iter(data.train_dataloader()))\nX.shape, y.shape, len(data.train_dataloader())": (
            "(torch.Size([32, 2]), torch.Size([32, 1]), 32)"
        ),
    },
    "softmax-regression-concise": {
        "y_hat = torch.tensor([[0.1, 0.3, 0.6], [0.3, 0.2, 0.5]])\n"
        "y_hat[[0, 1], torch.tensor([0, 2])], F.cross_entropy(y_hat, torch.tensor([0, 2]))": (
            "(tensor([0.1000, 0.5000]), tensor(1.1466))"
        ),
        "data = d2l.FashionMNIST(batch_size=16)\n"
        "model = d2l.SoftmaxRegression(10, lr=0.1)\n"
        "d2l.Trainer(max_epochs=1).fit(model, data)\n"
        "model": "SoftmaxRegression(\n  (net): Sequential(\n    (0): Flatten(start_dim=1, end_dim=-1)\n"
        "    (1): Linear(in_features=784, out_features=10, bias=True)\n  )\n)",
    },
    "mlp": {
        "x = torch.arange(-1.0, 1.5, 0.5, requires_grad=True)\ny = torch.relu(x)\n"
        "y.backward(torch.ones_like(x), retain_graph=True)\ny, x.grad": (
            "(tensor([0.0000, 0.0000, 0.0000, 0.5000, 1.0000], grad_fn=<ReluBackward0>),\n"
            " tensor([0., 0., 0., 1., 1.]))"
        ),
        "torch.sigmoid(x).detach(), torch.tanh(x).detach()": (
            "(tensor([0.2689, 0.3775, 0.5000, 0.6225, 0.7311]),\n"
            " tensor([-0.7616, -0.4621,  0.0000,  0.4621,  0.7616]))"
        ),
    },
    "dropout": {
        "torch.manual_seed(0)\nmask = (torch.rand((2, 4)) > 0.5).float()\n"
        "mask * torch.arange(8.0).reshape((2, 4)) / 0.5": (
            "tensor([[ 0.,  2.,  0.,  0.],\n        [ 0., 10.,  0., 14.]])"
        ),
    },
}


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """The texts of all cells, run in one kernel."""
    folder = tmp_path_factory.mktemp("book")
    write_fashion_mnist(folder / "data" / "FashionMNIST" / "raw", train=80, test=20)
    (folder / "chapter").mkdir()
    cells = [cell for section in SECTIONS.values() for cell in section]
    return dict(zip(cells, run_cells([*START, *cells], folder / "chapter")[len(START) :], strict=True))


@pytest.mark.parametrize("section", [pytest.param(s, marks=pytest.mark.section(s, "torch")) for s in SECTIONS])
def test_section(shown, section):
    for cell, wanted in SECTIONS[section].items():
        assert shown[cell] == wanted, cell
