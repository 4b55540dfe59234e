"""What the modern networks of the book ask of the dialect of PyTorch: blocks, in-place sums, late methods, shapes."""

import pytest

from swiftconv import torch
from swiftconv.torch import d2l, nn
from swiftconv.torch.nn import functional as F


class Norm(nn.Module):
    """Batch normalisation by hand: statistics are plain tensors, and the mode is told by whether gradients are on."""

    def __init__(self, channels):
        super().__init__()
        shape = (1, channels, 1, 1)
        self.gamma, self.beta = nn.Parameter(torch.ones(shape)), nn.Parameter(torch.zeros(shape))
        self.moving_mean, self.moving_var = torch.zeros(shape), torch.ones(shape)

    def forward(self, X):
        if self.moving_mean.device != X.device:
            self.moving_mean, self.moving_var = self.moving_mean.to(X.device), self.moving_var.to(X.device)
        if not torch.is_grad_enabled():
            return self.gamma * (X - self.moving_mean) / torch.sqrt(self.moving_var + 1e-5) + self.beta
        mean = X.mean(dim=(0, 2, 3), keepdim=True)
        var = ((X - mean) ** 2).mean(dim=(0, 2, 3), keepdim=True)
        self.moving_mean = (0.9 * self.moving_mean + 0.1 * mean).data
        self.moving_var = (0.9 * self.moving_var + 0.1 * var).data
        return self.gamma * (X - mean) / torch.sqrt(var + 1e-5) + self.beta


@pytest.mark.section("batch-norm", "torch")
def test_batch_normalisation_by_hand():
    ours, theirs, X = Norm(3), nn.BatchNorm2d(3), torch.randn(4, 3, 5, 5)
    assert torch.allclose(ours(X), theirs(X), atol=1e-5)
    assert torch.allclose(ours.moving_mean.reshape((-1,)), theirs.running_mean, atol=1e-6)
    assert list(ours.state_dict()) == ["gamma", "beta"]
    with torch.no_grad():
        assert not torch.allclose(ours(X), theirs(X), atol=1e-3)


class Block(nn.Module):
    """A residual block that adds its input in place."""

    def __init__(self, channels, narrows=False):
        super().__init__()
        self.conv = nn.LazyConv2d(channels, kernel_size=3, padding=1, stride=2 if narrows else 1)
        self.norm = nn.LazyBatchNorm2d()
        self.side = nn.LazyConv2d(channels, kernel_size=1, stride=2) if narrows else None

    def forward(self, X):
        Y = self.norm(self.conv(X))
        if self.side:
            X = self.side(X)
        Y += X
        return F.relu(Y)


@pytest.mark.section("resnet", "torch")
def test_residual_block():
    X, block = torch.randn(4, 3, 6, 6), Block(6, narrows=True)
    Y = block(X)
    assert Y.shape == (4, 6, 3, 3)
    Y.sum().backward()
    assert block.conv.weight.grad.shape == (6, 3, 3, 3) and block.side.weight.grad is not None
    assert Block(3)(X).shape == X.shape
    assert d2l.Residual(3)(X).shape == X.shape and d2l.ResNeXtBlock(32, 16, 1)(torch.randn(1, 32, 9, 9)).shape[1] == 32


class Stages(d2l.Classifier):
    """A network whose parts are methods, some of them added later."""

    def stem(self, channels):
        return nn.Sequential(nn.LazyConv2d(channels, kernel_size=3, stride=2, padding=1), nn.LazyBatchNorm2d())


@d2l.add_to_class(Stages)
def stage(self, depth, channels):
    return nn.Sequential(*[Block(channels, narrows=i == 0) for i in range(depth)])


@d2l.add_to_class(Stages)
def __init__(self, arch, stem_channels, lr=0.1, num_classes=10):
    super(Stages, self).__init__()
    self.save_hyperparameters()
    self.net = nn.Sequential(self.stem(stem_channels))
    for i, each in enumerate(arch):
        self.net.add_module(f"stage{i + 1}", self.stage(*each))
    head = nn.Sequential(nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten(), nn.Dropout(0.5), nn.LazyLinear(num_classes))
    self.net.add_module("head", head)
    self.net.apply(d2l.init_cnn)


@pytest.mark.section("cnn-design", "torch")
def test_stages(capsys):
    assert stage is None
    model = Stages(((1, 4), (2, 8)), 2)
    optimizer = model.configure_optimizers()
    model.layer_summary((1, 1, 32, 32))
    shapes = ["[1, 2, 16, 16]", "[1, 4, 8, 8]", "[1, 8, 4, 4]", "[1, 10]"]
    assert capsys.readouterr().out == "".join(f"Sequential output shape:\t torch.Size({each})\n" for each in shapes)
    before = model.net.head[3].weight.detach().clone()
    model.loss(model(torch.randn(2, 1, 32, 32)), torch.tensor([1, 2])).backward()
    optimizer.step()
    assert not torch.allclose(before, model.net.head[3].weight)


@pytest.fixture(autouse=True)
def shown_as_torch(monkeypatch):
    """Shapes print as they do while the dialect is loaded."""
    monkeypatch.setattr(torch.Size, "__module__", "torch")
