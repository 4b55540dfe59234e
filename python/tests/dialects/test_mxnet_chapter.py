"""The chapter on convolutional networks in MXNet's dialect: cells of our own, every text to the character."""

import subprocess
import sys

import pytest

START = "from mxnet import autograd, np, npx\nfrom mxnet.gluon import nn\nfrom d2l import mxnet as d2l\nnpx.set_np()\n"

SLIDE = """
def slide(X, K):
    h, w = K.shape
    Y = np.zeros((X.shape[0] - h + 1, X.shape[1] - w + 1))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i:i + h, j:j + w] * K).sum()
    return Y
"""


def shown(script, tmp_path):
    """What a script prints in a fresh process with the dialect loaded."""
    path = tmp_path / "cells.py"
    path.write_text(START + script)
    command = [sys.executable, "-m", "swiftconv.mxnet", str(path)]
    result = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=300)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.section("conv-layer", "mxnet")
def test_the_learned_kernel_is_the_books(tmp_path):
    script = """
X = np.ones((6, 8))
X[:, 2:6] = 0
print(repr(X))
Y = slide(X, np.array([[1.0, -1.0]]))
print(repr(slide(d2l.transpose(X), np.array([[1.0, -1.0]]))))
layer = nn.Conv2D(1, kernel_size=(1, 2), use_bias=False)
layer.initialize()
X, Y = X.reshape(1, 1, 6, 8), Y.reshape(1, 1, 6, 7)
for i in range(10):
    with autograd.record():
        l = (layer(X) - Y) ** 2
    l.backward()
    layer.weight.data()[:] -= 3e-2 * layer.weight.grad()
    if (i + 1) % 2 == 0:
        print(f'batch {i + 1}, loss {float(l.sum()):.3f}')
print(repr(layer.weight.data().reshape((1, 2))))
"""
    row = "[1., 1., 0., 0., 0., 0., 1., 1.]"
    image = "array([" + ",\n       ".join([row] * 6) + "])\n"
    nothing = "array([" + ",\n       ".join(["[0., 0., 0., 0., 0.]"] * 8) + "])\n"
    losses = "".join(
        f"batch {i}, loss {loss}\n"
        for i, loss in zip(range(2, 11, 2), "4.949 0.831 0.140 0.024 0.004".split(), strict=True)
    )
    assert shown(SLIDE + script, tmp_path) == f"{image}{nothing}{losses}array([[ 0.9895   , -0.9873705]])\n"


@pytest.mark.section("conv-layer", "mxnet")
def test_the_layer_of_the_readers_own(tmp_path):
    script = """
class Layer(nn.Block):
    def __init__(self, kernel_size, **kwargs):
        super().__init__(**kwargs)
        self.weight = self.params.get('weight', shape=kernel_size)
        self.bias = self.params.get('bias', shape=(1,))
    def forward(self, x):
        return slide(x, self.weight.data()) + self.bias.data()
layer = Layer((1, 2))
layer.initialize()
print(layer.weight.name, layer.weight)
print(layer(np.ones((2, 3))).shape, layer.weight.data())
"""
    assert shown(SLIDE + script, tmp_path) == (
        "layer0_weight Parameter layer0_weight (shape=(1, 2), dtype=<class 'numpy.float32'>)\n"
        "(2, 2) [[0.0068339  0.01299825]]\n"
    )


@pytest.mark.section("padding-and-strides", "mxnet")
def test_padding_and_strides(tmp_path):
    script = """
def through(layer, X):
    layer.initialize()
    Y = layer(X.reshape((1, 1) + X.shape))
    return Y.reshape(Y.shape[2:])
X = np.random.uniform(size=(8, 8))
print(through(nn.Conv2D(1, kernel_size=3, padding=1), X).shape)
print(through(nn.Conv2D(1, kernel_size=(5, 3), padding=(2, 1)), X).shape)
print(through(nn.Conv2D(1, kernel_size=3, padding=1, strides=2), X).shape)
print(through(nn.Conv2D(1, kernel_size=(3, 5), padding=(0, 1), strides=(3, 4)), X).shape)
"""
    assert shown(script, tmp_path) == "(8, 8)\n(8, 8)\n(4, 4)\n(2, 2)\n"


