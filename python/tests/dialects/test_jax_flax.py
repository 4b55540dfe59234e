"""Flax's modules, layers and variables, and optax."""

from typing import Any

import numpy
import pytest

import swiftconv.jax as jax
from swiftconv.jax import numpy as jnp
from swiftconv.jax import optax
from swiftconv.jax.flax import errors
from swiftconv.jax.flax import linen as nn
from swiftconv.jax.flax.core import freeze
from swiftconv.jax.flax.training.train_state import TrainState

KEY = jax.random.PRNGKey(0)


def shapes(tree):
    return jax.tree_map(jnp.shape, tree)


@pytest.mark.section("padding-and-strides", "jax")
@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (lambda: nn.Conv(1, kernel_size=(3, 3), padding="SAME"), (1, 8, 8, 1)),
        (lambda: nn.Conv(1, kernel_size=(3, 3), padding="same", strides=2), (1, 4, 4, 1)),
        (lambda: nn.Conv(1, kernel_size=(3, 5), padding=(0, 1), strides=(3, 4)), (1, 2, 2, 1)),
        (lambda: nn.Conv(1, kernel_size=(5, 3), padding=(2, 1)), (1, 8, 8, 1)),
        (lambda: nn.Conv(96, kernel_size=(3, 3), strides=4, padding=1), (1, 2, 2, 96)),
        (lambda: nn.Conv(4, (1, 2), padding="VALID"), (1, 8, 7, 4)),
    ],
)
def test_convolutions_have_the_shapes_of_flax(layer, shape):
    Y, variables = layer().init_with_output(KEY, jnp.ones((1, 8, 8, 1)))
    assert Y.shape == shape
    assert variables["params"]["kernel"].shape[2:] == (1, shape[-1])


def test_same_padding_is_larger_after():
    conv = nn.Conv(1, (2, 2), strides=(1, 1), use_bias=False, kernel_init=nn.initializers.ones)
    Y, _ = conv.init_with_output(KEY, jnp.arange(4.0).reshape((1, 2, 2, 1)))
    assert Y[0, :, :, 0].tolist() == [[6, 4], [5, 3]]


def test_grouped_convolution_matches_two_convolutions():
    X = jax.random.normal(KEY, (2, 5, 5, 4))
    conv = nn.Conv(6, (3, 3), feature_group_count=2, use_bias=False)
    Y, variables = conv.init_with_output(KEY, X)
    kernel = variables["params"]["kernel"]
    assert kernel.shape == (3, 3, 2, 6)
    half = nn.Conv(3, (3, 3), use_bias=False)
    first = half.apply({"params": {"kernel": kernel[..., :3]}}, X[..., :2])
    assert numpy.allclose(first, Y[..., :3], atol=1e-5)


@pytest.mark.section("pooling", "jax")
def test_pooling():
    X = jnp.arange(16.0).reshape((1, 4, 4, 1))
    assert nn.max_pool(X, window_shape=(3, 3), strides=(3, 3)).tolist() == [[[[10.0]]]]
    assert nn.max_pool(X, (3, 3)).shape == (1, 2, 2, 1)
    padded = jnp.pad(X, ((0, 0), (1, 0), (1, 0), (0, 0)), mode="constant")
    pooled = nn.max_pool(padded, window_shape=(3, 3), padding="VALID", strides=(2, 2))
    assert pooled.reshape((2, 2)).tolist() == [[5, 7], [13, 15]]
    assert nn.max_pool(X, (3, 3), strides=(2, 2), padding=((1, 1), (1, 1))).reshape((2, 2)).tolist() == [
        [5, 7],
        [13, 15],
    ]
    assert nn.avg_pool(X, (2, 2), strides=(2, 2), padding="same").reshape((2, 2)).tolist() == [[2.5, 4.5], [10.5, 12.5]]
    assert nn.avg_pool(jnp.ones((1, 3, 3, 1)), (2, 2), (2, 2), "SAME").reshape(4).tolist() == [1, 0.5, 0.5, 0.25]


@pytest.mark.section("parameters", "jax")
def test_names_of_parameters():
    class Block(nn.Module):
        features: int

        def setup(self):
            self.net = nn.Sequential([nn.Dense(self.features), nn.relu, lambda x: x, nn.Dense(1)])
            self.many = [nn.Dense(2), nn.Dense(3)]

        def __call__(self, x):
            return self.many[1](self.many[0](self.net(x)))

    variables = Block(4).init(KEY, jnp.ones((1, 3)))
    assert shapes(variables) == {
        "params": {
            "net": {"layers_0": {"kernel": (3, 4), "bias": (4,)}, "layers_3": {"kernel": (4, 1), "bias": (1,)}},
            "many_0": {"kernel": (1, 2), "bias": (2,)},
            "many_1": {"kernel": (2, 3), "bias": (3,)},
        }
    }
    assert hash(Block(4)) == hash(Block(4))
    assert Block(4) == Block(4)


@pytest.mark.section("parameters", "jax")
def test_one_layer_in_two_places_shares_parameters():
    shared = nn.Dense(8)
    net = nn.Sequential([nn.Dense(8), shared, nn.relu, shared, nn.Dense(1)])
    assert sorted(net.init(KEY, jnp.ones((1, 4)))["params"]) == ["layers_0", "layers_1", "layers_4"]


