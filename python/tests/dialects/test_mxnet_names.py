"""Every name that the book calls in MXNet's dialect is there, in its call forms; what is not there says so."""

import importlib

import numpy
import pytest

from swiftconv import mxnet as mx
from swiftconv.mxnet import autograd, d2l, gluon, init, np, npx
from swiftconv.mxnet.gluon import nn


def parameters():
    class Own(nn.Block):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.weight = self.params.get("weight", shape=(2, 3))
            self.gamma = self.params.get("gamma", shape=(1, 3), init=init.One())

    own = Own()
    own.initialize()
    assert own.gamma.data().tolist() == [[1, 1, 1]] and len(own.params.keys()) == 2


def gradients():
    layer = nn.Conv2D(1, kernel_size=(1, 2), use_bias=False)
    layer.initialize()
    with autograd.record():
        loss = (layer(np.ones((1, 1, 6, 8))) - np.zeros((1, 1, 6, 7))) ** 2
    loss.backward()
    layer.weight.data()[:] -= 3e-2 * layer.weight.grad()
    assert float(np.abs(layer.weight.grad()).sum()) > 0


def sequences():
    net = nn.Sequential()
    net.add(nn.Dense(8, activation="relu"), nn.Dropout(0.5))
    net.add(nn.Dense(2))
    net.initialize(init.Xavier())
    assert [each.__class__.__name__ for each in net] == ["Dense", "Dropout", "Dense"] and net[2] is list(net)[2]
    assert net(np.ones((3, 4))).shape == (3, 2)


def models():
    class Own(d2l.Classifier):
        def __init__(self, lr=0.1):
            super().__init__()
            self.save_hyperparameters()

    @d2l.add_to_class(Own)
    def twice(self, x):
        return 2 * x

    assert Own(lr=0.2).lr == 0.2 and Own().twice(2) == 4
    assert d2l.Trainer(max_epochs=10, num_gpus=1).gpus == []


CALLS = {
    "np.float32": lambda: np.array([1], dtype=np.float32),
    "nn.Block, Block.params, Parameter.data": parameters,
    "autograd.record, ndarray.backward, Parameter.grad": gradients,
    "nn.Sequential, add, initialize": sequences,
    "d2l.Classifier, save_hyperparameters, add_to_class, Trainer": models,
    "ndarray.shape": lambda: (1, 1) + np.ones((2, 3)).shape,
    "ndarray.ctx, copyto": lambda: np.ones(2).copyto(np.ones(2).ctx),
    "np.array": lambda: np.array([[1.0, 2.0]]),
    "np.zeros": lambda: np.zeros((2, 3)),
    "np.ones": lambda: np.ones((1, 2)),
    "np.arange": lambda: np.arange(16, dtype=np.float32),
    "np.random.randn": lambda: np.random.randn(1, 2, 3, 4),
    "np.random.normal": lambda: np.random.normal(0, 1, (3, 3)),
    "np.random.uniform": lambda: np.random.uniform(size=(8, 8)),
    "ndarray.reshape": lambda: np.ones((2, 3)).reshape(3, 2).reshape((6,)).reshape(-1),
    "np.concatenate": lambda: np.concatenate((np.ones((1, 2)), np.ones((1, 2))), axis=1),
    "np.stack": lambda: np.stack((np.ones(2), np.ones(2)), 0),
    "np.sqrt": lambda: np.sqrt(np.ones(2)),
    "np.abs": lambda: np.abs(np.ones(2)),
    "np.dot": lambda: np.dot(np.ones((2, 3)), np.ones((3, 2))),
    "ndarray.mean": lambda: np.ones((2, 3)).mean(axis=(0, 1), keepdims=True),
    "ndarray.sum": lambda: np.ones((2, 3)).sum(),
    "ndarray.max": lambda: np.ones((2, 3)).max(),
    "nn.Conv2D": lambda: nn.Conv2D(4, kernel_size=3, strides=2, padding=1, groups=2, activation="relu", use_bias=False),
    "nn.Dense": lambda: nn.Dense(10, activation="sigmoid"),
    "nn.MaxPool2D": lambda: nn.MaxPool2D((2, 3), padding=(0, 1), strides=(2, 3)),
    "nn.AvgPool2D": lambda: nn.AvgPool2D(pool_size=2, strides=2),
    "nn.BatchNorm": lambda: nn.BatchNorm(),
    "nn.Activation": lambda: nn.Activation("relu"),
    "nn.Dropout": lambda: nn.Dropout(0.5),
    "nn.GlobalAvgPool2D": lambda: nn.GlobalAvgPool2D(),
    "nn.Flatten": lambda: nn.Flatten(),
    "npx.relu": lambda: npx.relu(np.ones(2)),
    "init": lambda: [init.Xavier(), init.One(), init.Zero(), init.Normal(sigma=0.01), init.Constant(1)],
    "npx.set_np": lambda: npx.set_np(),
    "d2l.transpose": lambda: d2l.transpose(np.ones((2, 3))),
    "d2l.corr2d": lambda: d2l.corr2d(np.ones((3, 3)), np.ones((2, 2))),
    "d2l.ResNeXtBlock": lambda: d2l.ResNeXtBlock(32, 16, 1, use_1x1conv=True, strides=2),
    "is_training": lambda: autograd.is_training(),
}

