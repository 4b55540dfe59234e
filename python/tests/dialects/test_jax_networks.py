"""Networks in the manner of the chapter on modern ones: the layers each prints, in JAX's dialect."""

import pytest

import swiftconv.jax as jax
from swiftconv.dialects.switch import load, unload

IMPORTS = "import jax\nfrom flax import linen as nn\nfrom jax import numpy as jnp\nfrom d2l import jax as d2l\n"

HEAD = """
class Net(d2l.Classifier):
    lr: float = 0.1
    num_classes: int = 3
    training: bool = True
    def setup(self):
        self.net = """

LARGE_STRIDES = f"""{HEAD}nn.Sequential([
            nn.Conv(features=4, kernel_size=(11, 11), strides=4, padding=1), nn.relu,
            lambda x: nn.max_pool(x, window_shape=(3, 3), strides=(2, 2)),
            lambda x: x.reshape((x.shape[0], -1)), nn.Dense(features=5), nn.relu,
            nn.Dropout(0.5, deterministic=not self.training), nn.Dense(features=self.num_classes)])
"""

BLOCKS = f"""
def block(count, channels):
    layers = []
    for _ in range(count):
        layers += [nn.Conv(channels, kernel_size=(3, 3), padding=(1, 1)), nn.relu]
    return nn.Sequential([*layers, lambda x: nn.max_pool(x, window_shape=(2, 2), strides=(2, 2))])
{HEAD}nn.Sequential([*[block(*each) for each in ((1, 2), (2, 4))], nn.Dropout(0.5, deterministic=not self.training)])
"""

NETWORK_IN_NETWORK = f"""
def block(channels, kernel_size, strides, padding):
    return nn.Sequential([nn.Conv(channels, kernel_size, strides, padding), nn.relu,
                          nn.Conv(channels, kernel_size=(1, 1)), nn.relu])
{HEAD}nn.Sequential([
            block(4, kernel_size=(11, 11), strides=(4, 4), padding=(0, 0)),
            lambda x: nn.max_pool(x, (3, 3), strides=(2, 2)),
            block(self.num_classes, kernel_size=(3, 3), strides=1, padding=(1, 1)), lambda x: nn.avg_pool(x, (2, 2)),
            lambda x: x.reshape((x.shape[0], -1))])
"""

PATHS = f"""
class Paths(nn.Module):
    c1: int
    c2: tuple
    def setup(self):
        self.p1 = nn.Conv(self.c1, kernel_size=(1, 1))
        self.p2 = lambda x: nn.max_pool(x, window_shape=(3, 3), strides=(1, 1), padding='same')
        self.p3 = nn.Conv(self.c2[1], kernel_size=(5, 5), padding='same')
    def __call__(self, x):
        return jnp.concatenate((nn.relu(self.p1(x)), nn.relu(self.p3(self.p2(x)))), axis=-1)
{HEAD}nn.Sequential([self.first(), Paths(2, (3, 4)), nn.Dense(self.num_classes)])

@d2l.add_to_class(Net)
def first(self):
    return nn.Sequential([nn.Conv(4, kernel_size=(7, 7), strides=2, padding='same'), nn.relu,
                          lambda x: nn.max_pool(x, window_shape=(3, 3), strides=(2, 2), padding='same')])
"""

RESIDUAL = f"""{HEAD}self.create_net()

@d2l.add_to_class(Net)
def create_net(self):
    net = nn.Sequential([nn.Sequential([nn.Conv(4, (7, 7), strides=(2, 2), padding='same'),
                                        nn.BatchNorm(not self.training), nn.relu])])
    for i, channels in enumerate((4, 8)):
        net.layers.extend([nn.Sequential([
            d2l.Residual(channels, training=self.training) if i == 0 else
            d2l.Residual(channels, use_1x1conv=True, strides=(2, 2), training=self.training)])])
    net.layers.extend([nn.Sequential([
        lambda x: nn.avg_pool(x, window_shape=x.shape[1:3], strides=x.shape[1:3], padding='valid'),
        lambda x: x.reshape((x.shape[0], -1)), nn.Dense(self.num_classes)])])
    return net
"""

