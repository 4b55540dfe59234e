"""The dialect's names: what ``import jax``, ``flax``, ``optax`` and the modules below them resolve to."""

from __future__ import annotations

from ..dialects.switch import Dialect

_OWN = {
    "jax": "",
    "jax.lax": ".lax",
    "jax.nn": ".nn",
    "jax.nn.initializers": ".nn.initializers",
    "jax.numpy": ".numpy",
    "jax.numpy.linalg": ".linalg",
    "jax.random": ".random",
    "jax.tree": ".tree",
    "jax.tree_util": ".tree_util",
    "jaxlib": ".jaxlib",
    "jaxlib.xla_extension": ".jaxlib",
    "flax": ".flax",
    "flax.core": ".flax.core",
    "flax.core.frozen_dict": ".flax.core",
    "flax.errors": ".flax.errors",
    "flax.linen": ".flax.linen",
    "flax.linen.initializers": ".nn.initializers",
    "flax.serialization": ".flax.serialization",
    "flax.struct": ".flax.struct",
    "flax.training": ".flax.training",
    "flax.training.train_state": ".flax.training.train_state",
    "flax.traverse_util": ".flax.traverse_util",
    "optax": ".optax",
    "tensorflow_datasets": ".tensorflow_datasets",
    "d2l.jax": ".d2l",
}

# The book's JAX edition reads its data with TensorFlow.
_TENSORFLOW = {
    name: f"swiftconv.{name}"
    for name in (
        "tensorflow",
        "tensorflow.data",
        "tensorflow.image",
        "tensorflow.keras",
        "tensorflow.keras.datasets",
    )
}

DIALECT = Dialect(
    name="jax",
    tab="jax",
    modules={**{name: f"swiftconv.jax{place}" for name, place in _OWN.items()}, **_TENSORFLOW},
    classes={
        "swiftconv.jax._array:Array": "jaxlib.xla_extension:ArrayImpl",
        "swiftconv.jax._devices:CpuDevice": "jaxlib.xla_extension:CpuDevice",
        "swiftconv.jax._transforms:PjitFunction": "jaxlib.xla_extension:PjitFunction",
        "swiftconv.jax._transforms:custom_jvp": "jax._src.custom_derivatives:custom_jvp",
        "swiftconv.jax.flax.core:FrozenDict": "flax.core.frozen_dict:FrozenDict",
        "swiftconv.jax.flax.core:Variable": "flax.core.scope:Variable",
        **{
            f"swiftconv.jax.flax.layers:{name}": f"flax.linen.{file}:{name}"
            for name, file in {
                "BatchNorm": "normalization",
                "Conv": "linear",
                "Dense": "linear",
                "Dropout": "stochastic",
                "Embed": "linear",
                "LayerNorm": "normalization",
                "Sequential": "combinators",
            }.items()
        },
    },
)