# What the book's own d2l package wants of the framework when it is imported.
WANTED_BY_D2L = """
autograd context gluon image init np npx gluon.nn gluon.rnn gluon.data.vision.transforms gluon.Block
gluon.nn.Block gluon.data.Dataset gluon.loss.Loss gluon.loss.SoftmaxCELoss gluon.parameter.ParameterDict
npx.num_gpus npx.sigmoid npx.batch_dot np.ones_like np.ones np.zeros_like np.zeros np.arange np.meshgrid
np.sin np.sinh np.cos np.cosh np.tanh np.linspace np.exp np.log np.array np.random.normal np.random.rand
np.random.randn np.dot np.int32 np.int64 np.float32 np.concatenate np.stack np.abs np.eye gluon.Trainer
gluon.data.DataLoader gluon.data.ArrayDataset gluon.data.vision.FashionMNIST
gluon.loss.SoftmaxCrossEntropyLoss gluon.loss.L2Loss npx.cpu npx.gpu
""".split()

D2L = """
HyperParameters ProgressBoard Module DataModule Trainer Classifier FashionMNIST ResNeXtBlock Residual SGD
add_to_class corr2d cpu gpu num_gpus try_gpu try_all_gpus use_svg_display plot show_images set_figsize plt
argmax astype float32 numpy randn reduce_mean reduce_sum reshape to zeros ones transpose normal tensor concat
stack matmul size Timer Accumulator Animator train_ch3 train_ch6 load_data_fashion_mnist evaluate_accuracy_gpu
accuracy LinearRegression SyntheticRegressionData
""".split()


@pytest.mark.section("names", "mxnet")
@pytest.mark.parametrize("name", CALLS)
def test_the_books_calls(name):
    CALLS[name]()


@pytest.mark.parametrize("name", WANTED_BY_D2L)
def test_names_for_the_books_package(name):
    found = mx
    for part in name.split("."):
        found = getattr(found, part)


@pytest.mark.parametrize("name", D2L)
def test_names_of_d2l(name):
    assert hasattr(d2l, name)


@pytest.mark.parametrize("name", sorted(mx.DIALECT.modules))
def test_modules(name):
    importlib.import_module(mx.DIALECT.modules[name])


def test_a_missing_name_is_explained():
    with pytest.raises(AttributeError, match=r"'Conv4D'.*not in swiftconv's mxnet dialect; near names: .*Conv3D"):
        nn.Conv4D  # noqa: B018
    with pytest.raises(AttributeError, match="not in swiftconv's mxnet dialect"):
        gluon.rnn.LSTM  # noqa: B018


def test_operators_and_protocols():
    x = np.array([[1, 2], [3, 4]])
    for result, wanted in [
        (sum([x, x]), [[2, 4], [6, 8]]),
        (2 * x - 1, [[1, 3], [5, 7]]),
        (1 / x, [[1, 0.5], [1 / 3, 0.25]]),
        (x**2 == x * x, [[True, True], [True, True]]),
        (np.stack(list(x)), x.asnumpy()),
        (x.T, [[1, 3], [2, 4]]),
        (x.argmax(axis=1), [1, 1]),
        (x[[0, 1], np.array([1, 0])], [2, 3]),
        (x[x > 2], [3, 4]),
    ]:
        assert numpy.allclose(result.asnumpy(), wanted)
    assert (len(x), x.size, x.ndim, float(x.sum()), int(x[1, 1]), bool(x[0, 0] < x[0, 1])) == (2, 4, 2, 10.0, 4, True)
    before = id(x)
    x += 1
    x[:] = x * 2
    assert id(x) == before and x.tolist() == [[4, 6], [8, 10]]
    y = x
    y[0, :] = 0
    assert x.tolist() == [[0, 0], [8, 10]] and x.dtype == numpy.float32


def test_arrays_meet_numpys():
    x = np.array(numpy.arange(3))
    assert x.dtype == numpy.float32 and isinstance(numpy.ones(3) + x, np.ndarray)
    assert numpy.asarray(x).tolist() == [0, 1, 2] and not numpy.shares_memory(x.asnumpy(), x.asnumpy())
    assert np.array([1, 2], dtype=np.int32).dtype == numpy.int32
    assert (np.arange(3, dtype="int32") / 2).dtype == numpy.float32