DENSE = f"""
class Step(nn.Module):
    channels: int
    training: bool = True
    @nn.compact
    def __call__(self, X):
        Y = nn.relu(nn.BatchNorm(not self.training)(X))
        return jnp.concatenate((X, nn.Conv(self.channels, kernel_size=(3, 3), padding=(1, 1))(Y)), axis=-1)

class Dense(nn.Module):
    count: int
    channels: int
    training: bool = True
    def setup(self):
        layer = []
        for i in range(self.count):
            layer.append(Step(self.channels, self.training))
        self.net = nn.Sequential(layer)
    def __call__(self, X):
        return self.net(X)
{HEAD}nn.Sequential([nn.Conv(4, (3, 3)), Dense(2, 5, training=self.training), nn.BatchNorm(not self.training), nn.relu])
"""

GROUPS = f"""{HEAD}self.create_net()

@d2l.add_to_class(Net)
def create_net(self):
    net = nn.Sequential([nn.Sequential([nn.Conv(8, kernel_size=(3, 3), strides=(2, 2), padding=(1, 1)),
                                        nn.BatchNorm(not self.training), nn.relu])])
    net.layers.extend([nn.Sequential([
        d2l.ResNeXtBlock(16, 8, 1, use_1x1conv=True, strides=(2, 2), training=self.training),
        d2l.ResNeXtBlock(16, 8, 1, training=self.training)])])
    return net
"""

NETWORKS = {
    "alexnet": (
        LARGE_STRIDES,
        "Conv (1, 6, 6, 4)|custom_jvp (1, 6, 6, 4)|function (1, 2, 2, 4)|function (1, 16)|Dense (1, 5)|"
        "custom_jvp (1, 5)|Dropout (1, 5)|Dense (1, 3)",
    ),
    "vgg": (BLOCKS, "Sequential (1, 16, 16, 2)|Sequential (1, 8, 8, 4)|Dropout (1, 8, 8, 4)"),
    "nin": (
        NETWORK_IN_NETWORK,
        "Sequential (1, 6, 6, 4)|function (1, 2, 2, 4)|Sequential (1, 2, 2, 3)|function (1, 1, 1, 3)|function (1, 3)",
    ),
    "googlenet": (PATHS, "Sequential (1, 8, 8, 4)|Paths (1, 8, 8, 6)|Dense (1, 8, 8, 3)"),
    "resnet": (
        RESIDUAL,
        "Sequential (1, 16, 16, 4)|Sequential (1, 16, 16, 4)|Sequential (1, 8, 8, 8)|Sequential (1, 3)",
    ),
    "densenet": (
        DENSE,
        "Conv (1, 32, 32, 4)|Dense (1, 32, 32, 14)|BatchNorm (1, 32, 32, 14)|custom_jvp (1, 32, 32, 14)",
    ),
    "cnn-design": (GROUPS, "Sequential (1, 16, 16, 8)|Sequential (1, 8, 8, 16)"),
}


@pytest.fixture
def names():
    load(jax.DIALECT)
    namespace = {}
    exec(IMPORTS, namespace)
    yield namespace
    unload(jax.DIALECT)


@pytest.mark.parametrize("section", [pytest.param(each, marks=pytest.mark.section(each, "jax")) for each in NETWORKS])
def test_layers_are_summed_up(section, names, capsys):
    cell, summary = NETWORKS[section]
    exec(cell, names)
    names["Net"](training=False).layer_summary((1, 32, 32, 1))
    assert capsys.readouterr().out == "".join(
        line.replace(" ", " output shape:\t ", 1) + "\n" for line in summary.split("|")
    )
    # One step of learning, with statistics and dropout.
    network, jnp = names["Net"](), names["jnp"]
    X = jax.random.normal(jax.random.PRNGKey(0), (2, 32, 32, 1))
    streams = {"params": jax.random.PRNGKey(1), "dropout": jax.random.PRNGKey(2)}
    variables = network.init(streams, X)

    def loss(params):
        every = {"params": params, "batch_stats": variables.get("batch_stats", {})}
        Y, changed = network.apply(every, X, mutable=["batch_stats"], rngs=streams)
        return (Y**2).mean(), changed

    (_, changed), grads = jax.value_and_grad(loss, has_aux=True)(variables["params"])
    assert jax.tree_map(jnp.shape, grads) == jax.tree_map(jnp.shape, variables["params"])
    assert any(bool((each != 0).any()) for each in jax.tree_util.tree_leaves(grads))
    for new, old in zip(
        jax.tree_util.tree_leaves(changed), jax.tree_util.tree_leaves(variables.get("batch_stats", {})), strict=True
    ):
        assert not bool((new == old).all())
