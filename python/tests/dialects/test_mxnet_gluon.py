"""Recording, blocks, parameters and text in MXNet's dialect."""

import copy

import numpy
import pytest

from swiftconv.mxnet import autograd, base, d2l, gluon, init, np, npx
from swiftconv.mxnet.gluon import nn
from swiftconv.mxnet.gluon.parameter import DeferredInitializationError


@pytest.mark.parametrize(
    ("values", "dtype", "text"),
    [
        ([1.0, 2.5], "float32", "array([1. , 2.5])"),
        (66.0, "float32", "array(66.)"),
        ([True, False], "bool", "array([ True, False])"),
        ([1, 2], "int32", "array([1, 2], dtype=int32)"),
        ([1, 2], "int64", "array([1, 2], dtype=int64)"),
        ([1.5], "float64", "array([1.5], dtype=float64)"),
        ([], "float32", "array([])"),
        (numpy.zeros((0, 3)), "float32", "array([], shape=(0, 3))"),
        ([1e-6, 1.0], "float32", "array([1.e-06, 1.e+00])"),
    ],
)
def test_text(values, dtype, text):
    assert repr(np.array(values, dtype=dtype)) == text


def test_text_of_long_arrays():
    assert repr(np.arange(24)) == (
        "array([ 0.,  1.,  2.,  3.,  4.,  5.,  6.,  7.,  8.,  9., 10., 11., 12.,\n"
        "       13., 14., 15., 16., 17., 18., 19., 20., 21., 22., 23.])"
    )
    for count in range(15, 40):
        # NumPy names int32 itself; where the line is full, on a new one.
        assert repr(np.arange(count, dtype="int32")) == repr(numpy.arange(count, dtype="int32"))
    assert repr(np.zeros(1001)) == "array([0., 0., 0., ..., 0., 0., 0.])"
    assert f"{np.array(2.0):.3f}" == "2.000" and str(np.ones((2, 1))) == "[[1.]\n [1.]]"
    with pytest.raises(TypeError):
        f"{np.ones(2):.3f}"


@pytest.mark.section("autograd", "mxnet")
def test_gradients_are_written_not_added():
    x = np.arange(4)
    assert x.grad is None
    x.attach_grad()
    held = x.grad
    assert repr(held) == "array([0., 0., 0., 0.])"
    for _ in range(2):
        with autograd.record():
            y = 2 * np.dot(x, x)
        y.backward()
    assert (x.grad == 4 * x).all() and held is x.grad
    x.attach_grad("add")
    for _ in range(2):
        with autograd.record():
            y = x * x
        y.backward()
    assert (x.grad == 4 * x).all()


@pytest.mark.section("autograd", "mxnet")
def test_what_is_not_recorded_has_no_gradient():
    x = np.ones(2)
    x.attach_grad()
    y = x * x
    with pytest.raises(base.MXNetError, match="not in a computational graph"):
        y.backward()
    with autograd.record():
        y = x * x
        u = y.detach()
        z = u * x
        with autograd.pause():
            assert not autograd.is_recording() and not autograd.is_training()
    z.backward()
    assert (x.grad == u).all()
    with autograd.record(train_mode=False):
        assert autograd.is_recording() and not autograd.is_training()
    with autograd.record():
        y = x * x
        with pytest.raises(base.MXNetError, match="Inplace operations"):
            x += 1
        with pytest.raises(base.MXNetError, match="Inplace operations"):
            y[0] = 3


def test_second_derivatives():
    x = np.array([2.0])
    x.attach_grad()
    with autograd.record():
        (slope,) = autograd.grad(x**3, [x], create_graph=True)
    slope.backward()
    assert x.grad == 12


@pytest.mark.section("lazy-init", "mxnet")
def test_shapes_become_known_with_the_first_batch():
    net = nn.Sequential()
    net.add(nn.Conv2D(6, kernel_size=3, padding=1), nn.Dense(4, activation="relu"), nn.Dense(2))
    with pytest.raises(RuntimeError, match="has not been initialized. Note"):
        net[0].weight.data()
    net.initialize()
    assert net[0].weight.shape == (6, -1, 3, 3) and net[1].weight.shape == (4, -1)
    with pytest.raises(DeferredInitializationError, match="the first forward pass"):
        net[0].weight.data()
    net(np.ones((2, 3, 5, 5)))
    assert net[0].weight.shape == (6, 3, 3, 3) and net[1].weight.data().shape == (4, 150)
    with pytest.warns(UserWarning, match="already initialized"):
        net.initialize()
    before = net[2].weight.data().asnumpy()
    net.initialize(init.Normal(0.01), force_reinit=True)
    net(np.ones((2, 3, 5, 5)))
    assert not numpy.allclose(before, net[2].weight.data().asnumpy())


