"""The dialect's names: what ``import mxnet`` and the modules below it resolve to."""

from __future__ import annotations

from ..dialects.switch import Dialect

_BELOW = (
    "autograd",
    "base",
    "context",
    "gluon",
    "gluon.block",
    "gluon.data",
    "gluon.data.vision",
    "gluon.data.vision.datasets",
    "gluon.data.vision.transforms",
    "gluon.loss",
    "gluon.nn",
    "gluon.parameter",
    "gluon.rnn",
    "gluon.trainer",
    "gluon.utils",
    "image",
    "initializer",
    "numpy",
    "numpy_extension",
)
_OTHER = {
    "mxnet": "swiftconv.mxnet",
    "mxnet.init": "swiftconv.mxnet.initializer",
    "mxnet.np": "swiftconv.mxnet.numpy",
    "mxnet.npx": "swiftconv.mxnet.numpy_extension",
    "mxnet.numpy.random": "swiftconv.mxnet.random",
    "mxnet.random": "swiftconv.mxnet.random",
    "d2l.mxnet": "swiftconv.mxnet.d2l",
}

# Classes that readers print, or meet in tracebacks, under the names the framework gives them.
_SHOWN = {
    "base": ("MXNetError",),
    "context": ("Context",),
    "gluon.block": ("Block", "HybridBlock"),
    "gluon.parameter": ("Constant", "DeferredInitializationError", "Parameter", "ParameterDict"),
    "gluon.trainer": ("Trainer",),
    "initializer": ("Constant", "Normal", "One", "Uniform", "Xavier", "Zero"),
}


def _classes() -> dict[str, str]:
    shown = {
        f"swiftconv.mxnet.{file}:{name}": f"mxnet.{file}:{name}" for file, names in _SHOWN.items() for name in names
    }
    return {"swiftconv.mxnet.array:ndarray": "mxnet.numpy:ndarray", **shown}


DIALECT = Dialect(
    name="mxnet",
    modules={**_OTHER, **{f"mxnet.{each}": f"swiftconv.mxnet.{each}" for each in _BELOW}},
    classes=_classes(),
)
