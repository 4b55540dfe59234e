"""Networks in MXNet's dialect: what the chapters on modern networks call, on small pictures."""

import io
from contextlib import redirect_stdout

import pytest

from dialects.notebooks import write_fashion_mnist
from swiftconv.mxnet import autograd, d2l, init, np, npx
from swiftconv.mxnet.gluon import nn


@pytest.fixture
def pictures(tmp_path, monkeypatch):
    monkeypatch.setenv("MXNET_HOME", str(tmp_path))
    write_fashion_mnist(tmp_path / "datasets" / "fashion-mnist")


def summary(model, shape):
    text = io.StringIO()
    with redirect_stdout(text):
        model.layer_summary(shape)
    return text.getvalue()


class LeNet(d2l.Classifier):
    def __init__(self, lr=0.1, num_classes=10):
        super().__init__()
        self.save_hyperparameters()
        self.net = nn.Sequential()
        self.net.add(
            nn.Conv2D(channels=6, kernel_size=5, padding=2, activation="sigmoid"),
            nn.AvgPool2D(pool_size=2, strides=2),
            nn.Conv2D(channels=16, kernel_size=5, activation="sigmoid"),
            nn.AvgPool2D(pool_size=2, strides=2),
            nn.Dense(120, activation="sigmoid"),
            nn.Dense(84, activation="sigmoid"),
            nn.Dense(num_classes),
        )
        self.net.initialize(init.Xavier())


@pytest.mark.section("lenet", "mxnet")
def test_lenet_prints_its_layers():
    assert summary(LeNet(), (1, 1, 28, 28)) == (
        "Conv2D output shape:\t (1, 6, 28, 28)\n"
        "AvgPool2D output shape:\t (1, 6, 14, 14)\n"
        "Conv2D output shape:\t (1, 16, 10, 10)\n"
        "AvgPool2D output shape:\t (1, 16, 5, 5)\n"
        "Dense output shape:\t (1, 120)\n"
        "Dense output shape:\t (1, 84)\n"
        "Dense output shape:\t (1, 10)\n"
    )


@pytest.mark.section("lenet", "mxnet")
def test_lenet_is_fitted(pictures):
    model, trainer = LeNet(lr=0.9), d2l.Trainer(max_epochs=1, num_gpus=1)
    model.board.display = False
    trainer.fit(model, d2l.FashionMNIST(batch_size=128))
    assert set(model.board.data) == {"train_loss", "val_loss", "val_acc"}
    before = model.board.data["train_loss"][0][1]
    assert 0 < before < 10


@pytest.mark.section("lenet", "mxnet")
def test_a_network_learns(pictures):
    np.random.seed(0)
    train, test = d2l.load_data_fashion_mnist(64)
    net = nn.Sequential()
    net.add(nn.Conv2D(8, kernel_size=3, activation="relu"), nn.BatchNorm(), nn.MaxPool2D(2), nn.Dense(10))
    text = io.StringIO()
    with redirect_stdout(text):
        d2l.train_ch6(net, train, test, 3, 0.1, d2l.try_gpu())
    assert text.getvalue().splitlines()[0].startswith("loss ") and "examples/sec on cpu(0)" in text.getvalue()
    assert d2l.evaluate_accuracy(net, test) > 0.9


@pytest.mark.section("lenet", "mxnet")
def test_pictures_have_the_books_types(pictures):
    data = d2l.FashionMNIST(resize=(32, 32))
    X, y = next(iter(data.train_dataloader()))
    assert (X.shape, str(X.dtype), y.shape, str(y.dtype)) == (
        (64, 1, 32, 32),
        "float32",
        (64,),
        "int32",
    )
    # A batch made at once is what single samples give.
    one, label = data.val[3]
    X, y = next(iter(data.val_dataloader()))
    assert np.abs(X[3] - one).max() < 1e-6 and y[3] == label and X.max() <= 1


def batch_norm(X, gamma, beta, moving_mean, moving_var, eps, momentum):
    if not autograd.is_training():
        X_hat = (X - moving_mean) / np.sqrt(moving_var + eps)
    else:
        mean = X.mean(axis=(0, 2, 3), keepdims=True)
        var = ((X - mean) ** 2).mean(axis=(0, 2, 3), keepdims=True)
        X_hat = (X - mean) / np.sqrt(var + eps)
        moving_mean = (1.0 - momentum) * moving_mean + momentum * mean
        moving_var = (1.0 - momentum) * moving_var + momentum * var
    return gamma * X_hat + beta, moving_mean, moving_var


class Scratch(nn.Block):
    def __init__(self, num_features, **kwargs):
        super().__init__(**kwargs)
        shape = (1, num_features, 1, 1)
        self.gamma = self.params.get("gamma", shape=shape, init=init.One())
        self.beta = self.params.get("beta", shape=shape, init=init.Zero())
        self.moving_mean = np.zeros(shape)
        self.moving_var = np.ones(shape)

    def forward(self, X):
        if self.moving_mean.ctx != X.ctx:
            self.moving_mean = self.moving_mean.copyto(X.ctx)
        Y, self.moving_mean, self.moving_var = batch_norm(
            X, self.gamma.data(), self.beta.data(), self.moving_mean, self.moving_var, eps=1e-12, momentum=0.1
        )
        return Y