@pytest.mark.section("model-construction", "mxnet")
def test_names_and_text_of_blocks():
    class Net(nn.Block):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            with self.name_scope():
                self.hidden = nn.Dense(3)
                self.out = nn.Dense(2, in_units=3)

        def forward(self, x):
            return self.out(npx.relu(self.hidden(x)))

    net = Net(prefix="net_")
    assert list(net.collect_params().keys()) == [
        f"net_dense{i}_{name}" for i in range(2) for name in ("weight", "bias")
    ]
    assert repr(net) == "Net(\n  (hidden): Dense(-1 -> 3, linear)\n  (out): Dense(3 -> 2, linear)\n)"
    assert repr(net.out.params).endswith(
        "dense1_ (\n  Parameter net_dense1_weight (shape=(2, 3), dtype=float32)\n"
        "  Parameter net_dense1_bias (shape=(2,), dtype=float32)\n)"
    )
    texts = {
        nn.Conv2D(6, 5, padding=2, activation="sigmoid"): "Conv2D(-1 -> 6, kernel_size=(5, 5), stride=(1, 1), "
        "padding=(2, 2), Activation(sigmoid))",
        nn.Conv2D(6, 3, groups=2, use_bias=False, in_channels=4): "Conv2D(2 -> 6, kernel_size=(3, 3), stride=(1, 1), "
        "groups=2, bias=False)",
        nn.MaxPool2D(3, strides=2): "MaxPool2D(size=(3, 3), stride=(2, 2), padding=(0, 0), ceil_mode=False, "
        "global_pool=False, pool_type=max, layout=NCHW)",
        nn.Dropout(0.5): "Dropout(p = 0.5, axes=())",
        nn.Flatten(): "Flatten",
    }
    for block, text in texts.items():
        assert repr(block) == text


@pytest.mark.section("read-write", "mxnet")
def test_parameters_travel_through_files(tmp_path):
    def make():
        net = nn.Sequential()
        net.add(nn.Conv2D(2, 3), nn.BatchNorm(), nn.Dense(3))
        return net

    net, X = make(), np.random.uniform(size=(2, 1, 5, 5))
    net.initialize()
    with autograd.record():
        net(X)
    net.save_parameters(tmp_path / "net.params")
    other = make()
    other.load_parameters(tmp_path / "net.params")
    assert (net(X) == other(X)).all()
    (tmp_path / "bad").write_bytes(b"nothing")
    with pytest.raises(ValueError, match="not a file of arrays"):
        other.load_parameters(tmp_path / "bad")
    clone = copy.deepcopy(net[0].weight.data())
    assert (clone == net[0].weight.data()).all() and clone is not net[0].weight.data()


def test_a_trainer_wants_fresh_gradients():
    net = nn.Dense(1, in_units=2, weight_initializer=init.One())
    net.initialize()
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1, "momentum": 0.9})
    with pytest.raises(UserWarning, match="has not been updated by backward"):
        trainer.step(1)
    for _ in range(2):
        with autograd.record():
            loss = net(np.ones((4, 2)))
        loss.backward()
        trainer.step(4)
    # The first step is 0.1, the second 0.1 + 0.9 * 0.1.
    assert np.abs(net.weight.data() - 0.71).max() < 1e-6
    with pytest.raises(ValueError, match="sgd and adam"):
        gluon.Trainer(net.collect_params(), "nonsense")


def test_hybrid_blocks_and_losses():
    class Scaled(nn.HybridBlock):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.factor = self.params.get("factor", shape=(1,), init="ones")

        def hybrid_forward(self, F, x, factor):
            return F.npx.relu(x) * factor

    block = Scaled()
    block.initialize()
    block.hybridize()
    assert block(np.array([-1, 2])).tolist() == [0, 2]
    scores, labels = np.array([[2.0, 1.0, 0.0], [0.0, 0.0, 0.0]]), np.array([0, 2])
    wanted = [-2 + numpy.log(numpy.exp([2.0, 1.0, 0.0]).sum()), numpy.log(3)]
    assert numpy.allclose(gluon.loss.SoftmaxCrossEntropyLoss()(scores, labels).asnumpy(), wanted, rtol=1e-6)
    assert gluon.loss.L2Loss()(np.ones((2, 2)), np.zeros((2, 2))).tolist() == [0.5, 0.5]


