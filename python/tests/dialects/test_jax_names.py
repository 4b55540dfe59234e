"""Every name that notebooks use of JAX, Flax and optax is there, and what is not there is named."""

import pytest

import swiftconv.jax as jax
from swiftconv.dialects.switch import load, unload
from swiftconv.jax import d2l, flax, optax

NAMES = """
jax: Array device_count device_get device_put devices grad jit lax local_devices nn numpy random tree tree_flatten
jax: tree_leaves tree_map tree_structure tree_unflatten tree_util value_and_grad vjp vmap jacfwd jacrev hessian config
jax: jacobian jvp default_backend block_until_ready checkpoint custom_jvp
random: PRNGKey PRNGKeyArray bernoulli categorical choice fold_in gumbel key normal permutation randint split uniform
random: truncated_normal
numpy: abs add all allclose any arange argmax argmin argsort array array_equal asarray bool_ broadcast_to clip
numpy: concatenate cos cosh cumsum diag dot e einsum equal exp expand_dims eye float32 full hstack inf int32 isnan
numpy: linalg linspace log log1p matmul max maximum mean meshgrid min minimum moveaxis multiply nan ndarray newaxis
numpy: ones ones_like outer pad pi power prod repeat reshape round sign sin sinh size sort split sqrt square squeeze
numpy: stack std sum swapaxes take tan tanh tensordot tile transpose tril triu uint8 var vstack where zeros zeros_like
jaxnn: elu gelu initializers leaky_relu log_softmax logsumexp one_hot relu selu sigmoid silu softmax softplus tanh
initializers: constant glorot_uniform he_normal lecun_normal normal ones uniform variance_scaling xavier_normal
initializers: xavier_uniform zeros
linen: BatchNorm Conv Dense Dropout Embed LayerNorm Module Sequential avg_pool compact initializers max_pool param relu
linen: pool sigmoid softmax tanh gelu log_softmax one_hot Variable nowrap
module: apply bind clone init init_with_output param setup variable variables make_rng is_initializing unbind sow
core: FrozenDict freeze unfreeze copy pop
optax: sgd adam adamw chain apply_updates softmax_cross_entropy_with_integer_labels softmax_cross_entropy l2_loss
optax: add_decayed_weights clip_by_global_norm GradientTransformation trace scale
state: create apply_gradients replace
array: T astype at copy device dtype flatten item max mean min ndim reshape shape size std sum tolist transpose argmax
array: block_until_ready ravel squeeze swapaxes repeat prod any all dot cumsum clip round var nbytes devices
at: get set add multiply divide power min max apply
d2l: HyperParameters ProgressBoard Module DataModule Trainer Classifier FashionMNIST ResNeXtBlock Residual add_to_class
d2l: corr2d cpu gpu num_gpus try_gpu try_all_gpus use_svg_display plot show_images argmax astype float32 numpy randn
d2l: reduce_mean reduce_sum reshape to zeros transpose normal get_seed get_key LeNet SyntheticRegressionData tensor
d2l: arange concat stack ones exp matmul size swapaxes Timer Accumulator download DATA_URL set_figsize plt
d2l: LinearRegression SoftmaxRegression
"""

PLACES = {
    "jax": jax,
    "random": jax.random,
    "numpy": jax.numpy,
    "jaxnn": jax.nn,
    "initializers": flax.linen.initializers,
    "linen": flax.linen,
    "module": flax.linen.Module,
    "core": flax.core,
    "optax": optax,
    "state": flax.training.train_state.TrainState,
    "array": jax.Array,
    "at": type(jax.numpy.ones(1).at),
    "d2l": d2l,
}


@pytest.mark.section("names", "jax")
@pytest.mark.parametrize("line", NAMES.strip().splitlines(), ids=lambda line: line[:24])
def test_names_are_there(line):
    place, _, names = line.partition(": ")
    assert [each for each in names.split() if not hasattr(PLACES[place], each)] == []


@pytest.fixture
def dialect():
    load(jax.DIALECT)
    yield
    unload(jax.DIALECT)


def test_public_names_resolve(dialect):
    for name, target in jax.DIALECT.modules.items():
        if not name.startswith("tensorflow") or name == "tensorflow_datasets":
            namespace = {}
            exec(f"import {name}\nimport {target} as target", namespace)
    from d2l import jax as book
    from flax import linen as nn
    from jax import numpy as jnp

    assert book is d2l
    assert str(type(jnp.ones(1))) == "<class 'jaxlib.xla_extension.ArrayImpl'>"
    assert str(nn.Conv) == "<class 'flax.linen.linear.Conv'>"


def test_what_is_missing_is_named(dialect):
    import jax.numpy as jnp

    with pytest.raises(
        AttributeError,
        match="'jax.numpy' has no attribute 'matmull': not in swiftconv's jax dialect; near names: matmul",
    ):
        jnp.matmull  # noqa: B018
