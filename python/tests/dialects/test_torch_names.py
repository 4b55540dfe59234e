"""The names of PyTorch and of d2l.torch that the book uses, each in the forms in which the book calls it."""

import os

import numpy as np
import pytest

from dialects.notebooks import write_fashion_mnist
from swiftconv import torch
from swiftconv.torch import d2l, nn, torchvision
from swiftconv.torch.nn import functional as F


@pytest.fixture(scope="module", autouse=True)
def in_a_chapter(tmp_path_factory):
    """The working folder is a chapter's, beside the folder of the data."""
    folder = tmp_path_factory.mktemp("book")
    write_fashion_mnist(folder / "data" / "FashionMNIST" / "raw", train=40, test=10)
    (folder / "chapter").mkdir()
    before = os.getcwd()
    os.chdir(folder / "chapter")
    yield
    os.chdir(before)


NAMES = {"F": F, "d2l": d2l, "nn": nn, "np": np, "torch": torch, "torchvision": torchvision}
TRANSFORMS = torchvision.transforms

# One statement per call form; M is a matrix (2, 3), leaf a vector that requires gradients.
FORMS = """
torch.tensor([[0.0, 1.0]]); torch.tensor(3.0); torch.tensor([1, 2], dtype=torch.float32)
torch.arange(12); torch.arange(1, 3); torch.arange(-8.0, 8.0, 0.1, requires_grad=True)
torch.arange(9, dtype=torch.float32)
torch.ones((2, 3)); torch.ones(2, 3); torch.ones(4, device=torch.device('cpu'), dtype=torch.float32)
torch.zeros((2, 3, 4)); torch.zeros(2, requires_grad=True); torch.ones_like(M); torch.zeros_like(M)
M.dtype; M.type(torch.float32); M.type(M.dtype); M.clone(); (M > 1).float(); torch.from_numpy(np.ones(3))
torch.randn(()); torch.randn(3, 4); torch.randn(size=(2, 3), requires_grad=True); torch.randn(1)
torch.rand(2, 3); torch.rand(size=(8, 8)); torch.rand((2, 3), device='cpu'); torch.rand(1)
torch.normal(0, 1, (3, 4)); torch.normal(0, 0.01, size=(2, 1), requires_grad=True); torch.normal(torch.zeros(2), 1.0)
M.shape[0]; h, w = M.shape; (1, 1) + M.shape; M.shape[1:]; M.shape == (2, 3); torch.zeros(*M.shape); len(M)
M.reshape(3, 2); M.reshape((3, -1)); M.reshape(-1); M.T; M.t(); M.numel(); torch.ones(1, 2).squeeze(0)
torch.cat((M, M), dim=0); torch.cat([M, M], 1); torch.stack([M, M], 0); torch.stack((M, M), 1)
torch.matmul(M, M.T); M @ M.T; torch.mm(M, M.T); torch.mv(M, torch.ones(3)); torch.dot(torch.ones(2), torch.ones(2))
torch.exp(M); torch.log(M + 1); torch.abs(-M); M.abs(); torch.sqrt(M); torch.norm(M); M.norm()
torch.max(M, torch.tensor(1.0))
M.sum(); M.sum(axis=0); M.sum(axis=[0, 1]); M.sum(1, keepdims=True); M.mean(); M.mean(axis=0)
M.mean(dim=(0,), keepdim=True)
M.argmax(axis=1); M.cumsum(axis=0); M.max(); torch.sum(M); torch.sigmoid(M); torch.relu(M); torch.tanh(M)
M[-1]; M[0:1]; M[0, 1]; M[slice(0, 1)]; M[torch.tensor([1, 0])]; M[M > 2]; M[[0, 1], torch.tensor([2, 0])]
[r for r in M]
M[1, 2] = 17; M[:, 1:3] = 0; M[:1, :] = 12; M[0, 0] = torch.tensor(1.0); M[:] = M * 2; M += 1; M -= M; M *= 2; M /= 2
M == M; M != M; M < M; M >= 1; M ** 2; 1 - M; 2 / (M + 1); -M; float(M.sum()); int(M.sum()); bool(M.sum() > 1)
f'{M.sum():.3f}'; f'{M}'; repr(M); str(M); np.asarray(M); M.numpy(); M.sum().item(); M.ndim
nn.LazyLinear(4)(M); nn.Linear(3, 4)(M); nn.MSELoss()(M, M); nn.Flatten()(IMAGE); nn.ReLU()(M); nn.Sigmoid()(M)
nn.LazyConv2d(4, kernel_size=3, padding=1, stride=2)(IMAGE); nn.LazyConv2d(4, 3, 1, 1)(IMAGE)
nn.Conv2d(2, 4, 3)(IMAGE)
nn.LazyConv2d(4, kernel_size=(3, 5), padding=(1, 2), bias=False)(IMAGE)
nn.LazyConv2d(4, kernel_size=1, groups=2)(IMAGE)
nn.MaxPool2d(kernel_size=3, stride=2, padding=1)(IMAGE); nn.MaxPool2d(3)(IMAGE)
nn.AvgPool2d(kernel_size=2, stride=2)(IMAGE)
nn.AdaptiveAvgPool2d((1, 1))(IMAGE); nn.AdaptiveAvgPool2d(1)(IMAGE); nn.AdaptiveMaxPool2d((1, 1))(IMAGE)
nn.LazyBatchNorm2d()(IMAGE); nn.BatchNorm2d(2)(IMAGE); nn.LazyBatchNorm1d()(M); nn.BatchNorm1d(3)(M)
nn.Dropout(0.5)(M)
nn.Dropout(p=0.5)(M); nn.Dropout()(M); nn.Sequential(nn.ReLU(), nn.Flatten())(IMAGE); nn.CrossEntropyLoss()(M, LABELS)
F.relu(M); F.cross_entropy(M, LABELS, reduction='mean'); F.cross_entropy(M, LABELS, reduction='none')
F.pad(M, (1, 1))
nn.init.constant_(L.weight, 1); nn.init.xavier_uniform_(L.weight); nn.init.zeros_(L.bias)
nn.init.normal_(L.weight, mean=0, std=0.01)
nn.init.uniform_(L.weight, -10, 10); L.weight.data.zero_(); L.bias.data.fill_(0); L.weight.data.normal_(0, 0.01)
L.weight.data[:] += 1; L.weight.data[0, 0] = 42; L.weight.data *= L.weight.data.abs() >= 5; L.weight.grad == None
L.bias
L.apply(lambda m: None); L.zero_grad(); L.eval(); L.train(); L.training; list(L.parameters()); [*L.named_parameters()]
S.add_module('b', nn.ReLU()); list(S.children()); S[0]; len(S); L.forward(M); nn.Parameter(torch.ones(2))
S.state_dict()
S.load_state_dict(S.state_dict()); L.to('cpu'); L.to(device=torch.device('cpu')); M.to(torch.device('cpu')); M.device
M.cpu()
torch.optim.SGD(L.parameters(), lr=0.1).step(); torch.optim.SGD(L.parameters(), 0.1).zero_grad()
torch.optim.Adam(L.parameters(), lr=1)
torch.optim.SGD([{'params': L.weight, 'weight_decay': 3}, {'params': L.bias}], lr=0.1)
torch.utils.data.DataLoader(torch.utils.data.TensorDataset(M, LABELS), 2, shuffle=True, num_workers=2)
leaf.grad; leaf.data; leaf.detach(); leaf.requires_grad_(True); leaf.sum().backward(); leaf.grad.zero_()
leaf.grad.data.zero_()
(leaf * 2).backward(torch.ones(2), retain_graph=True); (leaf * 2).backward(gradient=torch.ones(2))
torch.is_grad_enabled()
torch.device('cpu'); torch.device('cuda:1'); torch.cuda.device_count(); torch.cuda.is_available(); torch.is_tensor(M)
torch.save(M, 'x-file'); torch.load('x-file'); torch.save([M, M], 'x-files'); a, b = torch.load('x-files')
torch.save({'x': M}, 'mydict'); torch.load('mydict')['x']; torch.save(L.state_dict(), 'p.params')
L.load_state_dict(torch.load('p.params'))
torch.clamp(M, 0, 1); torch.FloatTensor([1, 2]); torch.meshgrid(torch.arange(2.0), torch.arange(2.0)); M.view(3, 2)
torch.eye(2)
torch.distributions.multinomial.Multinomial(10, torch.ones(6) / 6).sample(); torch.linspace(0, 1, 3)
torch.bmm(IMAGE[0], IMAGE[0])
d2l.cpu(); d2l.gpu(1); d2l.num_gpus(); d2l.try_gpu(); d2l.try_all_gpus(); d2l.HyperParameters(); d2l.DATA_URL
d2l.DATA_HUB
d2l.corr2d(M, torch.ones(1, 2)); L.apply(d2l.init_cnn); d2l.use_svg_display(); d2l.set_figsize((3, 2))
d2l.plt.rcParams
d2l.plot(leaf.detach(), leaf.detach(), 'x', 'y', figsize=(3, 2))
d2l.plot(torch.arange(3), [[1, 2, 3], [3, 2, 1]], legend=['a', 'b'])
d2l.ProgressBoard('x').draw(1.0, 2.0, 'a', every_n=1); d2l.show_images(torch.ones(4, 5, 5), 2, 2, titles=['a'] * 4)
d2l.ResNeXtBlock(4, 2, 1)(torch.ones(1, 4, 5, 5)); d2l.ResNeXtBlock(8, 2, 1, use_1x1conv=True, strides=2)(IMAGE)
d2l.Residual(2)(IMAGE)
d2l.SyntheticRegressionData(w=torch.tensor([2, -3.4]), b=4.2); d2l.LinearRegression(lr=0.03)
d2l.LinearRegressionScratch(2, lr=0.03)
d2l.LinearRegression(0.1).configure_optimizers(); d2l.Trainer(max_epochs=1, num_gpus=1); d2l.DataModule()
d2l.Module()
d2l.FashionMNIST(batch_size=4, resize=(32, 32)).text_labels([0, 9]); d2l.load_data_fashion_mnist(4, resize=32)
d2l.Timer().stop()
d2l.LeNet().layer_summary((1, 1, 28, 28)); d2l.Accumulator(2).add(1, 2); d2l.accuracy(M, LABELS)
d2l.Animator(xlabel='epoch')
d2l.load_array((M, LABELS), 1); d2l.synthetic_data(torch.tensor([2.0]), 1.0, 5); d2l.linreg(M, torch.ones(3, 1), 0.0)
d2l.squared_loss(M, M); d2l.get_fashion_mnist_labels([0]); d2l.evaluate_loss(lambda X: X, [(M, M)], d2l.squared_loss)
d2l.ones(2); d2l.reduce_sum(M); d2l.reduce_mean(M); d2l.reshape(M, (3, 2)); d2l.transpose(M); d2l.argmax(M, 1)
d2l.astype(M, d2l.int32)
d2l.numpy(M); d2l.size(M); d2l.to(M, 'cpu'); d2l.concat((M, M)); d2l.matmul(M, M.T); d2l.normal(0, 1, (2,))
d2l.expand_dims(M, 0)
"""