@pytest.mark.section("use-gpu", "mxnet")
def test_there_are_no_graphics_cards():
    assert (npx.num_gpus(), repr(d2l.try_gpu()), d2l.try_all_gpus()) == (0, "cpu(0)", [])
    with pytest.raises(base.MXNetError, match=r"gpu\(0\) is not there"):
        np.zeros(2, ctx=npx.gpu())


@pytest.mark.parametrize(
    "call",
    [
        lambda: np.ones((2, 3)) + np.ones((4,)),
        lambda: np.ones(2).reshape(3),
        lambda: np.ones(2)[5],
        lambda: np.array([[1, 2], [3]]),
        lambda: np.array("text"),
        lambda: np.concatenate([]),
        lambda: nn.Conv2D(1, 3)(np.ones((1, 1, 5, 5))),
        lambda: float(np.ones(2)),
        lambda: np.zeros((1 << 40, 1 << 40)),
        lambda: np.ones(2).attach_grad("often"),
        lambda: np.ones(2, dtype="float16"),
    ],
)
def test_mistakes_are_errors(call):
    with pytest.raises((ValueError, TypeError, IndexError, RuntimeError, MemoryError)):
        call()


def test_only_slices_share_memory():
    def written(function):
        x = np.arange(12).reshape(3, 4)
        function(x)[...] = -1
        return int((x == -1).sum())

    shared = [lambda x: x[1], lambda x: x[1:], lambda x: x[1, 1:3], lambda x: x[:, None], lambda x: x.detach()]
    assert [written(each) for each in shared] == [4, 8, 2, 12, 12]
    copied = [
        lambda x: x.reshape(4, 3),
        lambda x: x.T,
        lambda x: x[:, 1],
        lambda x: x[::2],
        lambda x: x[[0, 1]],
        lambda x: x.swapaxes(0, 1),
        lambda x: np.expand_dims(x, 0),
        lambda x: np.broadcast_to(x, (2, 3, 4)),
        lambda x: np.split(x, 2, axis=1)[0],
        lambda x: x.flatten(),
    ]
    assert [written(each) for each in copied] == [0] * len(copied)


def test_steps_backwards():
    x = np.arange(12).reshape(3, 4)
    assert x[::-1].tolist() == x.asnumpy()[::-1].tolist()
    assert x[..., 2::-2].tolist() == x.asnumpy()[..., 2::-2].tolist()
    assert x[None, 1, 3:0:-1].tolist() == x.asnumpy()[None, 1, 3:0:-1].tolist()
    x[::-1, ::-2] = np.arange(6).reshape(3, 2)
    assert x[:, 1::2].tolist() == [[5, 4], [3, 2], [1, 0]]


def test_what_operators_refuse_is_the_frameworks_error():
    x = np.ones((2, 3))
    for call in [lambda: x + np.ones((4, 4)), lambda: x @ x, lambda: x.reshape(7), lambda: ~x]:
        with pytest.raises(base.MXNetError):
            call()
    with pytest.raises(base.MXNetError, match="expected 4 axes, NCHW"):
        nn.MaxPool2D(2)(x)
    for call in [lambda: x + "a", lambda: x + [1, 2, 3], lambda: x == None]:  # noqa: E711
        with pytest.raises(TypeError, match=r"type <class '\w+'> not supported"):
            call()
    with pytest.raises(ValueError, match="does not support slicing with key a"):
        x["a"]
    with pytest.raises(TypeError, match="could not convert string to float: 'a'"):
        np.array("a")
    with pytest.raises(TypeError, match="only size-1 arrays can be converted to Python scalars"):
        float(x)


def test_batches_of_workers_are_in_shared_memory():
    data = gluon.data.ArrayDataset(np.arange(6).reshape(3, 2), [1, 2, 3])
    X, y = next(iter(gluon.data.DataLoader(data, 2, num_workers=4)))
    assert repr(y) == "array([1, 2], dtype=int64, ctx=cpu_shared(0))" and str(X[0]) == "[0. 1.] @cpu_shared(0)"
    assert repr(X[:, 0]) == "array([0., 2.])" and repr(X.as_in_ctx(npx.cpu()) + 1).endswith("4.]])")
    X, y = next(iter(gluon.data.DataLoader(data, 2)))
    assert repr(y) == "array([1, 2], dtype=int64)"


def test_text_of_layers():
    assert repr(nn.LayerNorm()) == "LayerNorm(eps=1e-05, axis=-1, center=True, scale=True, in_channels=-1)"
    constant = gluon.ParameterDict("own_").get_constant("c", np.ones((2, 2)))
    assert repr(constant) == "Constant own_c (shape=(2, 2), dtype=float32)"
