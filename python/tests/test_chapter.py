"""The chapter "Convolutions for Images" of Dive into Deep Learning: its calls, its shapes and its numbers."""

import numpy as np
import pytest

import swiftconv as sc
from swiftconv import nn


def corr2d_by_hand(X, K):
    """The chapter's loop: every element of the result is the sum of a window times the kernel."""
    h, w = K.shape
    Y = sc.zeros((X.shape[0] - h + 1, X.shape[1] - w + 1))
    for i in range(Y.shape[0]):
        for j in range(Y.shape[1]):
            Y[i, j] = (X[i : i + h, j : j + w] * K).sum()
    return Y


class Layer(nn.Module):
    """A convolutional layer as the chapter writes one."""

    def __init__(self, kernel_size):
        super().__init__()
        self.weight = nn.Parameter(sc.rand(kernel_size))
        self.bias = nn.Parameter(sc.zeros(1))

    def forward(self, x):
        return corr2d_by_hand(x, self.weight) + self.bias


def rectangle():
    X = sc.ones((6, 8))
    X[:, 2:6] = 0
    return X


EDGES = sc.tensor([[1.0, -1.0]])


@pytest.mark.parametrize("corr2d", [corr2d_by_hand, sc.corr2d])
class TestCorr2d:
    def test_three_by_three(self, corr2d):
        X = sc.tensor([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0], [6.0, 7.0, 8.0]])
        K = sc.tensor([[0.0, 1.0], [2.0, 3.0]])
        assert repr(corr2d(X, K)) == "tensor([[19., 25.],\n        [37., 43.]])"

    def test_edges(self, corr2d):
        row = "[ 0.,  1.,  0.,  0.,  0., -1.,  0.]"
        assert repr(corr2d(rectangle(), EDGES)) == "tensor([" + (",\n        ".join([row] * 6)) + "])"

    def test_transposed_image_has_none(self, corr2d):
        Y = corr2d(rectangle().t(), EDGES)
        assert Y.shape == (8, 5)
        assert repr(Y) == "tensor([" + (",\n        ".join(["[0., 0., 0., 0., 0.]"] * 8)) + "])"

    def test_gradients(self, corr2d, rng):
        """Both reach the image and the kernel, and are correlations themselves."""
        X = sc.from_numpy(rng.normal(size=(4, 5)).astype(np.float32)).requires_grad_()
        K = sc.from_numpy(rng.normal(size=(2, 3)).astype(np.float32)).requires_grad_()
        corr2d(X, K).sum().backward()
        windows = np.lib.stride_tricks.sliding_window_view(X.detach().numpy(), (3, 3))
        np.testing.assert_allclose(K.grad.numpy(), windows.sum((2, 3)), rtol=1e-5)
        padded = np.pad(np.ones((3, 3)), ((1, 1), (2, 2)))
        turned = np.lib.stride_tricks.sliding_window_view(padded, (2, 3))
        np.testing.assert_allclose(X.grad.numpy(), (turned * K.detach().numpy()[::-1, ::-1]).sum((2, 3)), rtol=1e-5)


def test_image():
    row = "[1., 1., 0., 0., 0., 0., 1., 1.]"
    assert repr(rectangle()) == "tensor([" + (",\n        ".join([row] * 6)) + "])"


@pytest.mark.parametrize("layer", [Layer, sc.Conv2D])
def test_layer(layer):
    made = layer((1, 2))
    assert [(name, tuple(each.shape)) for name, each in made.named_parameters()] == [("weight", (1, 2)), ("bias", (1,))]
    Y = made(rectangle())
    assert Y.shape == (6, 7)
    Y.sum().backward()
    assert made.weight.grad.shape == (1, 2)
    assert made.bias.grad.tolist() == [42.0]


# Kernels to start from, and the losses of every second step as the published versions of the chapter print them.
TRAJECTORIES = [
    ((0.32595206, 0.64783674), "15.728 4.840 1.714 0.657 0.261"),
    ((0.30871277, 0.68750936), "16.481 5.069 1.794 0.688 0.274"),
    ((0.00683390, 0.01299825), "4.949 0.831 0.140 0.024 0.004"),
]


def train(conv2d, X, Y, lr=3e-2):
    printed = []
    for i in range(10):
        Y_hat = conv2d(X)
        l = (Y_hat - Y) ** 2  # noqa: E741
        conv2d.zero_grad()
        l.sum().backward()
        conv2d.weight.data[:] -= lr * conv2d.weight.grad
        if (i + 1) % 2 == 0:
            printed.append(f"{l.sum():.3f}")
    return " ".join(printed)


@pytest.mark.parametrize(("start", "losses"), TRAJECTORIES)
def test_learning(start, losses):
    X = rectangle()
    Y = sc.corr2d(X, EDGES)
    conv2d = nn.LazyConv2d(1, kernel_size=(1, 2), bias=False)
    # Gradients are cleared before the layer knows its shapes.
    conv2d.zero_grad()
    X, Y = X.reshape((1, 1, 6, 8)), Y.reshape((1, 1, 6, 7))
    conv2d(X)
    conv2d.weight.data[:] = sc.tensor(start).reshape(1, 1, 1, 2)
    assert train(conv2d, X, Y) == losses
    learned = conv2d.weight.data.reshape((1, 2))
    assert repr(learned).startswith("tensor([[")
    assert (learned - EDGES).abs().max() < 0.15


