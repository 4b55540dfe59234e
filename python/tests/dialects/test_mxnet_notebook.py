"""Cells in a real kernel, in MXNet's dialect: the extension, the book's tabs, displayed values, a figure."""

import pytest

from dialects.notebooks import run_cells, write_fashion_mnist

START = "%load_ext swiftconv.mxnet"
IMPORTS = (
    "from mxnet import autograd, init, np, npx\nfrom mxnet.gluon import nn\nfrom d2l import mxnet as d2l\nnpx.set_np()"
)


def check(cells, folder):
    """Run a dictionary's cells and compare their texts; None stands for any text."""
    shown = run_cells([START, IMPORTS, *cells], folder)[2:]
    for (cell, wanted), text in zip(cells.items(), shown, strict=True):
        assert wanted is None or text == wanted, cell


@pytest.mark.section("conv-layer", "mxnet")
def test_convolution(tmp_path):
    check(
        {
            "X = np.array([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0], [6.0, 7.0, 8.0]])\n"
            "d2l.corr2d(X, np.array([[0.0, 1.0], [2.0, 3.0]]))": "array([[19., 25.],\n       [37., 43.]])",
            "type(X), type(nn.Dense(1).weight)": "(mxnet.numpy.ndarray, mxnet.gluon.parameter.Parameter)",
            "X.max(axis=(0, 1)), X.min(axis=1, keepdims=True).shape": "(array(8.), (3, 1))",
            "X.shape, X.dtype, X.ctx": "((3, 3), dtype('float32'), cpu(0))",
            "X.sum()": "array(36.)",
            "layer = nn.Conv2D(1, kernel_size=(1, 2), use_bias=False)\nlayer.initialize()\n"
            "X, Y = np.ones((1, 1, 2, 4)), np.zeros((1, 1, 2, 3))\n"
            "with autograd.record():\n    l = (layer(X) - Y) ** 2\n"
            "l.backward()\nlayer.weight": "Parameter conv0_weight (shape=(1, 1, 1, 2), dtype=<class 'numpy.float32'>)",
            "layer.weight.grad().shape": "(1, 1, 1, 2)",
            "layer.weight.data()": "array([[[[0.0068339 , 0.01299825]]]])",
        },
        tmp_path,
    )


def test_tabs(tmp_path):
    cells = {
        "%load_ext d2lbook.tab\ntab.interact_select(['mxnet', 'pytorch', 'tensorflow', 'jax'])": None,
        "%%tab mxnet\nprint(np.ones(2))": "[1. 1.]",
        "%%tab pytorch, jax\nprint(torch.ones(2))": "",
        "%%tab mxnet, pytorch\nif tab.selected('mxnet'):\n    print('here')": "here",
    }
    check(cells, tmp_path)


@pytest.mark.section("lenet", "mxnet")
def test_training(tmp_path, monkeypatch):
    monkeypatch.setenv("MXNET_HOME", str(tmp_path / "home"))
    write_fashion_mnist(tmp_path / "home" / "datasets" / "fashion-mnist")
    check(
        {
            "class Net(d2l.Classifier):\n"
            "    def __init__(self, lr=0.1, num_classes=10):\n"
            "        super().__init__()\n"
            "        self.save_hyperparameters()\n"
            "        self.net = nn.Sequential()\n"
            "        self.net.add(nn.Conv2D(4, kernel_size=5, activation='sigmoid'), nn.AvgPool2D(2), nn.Dense(10))\n"
            "        self.net.initialize(init.Xavier())": "",
            "model = Net()\nmodel.layer_summary((1, 1, 28, 28))": "Conv2D output shape:\t (1, 4, 24, 24)\n"
            "AvgPool2D output shape:\t (1, 4, 12, 12)\nDense output shape:\t (1, 10)",
            "trainer = d2l.Trainer(max_epochs=2, num_gpus=1)\n"
            "data = d2l.FashionMNIST(batch_size=64)\ntrainer.fit(model, data)": None,
            "sorted(model.board.data), trainer.train_batch_idx": "(['train_loss', 'val_acc', 'val_loss'], 20)",
            "data.visualize(next(iter(data.val_dataloader())))": None,
        },
        tmp_path,
    )