@pytest.mark.section("names", "torch")
@pytest.mark.parametrize("form", [form for line in FORMS.strip().splitlines() for form in line.split("; ")])
def test_form(form):
    layer = nn.Linear(3, 3)
    values = {
        "IMAGE": torch.ones(2, 2, 6, 6),
        "L": layer,
        "LABELS": torch.tensor([0, 1]),
        "M": torch.arange(6.0).reshape(2, 3),
        "S": nn.Sequential(nn.Linear(3, 3), layer),
        "leaf": torch.ones(2, requires_grad=True),
    }
    if form.startswith("leaf.grad."):
        values["leaf"].sum().backward()
    if "torch.load" in form:
        torch.save(values["L"].state_dict(), "p.params")
        torch.save(values["M"], "x-file")
        torch.save([values["M"]] * 2, "x-files")
        torch.save({"x": values["M"]}, "mydict")
    exec(form, {**NAMES, **values})


def test_transforms_and_data():
    change = TRANSFORMS.Compose([TRANSFORMS.Resize((14, 14)), TRANSFORMS.ToTensor()])
    images = torchvision.datasets.FashionMNIST(root="../data", train=True, transform=change, download=True)
    image, label = images[0]
    assert image.shape == (1, 14, 14) and image.dtype == torch.float32 and isinstance(label, int)
    batch = next(iter(torch.utils.data.DataLoader(images, 8, shuffle=False, num_workers=4)))
    assert isinstance(batch, list) and batch[0].shape == (8, 1, 14, 14) and batch[1].dtype == torch.int64


