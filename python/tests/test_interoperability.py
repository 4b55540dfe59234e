"""Tensors in the hands of other libraries: NumPy's functions, Pillow, buffers, tables, pickles and other processes."""

import array
import copy
import multiprocessing
import pickle

import numpy as np
import pytest

import swiftconv as sc
from swiftconv import nn, optim

X = np.array([[1.0, 2.0], [3.0, 4.0]], dtype=np.float32)


# ---- NumPy -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["exp", "sqrt", "tanh", "negative", "absolute", "log1p", "square", "sign", "fabs"])
def test_universal_functions_keep_the_gradient(name):
    x = sc.tensor(X, requires_grad=True)
    y = getattr(np, name)(x)
    assert isinstance(y, sc.Tensor) and y.requires_grad
    np.testing.assert_allclose(y.detach(), getattr(np, name)(X), rtol=1e-6)
    y.sum().backward()
    assert x.grad.shape == (2, 2)


@pytest.mark.parametrize(
    "name", ["add", "subtract", "multiply", "divide", "power", "maximum", "equal", "less", "matmul"]
)
def test_universal_functions_of_an_array_and_a_tensor(name):
    function = getattr(np, name)
    for left, right in ((X, sc.tensor(X)), (sc.tensor(X), X)):
        result = function(left, right)
        assert isinstance(result, sc.Tensor)
        np.testing.assert_allclose(result, function(X, X), rtol=1e-6)


def test_operators_with_an_array_on_the_left_keep_the_gradient():
    x = sc.tensor(X, requires_grad=True)
    y = X * x + np.float64(2) * x
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, X + 2)


def test_other_functions_see_arrays():
    x = sc.tensor(X)
    assert np.mean(x) == 2.5 and isinstance(np.sum(x, axis=0), np.ndarray)
    assert np.concatenate([x, x]).shape == (4, 2)
    assert np.hypot(x, x).dtype == np.float32 and np.add.reduce(x).tolist() == [4, 6]
    total = np.zeros((2, 2), np.float32)
    total += x
    np.testing.assert_array_equal(total, X)


@pytest.mark.parametrize("call", [np.sum, np.mean, np.ravel, np.cbrt, np.add.reduce, lambda x: np.stack([x, x])])
def test_a_gradient_is_never_lost(call):
    with pytest.raises(TypeError, match=r"requires grad.*use .*x\.detach\(\)"):
        call(sc.tensor(X, requires_grad=True))


def test_in_place_arithmetic_of_arrays_does_not_lose_a_gradient():
    total = X.copy()
    with pytest.raises(TypeError, match="numpy.add: the tensor requires grad"):
        total += sc.tensor(X, requires_grad=True)


@pytest.mark.parametrize("name", ["float32", "float64", "int32", "int64", "uint8", "bool"])
def test_arrays_have_the_dtypes_of_numpy(name):
    assert repr(sc.ones(1, dtype=getattr(sc, name)).numpy()) == repr(np.ones(1, name))


def test_array_protocol():
    x = sc.tensor(X)
    assert np.shares_memory(np.asarray(x), x.numpy())
    assert not np.shares_memory(np.array(x), x.numpy())
    assert np.asarray(x, dtype=np.float64).dtype == np.float64
    with pytest.raises(ValueError, match="without a copy"):
        x.__array__(np.float64, copy=False)
    with pytest.raises(RuntimeError, match="detach"):
        np.asarray(sc.tensor(X, requires_grad=True))


# ---- Buffers, pictures and tables ------------------------------------------------------------------------------------


def test_pictures_go_in_and_out():
    image = pytest.importorskip("PIL.Image")
    pixels = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    x = sc.tensor(image.fromarray(pixels))
    assert x.dtype == sc.uint8
    np.testing.assert_array_equal(x, pixels)
    back = image.fromarray(x)
    np.testing.assert_array_equal(np.asarray(back), pixels)
    np.testing.assert_array_equal(np.asarray(image.fromarray(x.flip(1))), pixels[:, ::-1])


def test_objects_with_a_buffer():
    numbers = array.array("f", [1, 2, 3])
    assert sc.tensor(numbers).tolist() == [1, 2, 3]
    assert sc.tensor([numbers, numbers]).shape == (2, 3)
    shared = sc.frombuffer(numbers, dtype=sc.float32)
    numbers[0] = 7
    assert shared[0] == 7
    shared[1] = 8
    assert numbers[1] == 8
    fixed = sc.frombuffer(b"\x01\x02\x03\x04", dtype=sc.int32)
    assert fixed.item() == 0x04030201
    with pytest.raises(ValueError, match="read-only"):
        fixed[0] = 1
    with pytest.raises(ValueError, match="multiple"):
        sc.frombuffer(b"123", dtype=sc.float32)
    with pytest.raises(TypeError, match="cannot make a tensor of bytes"):
        sc.tensor(b"123")


class Column:
    """A column of a table, as pandas and Arrow show theirs to NumPy."""

    def __init__(self, values):
        self._values = values

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self._values, dtype)


def test_columns_of_tables():
    assert sc.tensor(Column([1.5, 2.5])).dtype == sc.float64
    assert sc.tensor([Column([1.0]), Column([2.0])]).shape == (2, 1)
    with pytest.raises(TypeError, match="object"):
        sc.tensor(Column(["a", None]))


# ---- Copies, pickles and other processes -----------------------------------------------------------------------------


def small_network():
    sc.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.Flatten(), nn.LazyLinear(3))


@pytest.mark.parametrize("again", [copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_networks_and_optimisers_are_copied_whole(again):
    net = small_network()
    assert isinstance(again(net)[4], nn.LazyLinear)
    images = sc.rand(2, 1, 5, 5)
    net(images).sum().backward()
    twin = again(net)
    for (name, ours), (other, theirs) in zip(net.named_parameters(), twin.named_parameters(), strict=True):
        assert name == other and not np.shares_memory(ours.detach(), theirs.detach())
        np.testing.assert_array_equal(ours.detach(), theirs.detach())
    np.testing.assert_array_equal(net.eval()(images).detach(), twin.eval()(images).detach())
    step = optim.SGD(twin.parameters(), lr=0.1, momentum=0.9)
    step.step()
    assert again(step).state_dict()["param_groups"] == step.state_dict()["param_groups"]


def test_a_graph_is_not_copied_silently():
    with pytest.raises(RuntimeError, match="only leaves"):
        copy.deepcopy(sc.tensor(X, requires_grad=True) * 2)


def _outputs_and_gradient(net, images):
    """What a worker process computes."""
    result = net(images)
    result.sum().backward()
    return result.detach(), net[0].weight.grad


@pytest.mark.parametrize(
    "method", sorted({"fork", "spawn", "forkserver"} & set(multiprocessing.get_all_start_methods()))
)
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_processes_share_work(method):
    net, images = small_network(), sc.rand(4, 1, 9, 9)
    net(images)  # From here on its shapes are known.
    expected = _outputs_and_gradient(copy.deepcopy(net), images)
    context = multiprocessing.get_context(method)
    with context.Pool(2) as pool:
        for result in pool.starmap(_outputs_and_gradient, [(net, images)] * 3):
            for ours, theirs in zip(expected, result, strict=True):
                np.testing.assert_allclose(ours, theirs, rtol=1e-6)