@pytest.mark.section("channels", "mxnet")
def test_channels(tmp_path):
    script = """
def several(X, K):
    return sum(d2l.corr2d(x, k) for x, k in zip(X, K))
def many(X, K):
    return np.stack([several(X, k) for k in K], 0)
def by_product(X, K):
    ci, h, w = X.shape
    co = K.shape[0]
    return np.dot(K.reshape((co, ci)), X.reshape((ci, h * w))).reshape((co, h, w))
X = np.array([[[0.0, 1.0], [2.0, 3.0]], [[1.0, 2.0], [3.0, 4.0]]])
K = np.array([[[1.0, 0.0]], [[0.0, 2.0]]])
print(repr(several(X, K)))
K = np.stack((K, K + 1), 0)
print(K.shape, repr(many(X, K)))
X = np.random.normal(0, 1, (3, 3, 3))
K = np.random.normal(0, 1, (2, 3, 1, 1))
assert float(np.abs(many(X, K) - by_product(X, K)).sum()) < 1e-5
print(X[0])
"""
    assert shown(script, tmp_path) == (
        "array([[ 4.],\n       [10.]])\n"
        "(2, 2, 1, 2) array([[[ 4.],\n        [10.]],\n\n       [[ 8.],\n        [22.]]])\n"
        "[[2.2122064  1.1630787  0.7740038 ]\n [0.4838046  1.0434403  0.29956347]\n"
        " [1.1839255  0.15302546 1.8917114 ]]\n"
    )


@pytest.mark.section("pooling", "mxnet")
def test_pooling(tmp_path):
    script = """
X = np.arange(16, dtype=np.float32).reshape((1, 1, 4, 4))
print(repr(X))
print(repr(nn.MaxPool2D(3)(X)))
print(repr(nn.MaxPool2D(3, padding=1, strides=2)(X)))
print(repr(nn.MaxPool2D((2, 3), padding=(0, 1), strides=(2, 3))(X)))
print(repr(nn.MaxPool2D(3, padding=1, strides=2)(np.concatenate((X, X + 1), 1))))
print(repr(nn.AvgPool2D(pool_size=2, strides=2)(X)), X[0, 0, :2].max(), X.mean())
"""
    assert shown(script, tmp_path) == (
        "array([[[[ 0.,  1.,  2.,  3.],\n         [ 4.,  5.,  6.,  7.],\n"
        "         [ 8.,  9., 10., 11.],\n         [12., 13., 14., 15.]]]])\n"
        "array([[[[10.]]]])\n"
        "array([[[[ 5.,  7.],\n         [13., 15.]]]])\n"
        "array([[[[ 5.,  7.],\n         [13., 15.]]]])\n"
        "array([[[[ 5.,  7.],\n         [13., 15.]],\n\n        [[ 6.,  8.],\n         [14., 16.]]]])\n"
        "array([[[[ 2.5,  4.5],\n         [10.5, 12.5]]]]) 7.0 7.5\n"
    )


@pytest.mark.section("conv-layer", "mxnet")
def test_a_write_into_a_recorded_array_is_refused(tmp_path):
    script = """
K = np.ones((1, 2))
K.attach_grad()
try:
    with autograd.record():
        slide(np.ones((2, 3)), K).backward()
except Exception as error:
    print(type(error).__name__, str(error)[:59])
with autograd.record():
    y = (K * 3).sum()
y.backward()
print(K.grad)
"""
    assert shown(SLIDE + script, tmp_path) == (
        "MXNetError Inplace operations (+=, -=, x[:]=, etc) are not supported w\n[[3. 3.]]\n"
    )


@pytest.mark.parametrize("seed", [0, 7])
def test_the_stream_starts_again(seed):
    from swiftconv.mxnet import np

    np.random.seed(seed)
    first = np.random.normal(0, 1, (3,)).asnumpy(), np.random.uniform(size=2).asnumpy()
    np.random.seed(seed)
    again = np.random.normal(0, 1, (3,)).asnumpy(), np.random.uniform(size=2).asnumpy()
    assert [each.tolist() for each in first] == [each.tolist() for each in again]
