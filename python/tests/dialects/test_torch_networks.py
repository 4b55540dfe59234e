"""Cells in a real kernel: the sections on modern networks, in PyTorch's dialect, with their texts."""

import pytest

from dialects.notebooks import run_cells, write_fashion_mnist

START = (
    "%load_ext swiftconv.torch",
    "import torch\nfrom torch import nn\nfrom torch.nn import functional as F\nfrom d2l import torch as d2l",
    "def cut(data, count):\n"
    "    for part in (data.train, data.val):\n"
    "        part.data, part.targets = part.data[:count], part.targets[:count]\n"
    "    return data\n"
    "def learn(model, data):\n"
    "    model.apply_init([next(iter(data.get_dataloader(True)))[0]], d2l.init_cnn)\n"
    "    d2l.Trainer(max_epochs=1, num_gpus=1).fit(model, data)\n"
    "    return model.board.data.keys()",
)
CURVES = "odict_keys(['train_loss', 'val_loss', 'val_acc'])"


def summary(*lines):
    return "\n".join(f"{name} output shape:\t torch.Size([{shape}])" for name, shape in lines)


SECTIONS = {
    "alexnet": {
        "class Wide(d2l.Classifier):\n"
        "    def __init__(self, lr=0.1, num_classes=10):\n"
        "        super().__init__()\n"
        "        self.save_hyperparameters()\n"
        "        self.net = nn.Sequential(\n"
        "            nn.LazyConv2d(8, kernel_size=11, stride=4, padding=1), nn.ReLU(),\n"
        "            nn.MaxPool2d(kernel_size=3, stride=2), nn.Flatten(),\n"
        "            nn.LazyLinear(16), nn.ReLU(), nn.Dropout(p=0.5), nn.LazyLinear(num_classes))\n"
        "        self.net.apply(d2l.init_cnn)\n"
        "Wide().layer_summary((1, 1, 64, 48))": summary(
            ("Conv2d", "1, 8, 14, 10"),
            ("ReLU", "1, 8, 14, 10"),
            ("MaxPool2d", "1, 8, 6, 4"),
            ("Flatten", "1, 192"),
            ("Linear", "1, 16"),
            ("ReLU", "1, 16"),
            ("Dropout", "1, 16"),
            ("Linear", "1, 10"),
        ),
        "learn(Wide(lr=0.01), cut(d2l.FashionMNIST(batch_size=8, resize=(64, 64)), 16))": CURVES,
    },
    "vgg": {
        "def stack(depth, channels):\n"
        "    layers = []\n"
        "    for _ in range(depth):\n"
        "        layers += [nn.LazyConv2d(channels, kernel_size=3, padding=1), nn.ReLU()]\n"
        "    layers.append(nn.MaxPool2d(kernel_size=2, stride=2))\n"
        "    return nn.Sequential(*layers)\n"
        "class Stacks(d2l.Classifier):\n"
        "    def __init__(self, arch, lr=0.1, num_classes=10):\n"
        "        super().__init__()\n"
        "        self.save_hyperparameters()\n"
        "        self.net = nn.Sequential(\n"
        "            *[stack(*each) for each in arch], nn.Flatten(), nn.Dropout(0.5), nn.LazyLinear(num_classes))\n"
        "        self.net.apply(d2l.init_cnn)\n"
        "model = Stacks(arch=((1, 4), (2, 8)))\n"
        "model.layer_summary((1, 1, 20, 20))": summary(
            ("Sequential", "1, 4, 10, 10"),
            ("Sequential", "1, 8, 5, 5"),
            ("Flatten", "1, 200"),
            ("Dropout", "1, 200"),
            ("Linear", "1, 10"),
        ),
        "model.net[0], model.arch": "(Sequential(\n"
        "   (0): Conv2d(1, 4, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))\n"
        "   (1): ReLU()\n"
        "   (2): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)\n"
        " ),\n ((1, 4), (2, 8)))",
    },
    "nin": {
        "def mixed(channels, kernel_size, strides, padding):\n"
        "    return nn.Sequential(\n"
        "        nn.LazyConv2d(channels, kernel_size, strides, padding), nn.ReLU(),\n"
        "        nn.LazyConv2d(channels, kernel_size=1), nn.ReLU())\n"
        "class Mixed(d2l.Classifier):\n"
        "    def __init__(self, lr=0.1, num_classes=10):\n"
        "        super().__init__()\n"
        "        self.save_hyperparameters()\n"
        "        self.net = nn.Sequential(\n"
        "            mixed(6, kernel_size=11, strides=4, padding=0), nn.MaxPool2d(3, stride=2), nn.Dropout(0.5),\n"
        "            mixed(num_classes, kernel_size=3, strides=1, padding=1),\n"
        "            nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten())\n"
        "Mixed().layer_summary((1, 1, 47, 47))": summary(
            ("Sequential", "1, 6, 10, 10"),
            ("MaxPool2d", "1, 6, 4, 4"),
            ("Dropout", "1, 6, 4, 4"),
            ("Sequential", "1, 10, 4, 4"),
            ("AdaptiveAvgPool2d", "1, 10, 1, 1"),
            ("Flatten", "1, 10"),
        ),
    },
    "googlenet": {
        "class Branches(nn.Module):\n"
        "    def __init__(self, c1, c2, c3, **kwargs):\n"
        "        super(Branches, self).__init__(**kwargs)\n"
        "        self.b1 = nn.LazyConv2d(c1, kernel_size=1)\n"
        "        self.b2_1 = nn.LazyConv2d(c2[0], kernel_size=1)\n"
        "        self.b2_2 = nn.LazyConv2d(c2[1], kernel_size=5, padding=2)\n"
        "        self.b3_1 = nn.MaxPool2d(kernel_size=3, stride=1, padding=1)\n"
        "        self.b3_2 = nn.LazyConv2d(c3, kernel_size=1)\n"
        "    def forward(self, x):\n"
        "        wide = F.relu(self.b2_2(F.relu(self.b2_1(x))))\n"
        "        return torch.cat((F.relu(self.b1(x)), wide, F.relu(self.b3_2(self.b3_1(x)))), dim=1)\n"
        "class Parallel(d2l.Classifier):\n"
        "    def stem(self):\n"
        "        return nn.Sequential(nn.LazyConv2d(4, kernel_size=7, stride=2, padding=3), nn.ReLU(),\n"
        "                             nn.MaxPool2d(kernel_size=3, stride=2, padding=1))": "",
        "@d2l.add_to_class(Parallel)\n"
        "def __init__(self, lr=0.1, num_classes=10):\n"
        "    super(Parallel, self).__init__()\n"
        "    self.save_hyperparameters()\n"
        "    head = nn.Sequential(Branches(2, (3, 4), 5), nn.AdaptiveAvgPool2d((1,1)), nn.Flatten())\n"
        "    self.net = nn.Sequential(self.stem(), head, nn.LazyLinear(num_classes))\n"
        "    self.net.apply(d2l.init_cnn)\n"
        "shown = Parallel().layer_summary((1, 1, 32, 32))": summary(
            ("Sequential", "1, 4, 8, 8"), ("Sequential", "1, 11"), ("Linear", "1, 10")
        ),
        "print(shown, __init__)": "None None",
    },
    "batch-norm": {
        "torch.manual_seed(1)\nX = torch.randn(4, 1, 2, 2)\nnn.BatchNorm2d(1)(X)[0]": (
            "tensor([[[-1.2973, -0.3668],\n         [-0.2513, -1.3980]]], grad_fn=<SelectBackward0>)"
        ),
        "class Norm(nn.Module):\n"
        "    def __init__(self, shape):\n"
        "        super().__init__()\n"
        "        self.gamma, self.beta = nn.Parameter(torch.ones(shape)), nn.Parameter(torch.zeros(shape))\n"
        "        self.moving = torch.zeros(shape)\n"
        "    def forward(self, X):\n"
        "        if not torch.is_grad_enabled():\n"
        "            return self.gamma * (X - self.moving) + self.beta\n"
        "        mean = X.mean(dim=(0, 2, 3), keepdim=True)\n"
        "        var = ((X - mean) ** 2).mean(dim=(0, 2, 3), keepdim=True)\n"
        "        self.moving = (0.9 * self.moving + 0.1 * mean).data\n"
        "        return self.gamma * (X - mean) / torch.sqrt(var + 1e-5) + self.beta\n"
        "ours = Norm((1, 2, 1, 1))\n"
        "ours(torch.arange(8.0).reshape(2, 2, 1, 2))": "tensor([[[[-1.2127, -0.7276]],\n\n"
        "         [[-1.2127, -0.7276]]],\n\n\n        [[[ 0.7276,  1.2127]],\n\n         [[ 0.7276,  1.2127]]]], "
        "grad_fn=<AddBackward0>)",
        "ours.gamma.reshape((-1,)), ours.moving.reshape((-1,)), list(ours.state_dict())": (
            "(tensor([1., 1.], grad_fn=<ViewBackward0>),\n tensor([0.2500, 0.4500]),\n ['gamma', 'beta'])"
        ),
        "nn.LazyBatchNorm1d()(torch.ones(2, 3)).shape": "torch.Size([2, 3])",
    },
    "resnet": {
        "class Add(nn.Module):\n"
        "    def __init__(self, channels, use_1x1conv=False, strides=1):\n"
        "        super().__init__()\n"
        "        self.conv = nn.LazyConv2d(channels, kernel_size=3, padding=1, stride=strides)\n"
        "        self.side = nn.LazyConv2d(channels, kernel_size=1, stride=strides) if use_1x1conv else None\n"
        "        self.bn = nn.LazyBatchNorm2d()\n"
        "    def forward(self, X):\n"
        "        Y = self.bn(self.conv(X))\n"
        "        if self.side:\n"
        "            X = self.side(X)\n"
        "        Y += X\n"
        "        return F.relu(Y)\n"
        "X = torch.randn(4, 3, 6, 6)\n"
        "Add(3)(X).shape, Add(6, use_1x1conv=True, strides=2)(X).shape": (
            "(torch.Size([4, 3, 6, 6]), torch.Size([4, 6, 3, 3]))"
        ),
        "blk = d2l.ResNeXtBlock(32, 16, 1)\nblk(torch.randn(2, 32, 12, 12)).shape, blk.conv4, blk.conv2": (
            "(torch.Size([2, 32, 12, 12]),\n None,\n"
            " Conv2d(32, 32, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), groups=2))"
        ),
        "d2l.Residual(2)": "Residual(\n"
        "  (conv1): LazyConv2d(0, 2, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))\n"
        "  (conv2): LazyConv2d(0, 2, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))\n"
        "  (bn1): LazyBatchNorm2d(0, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)\n"
        "  (bn2): LazyBatchNorm2d(0, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)\n)",
    },
    "densenet": {
        "class Grow(nn.Module):\n"
        "    def __init__(self, depth, channels):\n"
        "        super(Grow, self).__init__()\n"
        "        self.net = nn.Sequential(*[nn.Sequential(\n"
        "            nn.LazyBatchNorm2d(), nn.ReLU(), nn.LazyConv2d(channels, kernel_size=3, padding=1))\n"
        "            for _ in range(depth)])\n"
        "    def forward(self, X):\n"
        "        for each in self.net:\n"
        "            X = torch.cat((X, each(X)), dim=1)\n"
        "        return X\n"
        "Y = Grow(2, 10)(torch.randn(4, 3, 8, 8))\n"
        "Y.shape": "torch.Size([4, 23, 8, 8])",
        "nn.Sequential(nn.LazyConv2d(10, kernel_size=1), nn.AvgPool2d(kernel_size=2, stride=2))(Y).shape": (
            "torch.Size([4, 10, 4, 4])"
        ),
    },
    "cnn-design": {
        "class Any(d2l.Classifier):\n"
        "    def stage(self, depth, channels, groups, bot_mul):\n"
        "        return nn.Sequential(*[\n"
        "            d2l.ResNeXtBlock(channels, groups, bot_mul, use_1x1conv=True, strides=2) if i == 0\n"
        "            else d2l.ResNeXtBlock(channels, groups, bot_mul) for i in range(depth)])\n"
        "    def __init__(self, arch, stem_channels, lr=0.1, num_classes=10):\n"
        "        super(Any, self).__init__()\n"
        "        self.save_hyperparameters()\n"
        "        self.net = nn.Sequential(nn.LazyConv2d(stem_channels, kernel_size=3, stride=2, padding=1))\n"
        "        for i, each in enumerate(arch):\n"
        "            self.net.add_module(f'stage{i+1}', self.stage(*each))\n"
        "        self.net.add_module('head', nn.Sequential(\n"
        "            nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten(), nn.LazyLinear(num_classes)))\n"
        "Any(((2, 8, 4, 1), (1, 16, 4, 1)), 4).layer_summary((1, 1, 32, 32))": summary(
            ("Conv2d", "1, 4, 16, 16"),
            ("Sequential", "1, 8, 8, 8"),
            ("Sequential", "1, 16, 4, 4"),
            ("Sequential", "1, 10"),
        ),
        "model = Any(((1, 8, 4, 1),), 4, lr=0.05)\n"
        "d2l.Trainer(max_epochs=1, num_gpus=1).fit(model, cut(d2l.FashionMNIST(batch_size=8), 16))\n"
        "model.board.data.keys()": CURVES,
    },
}


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """The texts of all cells, run in one kernel."""
    folder = tmp_path_factory.mktemp("book")
    write_fashion_mnist(folder / "data" / "FashionMNIST" / "raw", train=40, test=20)
    (folder / "chapter").mkdir()
    cells = [cell for section in SECTIONS.values() for cell in section]
    return dict(zip(cells, run_cells([*START, *cells], folder / "chapter")[len(START) :], strict=True))


@pytest.mark.parametrize("section", [pytest.param(s, marks=pytest.mark.section(s, "torch")) for s in SECTIONS])
def test_section(shown, section):
    for cell, wanted in SECTIONS[section].items():
        assert shown[cell] == wanted, cell