def test_learning_with_the_layer_by_hand():
    """The same steps with the written-out loop, whose every element goes through the graph."""
    X = rectangle()
    Y = sc.corr2d(X, EDGES)
    layer = Layer((1, 2))
    layer.weight.data[:] = sc.tensor([TRAJECTORIES[0][0]])
    layer.bias.requires_grad = False
    assert train(layer, X, Y) == TRAJECTORIES[0][1]


def test_learned_kernel_prints_as_published():
    X = rectangle()
    Y = sc.corr2d(X, EDGES).reshape(1, 1, 6, 7)
    conv2d = nn.Conv2d(1, 1, kernel_size=(1, 2), bias=False)
    conv2d.weight.data[:] = sc.tensor(TRAJECTORIES[2][0]).reshape(1, 1, 1, 2)
    train(conv2d, X.reshape(1, 1, 6, 8), Y)
    np.testing.assert_allclose(conv2d.weight.data.numpy().ravel(), [0.9895, -0.9873705], atol=2e-7)


def test_any_start_converges():
    X = rectangle()
    Y = sc.corr2d(X, EDGES).reshape(1, 1, 6, 7)
    for _ in range(5):
        conv2d = nn.LazyConv2d(1, kernel_size=(1, 2), bias=False)
        losses = [float(each) for each in train(conv2d, X.reshape(1, 1, 6, 8), Y).split()]
        assert losses == sorted(losses, reverse=True)
        assert type(conv2d) is nn.Conv2d
        assert losses[-1] < 1


class TestArrays:
    """Arrays in, arrays out."""

    def test_figure(self):
        X, K = np.arange(9.0).reshape(3, 3), np.arange(4.0).reshape(2, 2)
        Y = sc.corr2d(X, K)
        assert type(Y) is np.ndarray
        assert Y.tolist() == [[19, 25], [37, 43]]
        assert Y.dtype == np.float64

    @pytest.mark.parametrize(
        ("image", "kernel", "result"),
        [
            (np.float32, np.float32, np.float32),
            (np.float32, np.float64, np.float64),
            (np.float64, np.float32, np.float64),
            (np.uint8, np.float32, np.float32),
            (np.uint8, np.int64, np.int64),
            (np.uint8, np.uint8, np.int64),
            (np.int32, np.int32, np.int64),
            (bool, bool, np.int64),
        ],
    )
    def test_dtypes(self, image, kernel, result, rng):
        X, K = (rng.integers(0, 200, (9, 8)) > 90).astype(image) * 1, rng.integers(0, 2, (3, 2)).astype(kernel)
        X = X.astype(image)
        Y = sc.corr2d(X, K)
        assert Y.dtype == result
        windows = np.lib.stride_tricks.sliding_window_view(X.astype(float), (3, 2))
        np.testing.assert_allclose(Y, (windows * K).sum((2, 3)))

    def test_integers_are_exact(self):
        big = np.full((2, 2), 2**55 + 1)
        assert sc.corr2d(big, np.ones((2, 2), np.int64)).item() == 4 * (2**55 + 1)

    def test_tensor_and_array_make_a_tensor(self):
        K = sc.ones(2, 2, requires_grad=True)
        Y = sc.corr2d(np.ones((3, 3), np.float32), K)
        assert isinstance(Y, sc.Tensor)
        Y.sum().backward()
        assert K.grad.tolist() == [[4, 4], [4, 4]]

    def test_out(self):
        X, K = np.arange(9.0).reshape(3, 3), np.ones((2, 2))
        out = np.zeros((2, 2))
        assert sc.corr2d(X, K, out=out) is out
        assert out.tolist() == [[8, 12], [20, 24]]
        wide = np.zeros((2, 4))[:, ::2]
        sc.corr2d(X, K, out=wide)
        assert wide.tolist() == out.tolist()

    @pytest.mark.parametrize(
        ("out", "exception", "text"),
        [
            (np.zeros((3, 3)), ValueError, r"corr2d: out has shape \(3, 3\), but the result has shape \(2, 2\)"),
            (np.zeros((2, 2), np.float32), TypeError, "corr2d: out has dtype float32, but the result is float64"),
            (np.broadcast_to(0.0, (2, 2)), ValueError, "read-only"),
            ([[0.0]], TypeError, "corr2d: out must be a Tensor or a numpy.ndarray"),
        ],
    )
    def test_out_that_does_not_fit(self, out, exception, text):
        with pytest.raises(exception, match=text):
            sc.corr2d(np.ones((3, 3)), np.ones((2, 2)), out=out)

    def test_out_overlapping_the_image(self):
        X = np.arange(16.0).reshape(4, 4)
        expected = sc.corr2d(X, np.ones((2, 2)))
        sc.corr2d(X, np.ones((2, 2)), out=X[1:, 1:])
        np.testing.assert_array_equal(X[1:, 1:], expected)

    def test_convolve2d(self, rng):
        X, K = rng.normal(size=(6, 7)), rng.normal(size=(3, 2))
        np.testing.assert_allclose(sc.convolve2d(X, K), sc.corr2d(X, K[::-1, ::-1].copy()))
        assert isinstance(sc.convolve2d(X, sc.from_numpy(K)), sc.Tensor)
