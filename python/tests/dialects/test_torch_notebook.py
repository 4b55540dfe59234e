"""Cells in a real kernel: the sections on convolutional layers, in PyTorch's dialect, with their texts."""

import pytest

from dialects.notebooks import run_cells, write_fashion_mnist

START = "%load_ext swiftconv.torch"
IMPORTS = "import torch\nfrom torch import nn\nfrom d2l import torch as d2l"

CONVOLUTION = {
    "def slide(X, K):\n"
    "    h, w = K.shape\n"
    "    Y = torch.zeros((X.shape[0] - h + 1, X.shape[1] - w + 1))\n"
    "    for i in range(Y.shape[0]):\n"
    "        for j in range(Y.shape[1]):\n"
    "            Y[i, j] = (X[i:i + h, j:j + w] * K).sum()\n"
    "    return Y": "",
    "slide(torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[1.0, -2.0]]))": "tensor([[-3.],\n        [-5.]])",
    "class Layer(nn.Module):\n"
    "    def __init__(self, size):\n"
    "        super().__init__()\n"
    "        self.weight = nn.Parameter(torch.rand(size))\n"
    "        self.bias = nn.Parameter(torch.zeros(1))\n"
    "    def forward(self, x):\n"
    "        return slide(x, self.weight) + self.bias\n"
    "Layer((1, 2))(torch.ones(2, 3)).shape": "torch.Size([2, 2])",
    "X = torch.ones((3, 6))\nX[:, 2:4] = 0\nX": "tensor([[1., 1., 0., 0., 1., 1.],\n"
    "        [1., 1., 0., 0., 1., 1.],\n        [1., 1., 0., 0., 1., 1.]])",
    "edge = torch.tensor([[1.0, -1.0]])\nY = slide(X, edge)\nY": "tensor([[ 0.,  1.,  0., -1.,  0.],\n"
    "        [ 0.,  1.,  0., -1.,  0.],\n        [ 0.,  1.,  0., -1.,  0.]])",
    "slide(X.t(), edge)": "tensor([[0., 0.],\n" + "        [0., 0.],\n" * 4 + "        [0., 0.]])",
    "conv2d = nn.LazyConv2d(1, kernel_size=(1, 2), bias=False)\n"
    "X, Y = X.reshape((1, 1, 3, 6)), Y.reshape((1, 1, 3, 5))\n"
    "for i in range(150):\n"
    "    l = (conv2d(X) - Y) ** 2\n"
    "    conv2d.zero_grad()\n"
    "    l.sum().backward()\n"
    "    conv2d.weight.data[:] -= 6e-2 * conv2d.weight.grad\n"
    "print(f'loss {l.sum():.3f}')": "loss 0.000",
    "conv2d.weight.data.reshape((1, 2))": "tensor([[ 1.0000, -1.0000]])",
}


def check(cells, folder):
    # The cells of a dictionary and the texts they must show; None for any text.
    shown = run_cells([START, IMPORTS, *cells], folder)[2:]
    for (cell, wanted), text in zip(cells.items(), shown, strict=True):
        assert wanted is None or text == wanted, cell


@pytest.mark.section("conv-layer", "torch")
def test_convolution(tmp_path):
    check(CONVOLUTION, tmp_path)


@pytest.mark.section("padding-and-strides", "torch")
@pytest.mark.section("channels", "torch")
@pytest.mark.section("pooling", "torch")
def test_padding_channels_and_pooling(tmp_path):
    check(
        {
            "def through(layer, X):\n    return layer(X.reshape((1, 1) + X.shape)).shape[2:]\n"
            "through(nn.LazyConv2d(1, kernel_size=3, padding=1), torch.rand(size=(8, 8)))": "torch.Size([8, 8])",
            "through(nn.LazyConv2d(1, kernel_size=(5, 3), padding=(2, 1)), torch.rand(8, 8))": "torch.Size([8, 8])",
            "through(nn.LazyConv2d(1, kernel_size=(3, 5), padding=(0, 1), stride=(3, 4)), torch.rand(8, 8))": (
                "torch.Size([2, 2])"
            ),
            "X = torch.arange(8.0).reshape(2, 2, 2)\nK = torch.stack((X[:, :1, :1], X[:, 1:, 1:]), 0)\nK.shape": (
                "torch.Size([2, 2, 1, 1])"
            ),
            "torch.stack([sum(d2l.corr2d(x, k) for x, k in zip(X, kernel)) for kernel in K], 0)": (
                "tensor([[[16., 20.],\n         [24., 28.]],\n\n        [[28., 38.],\n         [48., 58.]]])"
            ),
            "A, B = torch.normal(0, 1, (3, 4)), torch.normal(0, 1, (4, 2))\n"
            "assert float(torch.abs(torch.matmul(A, B) - A @ B).sum()) < 1e-6": "",
            "X = torch.arange(16, dtype=torch.float32).reshape((1, 1, 4, 4))\nnn.MaxPool2d(3)(X)": (
                "tensor([[[[10.]]]])"
            ),
            "nn.MaxPool2d((2, 3), stride=(2, 3), padding=(0, 1))(torch.cat((X, X + 1), 1))": (
                "tensor([[[[ 5.,  7.],\n          [13., 15.]],\n\n         [[ 6.,  8.],\n          [14., 16.]]]])"
            ),
            "nn.AvgPool2d(2, stride=2)(X)[0, 0]": "tensor([[ 2.5000,  4.5000],\n        [10.5000, 12.5000]])",
        },
        tmp_path,
    )


