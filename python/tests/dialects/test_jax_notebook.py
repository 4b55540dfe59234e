"""Cells in a real kernel: the sections on convolutional networks, in JAX's dialect, with their texts."""

import gzip

import pytest

from dialects.notebooks import run_cells, write_fashion_mnist

START = "%load_ext swiftconv.jax"
IMPORTS = (
    "from functools import partial\nfrom types import FunctionType\nfrom typing import Any\n"
    "import jax\nimport optax\nfrom flax import linen as nn\nfrom jax import numpy as jnp\nfrom d2l import jax as d2l"
)


def check(cells, folder):
    # The cells of a dictionary and the texts they must show; None for any text.
    shown = run_cells([START, IMPORTS, *cells], folder)[2:]
    for (cell, wanted), text in zip(cells.items(), shown, strict=True):
        assert wanted is None or text == wanted, cell


@pytest.mark.section("conv-layer", "jax")
def test_convolution(tmp_path):
    check(
        {
            "def slide(X, K):\n"
            "    h, w = K.shape\n"
            "    Y = jnp.zeros((X.shape[0] - h + 1, X.shape[1] - w + 1))\n"
            "    for i in range(Y.shape[0]):\n"
            "        for j in range(Y.shape[1]):\n"
            "            Y = Y.at[i, j].set((X[i:i + h, j:j + w] * K).sum())\n"
            "    return Y": "",
            "slide(jnp.array([[1.0, 2.0], [3.0, 4.0]]), jnp.array([[1.0, -2.0]]))": (
                "Array([[-3.],\n       [-5.]], dtype=float32)"
            ),
            "class Layer(nn.Module):\n"
            "    kernel_size: int\n"
            "    def setup(self):\n"
            "        self.weight = nn.param('w', nn.initializers.uniform, self.kernel_size)\n"
            "        self.bias = nn.param('b', nn.initializers.zeros, 1)\n"
            "    def forward(self, x):\n"
            "        return slide(x, self.weight) + self.bias": "",
            "X = jnp.ones((2, 6))\nX = X.at[:, 2:4].set(0)\nX": (
                "Array([[1., 1., 0., 0., 1., 1.],\n       [1., 1., 0., 0., 1., 1.]], dtype=float32)"
            ),
            "Y = slide(X, jnp.array([[1.0, -1.0]]))\nY": (
                "Array([[ 0.,  1.,  0., -1.,  0.],\n       [ 0.,  1.,  0., -1.,  0.]], dtype=float32)"
            ),
            "slide(d2l.transpose(X), jnp.array([[1.0, -1.0]])).shape": "(6, 1)",
            "conv2d = nn.Conv(1, kernel_size=(1, 2), use_bias=False, padding='VALID')\n"
            "X, Y = X.reshape((1, 2, 6, 1)), Y.reshape((1, 2, 5, 1))\n"
            "params = conv2d.init(jax.random.PRNGKey(d2l.get_seed()), X)\n"
            "def loss(params, X, Y):\n"
            "    return ((conv2d.apply(params, X) - Y) ** 2).sum()\n"
            "for i in range(150):\n"
            "    l, grads = jax.value_and_grad(loss)(params, X, Y)\n"
            "    params = jax.tree_map(lambda p, g: p - 6e-2 * g, params, grads)\n"
            "print(f'loss {l:.3f}')": "loss 0.000",
            "params['params']['kernel'].reshape((1, 2)).round(2)": "Array([[ 1., -1.]], dtype=float32)",
            "nn.Conv(1, kernel_size=(1, 2)).init(jax.random.PRNGKey(3), X)": (
                "FrozenDict({\n    params: {\n        kernel: Array([[[[0.19234914]],\n        \n"
                "                [[0.5633676 ]]]], dtype=float32),\n"
                "        bias: Array([0.], dtype=float32),\n    },\n})"
            ),
            "conv2d": (
                "Conv(\n    # attributes\n    features = 1\n    kernel_size = (1, 2)\n    strides = 1\n"
                "    padding = 'VALID'\n    input_dilation = 1\n    kernel_dilation = 1\n"
                "    feature_group_count = 1\n    use_bias = False\n    mask = None\n    dtype = None\n"
                "    param_dtype = float32\n    precision = None\n    kernel_init = init\n    bias_init = zeros\n"
                "    conv_general_dilated = conv_general_dilated\n)"
            ),
            "params.keys(), jax.tree_map(jnp.shape, params)": (
                "(frozen_dict_keys(['params']),\n FrozenDict({\n     params: {\n"
                "         kernel: (1, 2, 1, 1),\n     },\n }))"
            ),
        },
        tmp_path,
    )