@pytest.mark.section("batch-norm", "mxnet")
def test_batch_normalisation_from_scratch_is_the_layers():
    X = np.random.normal(2, 3, (4, 3, 5, 5))
    own, layer = Scratch(3), nn.BatchNorm()
    own.initialize()
    layer.initialize()
    with autograd.record():
        difference = np.abs(own(X) - layer(X)).max()
    assert difference < 1e-4 and layer.running_mean.data().tolist() == [0, 0, 0]
    # The layer's running values move with the backward pass.
    difference.backward()
    assert np.abs(own.moving_mean.reshape(-1) - layer.running_mean.data()).max() < 1e-6
    assert np.abs(own.moving_var.reshape(-1) - layer.running_var.data()).max() < 1e-5
    assert np.abs(own(X) - layer(X)).max() < 1e-4
    assert repr(own.gamma.data().reshape((-1,))) == "array([1., 1., 1.])"


class Branches(nn.Block):
    def __init__(self, c1, c2, **kwargs):
        super().__init__(**kwargs)
        self.left = nn.Conv2D(c1, kernel_size=1, activation="relu")
        self.right = nn.MaxPool2D(pool_size=3, strides=1, padding=1)
        self.last = nn.Conv2D(c2, kernel_size=1, activation="relu")

    def forward(self, x):
        return np.concatenate((self.left(x), self.last(self.right(x))), axis=1)


@pytest.mark.section("resnet", "mxnet")
def test_blocks_of_modern_networks():
    net = nn.Sequential()
    net.add(Branches(4, 6), d2l.Residual(10), d2l.Residual(16, use_1x1conv=True, strides=2))
    net.add(
        d2l.ResNeXtBlock(32, 16, 1, use_1x1conv=True, strides=2), nn.Dropout(0.5), nn.GlobalAvgPool2D(), nn.Flatten()
    )
    net.initialize(init.Xavier())
    X = np.random.randn(2, 3, 16, 16)
    assert net(X).shape == (2, 32)
    shapes = []
    for layer in net:
        X = layer(X)
        shapes.append(X.shape[1:])
    assert shapes == [(10, 16, 16), (10, 16, 16), (16, 8, 8), (32, 4, 4), (32, 4, 4), (32, 1, 1), (32,)]
    with autograd.record():
        loss = net(np.random.randn(2, 3, 16, 16)).mean()
    loss.backward()
    assert float(np.abs(net[0].left.weight.grad()).sum()) > 0


@pytest.mark.section("cnn-design", "mxnet")
def test_networks_written_with_add_to_class():
    class Net(d2l.Classifier):
        def head(self):
            net = nn.Sequential()
            net.add(nn.Conv2D(8, kernel_size=7, strides=2, padding=3), nn.BatchNorm(), nn.Activation("relu"))
            net.add(nn.MaxPool2D(pool_size=3, strides=2, padding=1))
            return net

    @d2l.add_to_class(Net)
    def __init__(self, arch, lr=0.1, num_classes=10):
        super(Net, self).__init__()
        self.save_hyperparameters()
        self.net = nn.Sequential()
        self.net.add(self.head())
        for channels in arch:
            block = nn.Sequential()
            block.add(d2l.ResNeXtBlock(channels, channels, 1))
            block.add(d2l.ResNeXtBlock(channels, channels, 1, use_1x1conv=True, strides=2))
            self.net.add(block)
        self.net.add(nn.GlobalAvgPool2D(), nn.Dense(num_classes))
        self.net.initialize(init.Xavier())

    assert __init__ is None
    assert summary(Net((8, 8)), (1, 1, 96, 96)) == (
        "Sequential output shape:\t (1, 8, 24, 24)\n"
        "Sequential output shape:\t (1, 8, 12, 12)\n"
        "Sequential output shape:\t (1, 8, 6, 6)\n"
        "GlobalAvgPool2D output shape:\t (1, 8, 1, 1)\n"
        "Dense output shape:\t (1, 10)\n"
    )


def test_a_model_of_arrays_is_fitted():
    class Line(d2l.Module):
        def __init__(self, lr):
            super().__init__()
            self.save_hyperparameters()
            self.w, self.b = np.random.normal(0, 0.01, (2, 1)), np.zeros(1)
            self.w.attach_grad()
            self.b.attach_grad()

        def forward(self, X):
            return np.dot(X, self.w) + self.b

        def loss(self, y_hat, y):
            return ((y_hat - y) ** 2 / 2).mean()

    data = d2l.SyntheticRegressionData(w=np.array([2, -3.4]), b=4.2)
    model, trainer = Line(0.1), d2l.Trainer(max_epochs=3)
    model.board.display = False
    trainer.fit(model, data)
    assert np.abs(model.w.reshape(-1) - data.w).max() < 0.05 and abs(float(model.b) - 4.2) < 0.05
    assert npx.relu(model.w).shape == (2, 1)