@pytest.mark.section("lenet", "torch")
def test_training_a_network(tmp_path):
    write_fashion_mnist(tmp_path / "data" / "FashionMNIST" / "raw")
    (tmp_path / "chapter").mkdir()
    cells = {
        "class Net(d2l.Classifier):\n"
        "    def __init__(self, lr=0.1, num_classes=10):\n"
        "        super().__init__()\n"
        "        self.save_hyperparameters()\n"
        "        self.net = nn.Sequential(\n"
        "            nn.LazyConv2d(6, kernel_size=5, padding=2), nn.ReLU(), nn.MaxPool2d(kernel_size=2, stride=2),\n"
        "            nn.Flatten(), nn.LazyLinear(num_classes))": "",
        "Net().layer_summary((1, 1, 28, 28))": "Conv2d output shape:\t torch.Size([1, 6, 28, 28])\n"
        "ReLU output shape:\t torch.Size([1, 6, 28, 28])\nMaxPool2d output shape:\t torch.Size([1, 6, 14, 14])\n"
        "Flatten output shape:\t torch.Size([1, 1176])\nLinear output shape:\t torch.Size([1, 10])",
        "trainer = d2l.Trainer(max_epochs=4, num_gpus=1)\n"
        "data = d2l.FashionMNIST(batch_size=32)\n"
        "model = Net(lr=0.1)\n"
        "model.apply_init([next(iter(data.get_dataloader(True)))[0]], d2l.init_cnn)\n"
        "trainer.fit(model, data)": None,
        "model.board.data['val_acc'][-1][1] > 0.9": "True",
        "[each.__name__ for each in get_ipython().display_formatter.formatters['image/svg+xml'].type_printers]": (
            "['Figure']"
        ),
        "@d2l.add_to_class(Net)\ndef rate(self):\n    return self.lr\nmodel.rate(), rate": "(0.1, None)",
        "net = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))\n"
        "train_iter, test_iter = d2l.load_data_fashion_mnist(64)\n"
        "d2l.train_ch6(net, train_iter, test_iter, 3, 0.1, d2l.try_gpu())": None,
    }
    shown = run_cells([START, IMPORTS, *cells], tmp_path / "chapter")[2:]
    for (cell, wanted), text in zip(cells.items(), shown, strict=True):
        assert wanted is None or text == wanted, cell
    # What was printed before the first figure, the device, makes room for the figure.
    reached, speed = shown[-1].splitlines()[-2:]
    assert reached.startswith("loss ") and ", train acc " in reached and ", test acc " in reached
    assert speed.endswith(" examples/sec on cpu")


def test_the_sources_of_the_book(tmp_path):
    cells = {
        "%load_ext d2lbook.tab\ntab.interact_select(['mxnet', 'pytorch', 'tensorflow', 'jax'])": "",
        "%%tab mxnet\nfrom mxnet import np": "",
        "%%tab pytorch\nfrom d2l import torch as d2l\nimport torch": "",
        "%%tab mxnet, pytorch\nX = d2l.ones((2, 3))\nX[:, 1:2] = 0\nX": "tensor([[1., 0., 1.],\n        [1., 0., 1.]])",
        "%%tab all\nd2l.reduce_sum(X), d2l.reshape(d2l.tensor([1.0, 2.0]), (2, 1))": (
            "(tensor(4.),\n tensor([[1.],\n         [2.]]))"
        ),
        "%%tab pytorch\nd2l.corr2d(d2l.transpose(X), d2l.tensor([[1.0, -1.0]]))": (
            "tensor([[0.],\n        [0.],\n        [0.]])"
        ),
        "tab.selected('pytorch'), tab.selected('jax')": "(True, False)",
    }
    shown = run_cells([START, *cells], tmp_path)[1:]
    assert dict(zip(cells, shown, strict=True)) == cells


def test_unload(tmp_path):
    cells = [START, "import torch", "%unload_ext swiftconv.torch", "import sys\n'torch' in sys.modules"]
    assert run_cells(cells, tmp_path)[-1] == "False"


def test_an_error_in_a_cell_names_its_line(tmp_path):
    nbclient = pytest.importorskip("nbclient")
    with pytest.raises(nbclient.exceptions.CellExecutionError, match="not in swiftconv's torch dialect"):
        run_cells([START, IMPORTS, "%%tab pytorch\nx = 1\nnn.Conv4d"], tmp_path)