@pytest.mark.section("padding-and-strides", "jax")
@pytest.mark.section("channels", "jax")
@pytest.mark.section("pooling", "jax")
def test_padding_channels_and_pooling(tmp_path):
    check(
        {
            "def through(layer, X):\n"
            "    key = jax.random.PRNGKey(d2l.get_seed())\n"
            "    Y, _ = layer.init_with_output(key, X.reshape((1,) + X.shape + (1,)))\n"
            "    return Y.reshape(Y.shape[1:3]).shape\n"
            "X = jax.random.uniform(jax.random.PRNGKey(d2l.get_seed()), shape=(8, 8))\n"
            "through(nn.Conv(1, kernel_size=(3, 3), padding='SAME'), X)": "(8, 8)",
            "through(nn.Conv(1, kernel_size=(5, 3), padding=(2, 1)), X)": "(8, 8)",
            "through(nn.Conv(1, kernel_size=(3, 3), padding=1, strides=2), X)": "(4, 4)",
            "through(nn.Conv(1, kernel_size=(3, 5), padding=(0, 1), strides=(3, 4)), X)": "(2, 2)",
            "A = jnp.arange(9, dtype=jnp.float32).reshape((3, 3))\n"
            "sum(d2l.corr2d(x, k) for x, k in zip(jnp.stack([A, A + 1], 0), jnp.ones((2, 2, 2))))": (
                "Array([[20., 28.],\n       [44., 52.]], dtype=float32)"
            ),
            "B = jax.random.normal(jax.random.PRNGKey(1), (3, 4))\n"
            "assert float(jnp.abs(jnp.matmul(B, B.T) - B @ B.T).sum()) < 1e-6": "",
            "P = jnp.arange(4, dtype=jnp.float32).reshape((1, 2, 2, 1))\n"
            "P = jnp.concatenate([P, P + 1], 3)\nnn.max_pool(P, window_shape=(2, 2), strides=(2, 2))": (
                "Array([[[[3., 4.]]]], dtype=float32)"
            ),
        },
        tmp_path,
    )


@pytest.mark.section("lenet", "jax")
@pytest.mark.section("batch-norm", "jax")
def test_a_network_learns(tmp_path, monkeypatch):
    folder = tmp_path / "keras" / "datasets" / "fashion-mnist"
    write_fashion_mnist(folder, train=640, test=128)
    for file in list(folder.iterdir()):
        (folder / f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes()))
        file.unlink()
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    (tmp_path / "work").mkdir()
    check(
        {
            "class Small(d2l.Classifier):\n"
            "    lr: float = 0.1\n"
            "    num_classes: int = 10\n"
            "    training: bool = True\n"
            "    kernel_init: FunctionType = nn.initializers.xavier_uniform\n"
            "    def setup(self):\n"
            "        self.net = nn.Sequential([\n"
            "            nn.Conv(8, (5, 5), padding='SAME', kernel_init=self.kernel_init()),\n"
            "            Norm(training=self.training),\n"
            "            nn.sigmoid, lambda x: nn.avg_pool(x, window_shape=(2, 2), strides=(2, 2)),\n"
            "            lambda x: x.reshape((x.shape[0], -1)), nn.relu,\n"
            "            nn.Dropout(0.1, deterministic=not self.training), nn.Dense(self.num_classes)])": "",
            "class Norm(nn.Module):\n"
            "    training: bool = True\n"
            "    @nn.compact\n"
            "    def __call__(self, X):\n"
            "        shape = (1, 1, 1, X.shape[-1])\n"
            "        gamma = self.param('gamma', jax.nn.initializers.ones, shape)\n"
            "        beta = self.param('beta', jax.nn.initializers.zeros, shape)\n"
            "        mean = self.variable('batch_stats', 'mean', jnp.zeros, shape)\n"
            "        var = self.variable('batch_stats', 'var', jnp.ones, shape)\n"
            "        if not self.training:\n"
            "            return gamma * (X - mean.value) / jnp.sqrt(var.value + 1e-5) + beta\n"
            "        m, v = X.mean(axis=(0, 2, 3), keepdims=True), X.var(axis=(0, 2, 3), keepdims=True)\n"
            "        mean.value = 0.9 * mean.value + 0.1 * m\n"
            "        var.value = 0.9 * var.value + 0.1 * v\n"
            "        return gamma * (X - m) / jnp.sqrt(v + 1e-5) + beta": "",
            "Small(training=False).layer_summary((1, 28, 28, 1))": (
                "Conv output shape:\t (1, 28, 28, 8)\nNorm output shape:\t (1, 28, 28, 8)\n"
                "PjitFunction output shape:\t (1, 28, 28, 8)\nfunction output shape:\t (1, 14, 14, 8)\n"
                "function output shape:\t (1, 1568)\ncustom_jvp output shape:\t (1, 1568)\n"
                "Dropout output shape:\t (1, 1568)\nDense output shape:\t (1, 10)"
            ),
            "@d2l.add_to_class(d2l.Classifier)\n"
            "@partial(jax.jit, static_argnums=(0, 5))\n"
            "def loss(self, params, X, Y, state, averaged=True):\n"
            "    Y_hat, updates = state.apply_fn({'params': params, 'batch_stats': state.batch_stats}, *X,\n"
            "                                    mutable=['batch_stats'], rngs={'dropout': state.dropout_rng})\n"
            "    Y_hat = d2l.reshape(Y_hat, (-1, Y_hat.shape[-1]))\n"
            "    fn = optax.softmax_cross_entropy_with_integer_labels\n"
            "    return (fn(Y_hat, d2l.reshape(Y, (-1,))).mean(), updates)": "",
            "trainer = d2l.Trainer(max_epochs=4, num_gpus=1)\n"
            "data = d2l.FashionMNIST(batch_size=32, resize=(28, 28))\n"
            "model = Small(lr=0.2)\n"
            "trainer.fit(model, data)\n"
            "assert model.board.data['val_acc'][-1][1] > 0.5, model.board.data": None,
            "trainer.state.params['net']['layers_1']['gamma'].reshape((-1,)).shape": "(8,)",
            "trainer.state.batch_stats['net']['layers_1']['mean'].shape": "(1, 28, 1, 8)",
            "batch = next(iter(d2l.FashionMNIST(batch_size=16, resize=(32, 32)).train_dataloader()))\n"
            "batch[0].shape, batch[0].dtype, batch[1].dtype": "((16, 32, 32, 1), dtype('float32'), dtype('int32'))",
        },
        tmp_path / "work",
    )