def test_lazy_layers_show_their_finished_class():
    net = nn.Sequential(nn.LazyLinear(256), nn.ReLU(), nn.LazyLinear(10))
    assert repr(net[0]) == "LazyLinear(in_features=0, out_features=256, bias=True)"
    assert repr(net[0].weight) == "<UninitializedParameter>"
    weight, optimizer = net[0].weight, torch.optim.SGD(net.parameters(), lr=0.1)
    net(torch.rand(2, 20))
    assert net[0].__class__.__name__ == "Linear" and net[0].weight is weight and optimizer.param_groups


@pytest.mark.section("conv-layer", "torch")
@pytest.mark.parametrize(
    ("start", "losses"),
    [
        ((0.32595206, 0.64783674), "15.728 4.840 1.714 0.657 0.261"),
        ((0.30871277, 0.68750936), "16.481 5.069 1.794 0.688 0.274"),
    ],
)
def test_learning_the_edge_kernel(start, losses):
    X = torch.ones((1, 1, 6, 8))
    X[:, :, :, 2:6] = 0
    Y = d2l.corr2d(X[0, 0], torch.tensor([[1.0, -1.0]])).reshape((1, 1, 6, 7))
    layer = nn.LazyConv2d(1, kernel_size=(1, 2), bias=False)
    layer(X)
    layer.weight.data[:] = torch.tensor(start).reshape((1, 1, 1, 2))
    printed = []
    for i in range(10):
        loss = (layer(X) - Y) ** 2
        layer.zero_grad()
        loss.sum().backward()
        layer.weight.data[:] -= 3e-2 * layer.weight.grad
        if i % 2:
            printed.append(f"{loss.sum():.3f}")
    assert " ".join(printed) == losses


@pytest.mark.section("conv-layer", "torch")
def test_gradients_reach_a_kernel_through_assigned_elements():
    kernel = nn.Parameter(torch.ones(1, 2))
    Y = torch.zeros(2, 2)
    X = torch.arange(6.0).reshape(2, 3)
    for i in range(2):
        for j in range(2):
            Y[i, j] = (X[i : i + 1, j : j + 2] * kernel).sum()
    Y.sum().backward()
    assert repr(kernel.grad) == "tensor([[ 8., 12.]])"
