"""Every name that chapters 7 and 8 use in JAX's dialect, called in the forms in which they call it."""

import pytest

import swiftconv.jax as jax
from swiftconv.dialects.switch import load, unload

IMPORTS = """
from functools import partial
from types import FunctionType
import jax
import optax
from flax import linen as nn
from jax import numpy as jnp
from d2l import jax as d2l
key = jax.random.PRNGKey(1)
A = jnp.arange(12, dtype=jnp.float32).reshape((3, 4))
image = jax.random.normal(key, (2, 8, 8, 3))

def through(layer, X=image):
    return layer.init_with_output(key, X)[0].shape
"""

# An expression of each form, and what it gives.
CALLS = {
    "jnp.array([[0.0, 1.0], [2.0, 3.0]]).sum()": "6.0",
    "jnp.zeros((2, 3)).shape": "(2, 3)",
    "jnp.ones((6, 8)).at[:, 2:6].set(0).sum()": "24.0",
    "jnp.zeros((2, 2)).at[0, 1].set(A[0:2, 1:3].max())[0]": "[0. 6.]",
    "jnp.arange(3, dtype=jnp.float32)": "[0. 1. 2.]",
    "jax.random.PRNGKey(d2l.get_seed()).shape": "(2,)",
    "jax.random.normal(d2l.get_key(), (4, 6, 6, 3)).shape": "(4, 6, 6, 3)",
    "jax.random.normal(jax.random.PRNGKey(1), (3, 3, 3)).dtype": "float32",
    "jax.random.uniform(key, shape=(8, 8)).shape": "(8, 8)",
    "A.reshape((1,) + A.shape + (1,)).shape": "(1, 3, 4, 1)",
    "image.reshape((image.shape[0], -1)).shape": "(2, 192)",
    "jnp.concatenate([A, A + 1], 1).shape": "(3, 8)",
    "jnp.concatenate((image, image), axis=-1).shape": "(2, 8, 8, 6)",
    "jnp.pad(image, ((0, 0), (1, 0), (1, 0), (0, 0)), mode='constant').shape": "(2, 9, 9, 3)",
    "jnp.stack((A, A + 1), 0).shape": "(2, 3, 4)",
    "jnp.sqrt(A + 1)[0, 3]": "2.0",
    "float(jnp.abs(A - A).sum())": "0.0",
    "jnp.matmul(A, A.T)[0, 0]": "14.0",
    "A.mean(axis=0)": "[4. 5. 6. 7.]",
    "image.mean(axis=(0, 2, 3), keepdims=True).shape": "(1, 8, 1, 1)",
    "((A - A.mean(axis=0)) ** 2).mean(axis=0)[0]": "10.666667",
    "through(nn.Conv(1, kernel_size=(3, 3), padding='SAME'))": "(2, 8, 8, 1)",
    "through(nn.Conv(1, kernel_size=(1, 2), use_bias=False, padding='VALID'))": "(2, 8, 7, 1)",
    "through(nn.Conv(1, kernel_size=(3, 5), padding=(0, 1), strides=(3, 4)))": "(2, 2, 2, 1)",
    "through(nn.Conv(features=6, kernel_size=(5, 5), strides=4, padding=1))": "(2, 2, 2, 6)",
    "through(nn.Conv(4, (3, 3), (1, 1), (1, 1)))": "(2, 8, 8, 4)",
    "through(nn.Conv(6, (3, 3), feature_group_count=3, padding='same'))": "(2, 8, 8, 6)",
    "through(nn.Conv(6, (3, 3), kernel_init=nn.initializers.xavier_uniform()))": "(2, 8, 8, 6)",
    "through(nn.Sequential([nn.Conv(2, (1, 1)), nn.relu, lambda x: x.reshape((x.shape[0], -1))]))": "(2, 128)",
    "through(nn.Dense(5), A)": "(3, 5)",
    "through(nn.Dense(features=5, kernel_init=nn.initializers.xavier_uniform()), A)": "(3, 5)",
    "through(nn.BatchNorm(False))": "(2, 8, 8, 3)",
    "through(nn.BatchNorm(True), A)": "(3, 4)",
    "through(nn.Dropout(0.5, deterministic=True))": "(2, 8, 8, 3)",
    "nn.Dropout(0.5, deterministic=False).apply({}, A, rngs={'dropout': key}).shape": "(3, 4)",
    "nn.relu(A - 5)[1]": "[0. 0. 1. 2.]",
    "nn.sigmoid(0 * A)[0, 0]": "0.5",
    "nn.max_pool(image, window_shape=(3, 3), strides=(2, 2)).shape": "(2, 3, 3, 3)",
    "nn.max_pool(image, (3, 3), strides=(2, 2), padding='same').shape": "(2, 4, 4, 3)",
    "nn.avg_pool(image, (5, 5)).shape": "(2, 4, 4, 3)",
    "nn.avg_pool(image, window_shape=image.shape[1:3], strides=image.shape[1:3], padding='valid').sum() > 9": "False",
    "optax.softmax_cross_entropy_with_integer_labels(jnp.zeros((2, 4)), jnp.array([0, 3])).mean()": "1.3862944",
    "jax.nn.initializers.ones(key, (1, 2))": "[[1. 1.]]",
    "jax.nn.initializers.zeros(key, (1, 2))": "[[0. 0.]]",
    "nn.initializers.uniform()(key, (2, 3)).shape": "(2, 3)",
    "jax.tree_map(lambda p, g: p - 0.5 * g, {'a': A}, {'a': A})['a'][0]": "[0.  0.5 1.  1.5]",
    "jax.value_and_grad(lambda a: (a**2).sum())(A)[1][0]": "[0. 2. 4. 6.]",
    "partial(jax.jit, static_argnums=(1,))(lambda a, n: a * n)(A, 2)[0, 1]": "2.0",
    "jax.jit(nn.sigmoid)(A)[0, 0]": "0.5",
    "nn.sigmoid.__class__.__name__, nn.relu.__class__.__name__": "('PjitFunction', 'custom_jvp')",
    "d2l.add_to_class(type('Own', (), {}))(len)": "None",
    "d2l.corr2d(A, A[:2, :2])[0, 0]": "42.0",
    "d2l.transpose(A).shape": "(4, 3)",
    "through(d2l.ResNeXtBlock(32, 16, 1, use_1x1conv=True, strides=(2, 2), training=True))": "(2, 4, 4, 32)",
    "through(d2l.ResNeXtBlock(32, 16, 1), jnp.ones((1, 4, 4, 32)))": "(1, 4, 4, 32)",
    "through(d2l.Residual(3))": "(2, 8, 8, 3)",
    "jax.device_put(A, d2l.cpu()).shape, jax.devices('cpu')[0].platform, d2l.num_gpus()": "((3, 4), 'cpu', 0)",
    "jax.random.split(key).shape, jax.random.split(key)[0].dtype": "((2, 2), dtype('uint32'))",
    "f'{A.sum():.3f}'": "66.000",
    "[float(row[0]) for row in A], 2 in A[0]": "([0.0, 4.0, 8.0], True)",
}


@pytest.fixture(scope="module")
def names():
    load(jax.DIALECT)
    namespace = {}
    exec(IMPORTS, namespace)
    yield namespace
    unload(jax.DIALECT)


@pytest.mark.section("names", "jax")
@pytest.mark.parametrize("call", CALLS)
def test_calls(call, names):
    assert str(eval(call, names)) == CALLS[call]