@pytest.mark.section("custom-layer", "jax")
def test_compact_modules_and_variables():
    class Counter(nn.Module):
        @nn.compact
        def __call__(self, x):
            count = self.variable("stats", "count", jnp.zeros, (1,))
            scale = self.param("scale", nn.initializers.ones, (2,))
            # What is set need not have the shape of what was there.
            count.value = jnp.concatenate((count.value, x[:1]))
            return nn.Dense(1)(nn.Dense(2)(x * scale))

    variables = Counter().init(KEY, jnp.ones(2))
    assert sorted(variables["params"]) == ["Dense_0", "Dense_1", "scale"]
    _, changed = Counter().apply(variables, jnp.ones(2), mutable=["stats"])
    assert variables["stats"]["count"].shape == (2,)
    assert changed["stats"]["count"].shape == (3,)
    with pytest.raises(errors.ModifyScopeVariableError, match="immutable"):
        Counter().apply(variables, jnp.ones(2))
    with pytest.raises(errors.ScopeCollectionNotFound, match='access "scale" from collection "params"'):
        Counter().apply({"stats": variables["stats"]}, jnp.ones(2), mutable=["stats"])
    with pytest.raises(errors.ScopeParamNotFoundError, match='parameter named "scale" in scope "/"'):
        Counter().apply({**variables, "params": {"other": 1}}, jnp.ones(2), mutable=["stats"])


def test_bound_modules_can_be_looked_into():
    class Net(nn.Module):
        def setup(self):
            layers = nn.Sequential([nn.Dense(3)])
            layers.layers.extend([nn.relu, nn.Dense(2)])
            self.net = layers

        def __call__(self, x):
            return self.net(x)

    net = Net()
    net.anything = 1
    bound = net.clone().bind(net.init(KEY, jnp.ones((1, 4))), mutable=["batch_stats"])
    assert [type(each).__name__ for each in bound.net.layers] == ["Dense", "custom_jvp", "Dense"]
    assert bound.net.layers[0](jnp.ones((1, 4))).shape == (1, 3)
    with pytest.raises(AttributeError, match="setup"):
        net.net  # noqa: B018
    with pytest.raises(errors.SetAttributeFrozenModuleError):
        bound.anything = 1


@pytest.mark.section("batch-norm", "jax")
def test_batch_norm_keeps_running_statistics():
    X = jax.random.normal(KEY, (8, 4, 4, 3)) * 2 + 1
    norm = nn.BatchNorm(use_running_average=False, momentum=0.9)
    variables = norm.init(KEY, X)
    assert shapes(variables["batch_stats"]) == {"mean": (3,), "var": (3,)}
    Y, changed = norm.apply(variables, X, mutable=["batch_stats"])
    values = numpy.asarray(X)
    mean, var = values.mean((0, 1, 2)), values.var((0, 1, 2))
    assert numpy.allclose(Y, (values - mean) / numpy.sqrt(var + 1e-5), atol=1e-5)
    assert numpy.allclose(changed["batch_stats"]["mean"], 0.1 * mean, atol=1e-6)
    assert numpy.allclose(changed["batch_stats"]["var"], 0.9 + 0.1 * var, atol=1e-5)
    still = nn.BatchNorm(True).apply(variables, X)
    assert numpy.allclose(still, values / numpy.sqrt(1 + 1e-5), atol=1e-5)


@pytest.mark.section("dropout", "jax")
def test_dropout_needs_a_key():
    X = jnp.ones((1000,))
    with pytest.raises(errors.InvalidRngError, match="dropout"):
        nn.Dropout(0.5, deterministic=False).apply({}, X)
    Y = numpy.asarray(nn.Dropout(0.5, deterministic=False).apply({}, X, rngs={"dropout": KEY}))
    assert set(Y.tolist()) == {0, 2}
    assert abs(Y.mean() - 1) < 0.2
    assert nn.Dropout(0.5, deterministic=True).apply({}, X) is X


def test_initialisers():
    values = numpy.asarray(nn.initializers.lecun_normal()(KEY, (5, 5, 6, 64)))
    assert abs(values.std() - (1 / 150) ** 0.5) < 2e-3
    bound = (6 / (30 + 40)) ** 0.5
    values = numpy.asarray(nn.initializers.xavier_uniform()(KEY, (30, 40)))
    assert bound * 0.9 < numpy.abs(values).max() < bound
    assert nn.initializers.zeros(KEY, (2,)).tolist() == [0, 0]


def test_frozen_dict_and_module_print_as_in_flax():
    assert repr(freeze({"params": {"w": jnp.ones(1)}})) == (
        "FrozenDict({\n    params: {\n        w: Array([1.], dtype=float32),\n    },\n})"
    )
    assert repr(nn.Sequential([nn.relu])).startswith("Sequential(\n    # attributes\n    layers = [")
    with pytest.raises(ValueError, match="immutable"):
        freeze({})["a"] = 1


@pytest.mark.parametrize("optimizer", [optax.sgd(0.1), optax.sgd(0.05, momentum=0.9), optax.adam(0.1)])
def test_optimizers_go_downhill(optimizer):
    class State(TrainState):
        batch_stats: Any

    state = State.create(apply_fn=None, params={"w": jnp.array([3.0, -2.0])}, tx=optimizer, batch_stats={})
    for _ in range(100):
        state = state.apply_gradients(grads=jax.grad(lambda p: (p["w"] ** 2).sum())(state.params))
    assert state.step == 100
    assert numpy.abs(numpy.asarray(state.params["w"])).max() < 0.1
    assert state.replace(batch_stats={"a": 1}).batch_stats == {"a": 1}
