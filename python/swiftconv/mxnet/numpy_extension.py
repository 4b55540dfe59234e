"""``mxnet.numpy_extension`` (``npx``): what neural networks need beyond NumPy."""

from __future__ import annotations

import math
from typing import Any

from .. import ops
from .._core import from_buffer
from ..dialects.switch import missing
from ..nn import functional
from . import random
from ._streams import stream
from ._values import as_dtype, unwrap, wrap
from .array import ndarray
from .autograd import is_training, run
from .base import MXNetError
from .context import Context, cpu, current_context, gpu, num_gpus

__all__ = ["Context", "MXNetError", "cpu", "current_context", "gpu", "num_gpus", "random"]


def set_np(shape: bool = True, array: bool = True, dtype: bool = False) -> None:
    """Do nothing: arrays always behave as NumPy's."""


def reset_np() -> None:
    """Do nothing: arrays always behave as NumPy's."""


def is_np_array() -> bool:
    """Tell whether layers take NumPy's kind of arrays: always."""
    return True


is_np_shape = is_np_array


def waitall() -> None:
    """Do nothing: results are there when an operation returns."""


def relu(data: ndarray) -> ndarray:
    """Return the positive parts.

    Example
    -------
    >>> from swiftconv.mxnet import np, npx
    >>> npx.relu(np.array([-1, 2]))
    array([0., 2.])
    """
    return wrap(run(ops.relu, data._value))


def sigmoid(data: ndarray) -> ndarray:
    """Return the logistic function."""
    return wrap(run(ops.sigmoid, data._value))


_ACTIVATIONS = {
    "relu": ops.relu,
    "sigmoid": ops.sigmoid,
    "tanh": ops.tanh,
    "softrelu": functional.softplus,
    "softsign": functional.softsign,
}


def activation(data: ndarray, act_type: str = "relu", **_: Any) -> ndarray:
    """Return an activation function: relu, sigmoid, tanh, softrelu or softsign."""
    if act_type not in _ACTIVATIONS:
        raise MXNetError(f"activation: act_type is {act_type!r}, expected one of {', '.join(_ACTIVATIONS)}")
    return wrap(run(_ACTIVATIONS[act_type], data._value))


def leaky_relu(data: ndarray, act_type: str = "leaky", slope: float = 0.25, **_: Any) -> ndarray:
    """Return a leaky, exponential or Gaussian linear unit: leaky, elu, selu or gelu."""
    functions = {
        "leaky": lambda x: functional.leaky_relu(x, slope),
        "elu": lambda x: functional.elu(x, slope),
        "selu": functional.selu,
        "gelu": functional.gelu,
    }
    return wrap(run(functions[act_type], data._value))


def _normalized(function: Any, data: ndarray, axis: int, temperature: Any, length: Any, use_length: bool) -> ndarray:
    if length is not None or use_length:
        raise NotImplementedError(f"{function.__name__}: length is not in swiftconv's mxnet dialect; mask the scores")
    return wrap(run(lambda x: function(x if temperature is None else x / temperature, axis), data._value))


def softmax(
    data: ndarray, axis: int = -1, length: Any = None, temperature: float | None = None, use_length: bool = False
) -> ndarray:
    """Return exponentials that sum to one along an axis."""
    return _normalized(ops.softmax, data, axis, temperature, length, use_length)


def log_softmax(
    data: ndarray, axis: int = -1, length: Any = None, temperature: float | None = None, use_length: bool = False
) -> ndarray:
    """Return the logarithm of `softmax`."""
    return _normalized(ops.log_softmax, data, axis, temperature, length, use_length)


def one_hot(data: ndarray, depth: int, on_value: float = 1.0, off_value: float = 0.0, dtype: Any = None) -> ndarray:
    """Return vectors of `depth` entries with `on_value` at each position of `data`."""

    def compute() -> Any:
        codes = functional.one_hot(data._value.to(as_dtype("int64")), depth).to(as_dtype(dtype))
        return codes * (on_value - off_value) + off_value

    return wrap(run(compute))


def pick(data: ndarray, index: ndarray, axis: int = -1, keepdims: bool = False, **_: Any) -> ndarray:
    """Return the element that `index` names along an axis."""

    def compute() -> Any:
        places = index._value.detach().to(as_dtype("int64"))
        if places.ndim < data.ndim:
            places = ops.unsqueeze(places, axis)
        found = ops.gather(data._value, axis, places)
        return found if keepdims else ops.squeeze(found, axis)

    return wrap(run(compute))


def batch_dot(a: ndarray, b: ndarray, transpose_a: bool = False, transpose_b: bool = False, **_: Any) -> ndarray:
    """Return the products of pairs of matrices."""

    def compute() -> Any:
        left = ops.transpose(a._value, -1, -2) if transpose_a else a._value
        right = ops.transpose(b._value, -1, -2) if transpose_b else b._value
        return ops.matmul(left, right)

    return wrap(run(compute))


def dropout(data: ndarray, p: float = 0.5, mode: str = "training", axes: tuple[int, ...] = (), **_: Any) -> ndarray:
    """Set elements to zero at random while layers train, and scale up the others."""
    if not (is_training() or mode == "always"):
        return data
    sizes = [1 if axis in axes else size for axis, size in enumerate(data.shape)]
    kept = stream.parallel_uniform(math.prod(sizes)).reshape(sizes) < 1 - p
    factors = from_buffer(kept.astype("float32") * (0 if p == 1 else 1 / (1 - p)))
    return wrap(run(lambda: data._value * factors.to(data._value.dtype)))


def reshape_like(lhs: ndarray, rhs: ndarray) -> ndarray:
    """Return the elements of `lhs` in the shape of `rhs`."""
    return lhs.reshape(rhs.shape)


def fully_connected(
    x: ndarray,
    weight: ndarray,
    bias: ndarray | None = None,
    num_hidden: int | None = None,
    no_bias: bool = False,
    flatten: bool = True,
) -> ndarray:
    """Return ``x @ weight.T + bias``, with all axes but the first in a row if `flatten`."""

    def compute() -> Any:
        rows = x._value.reshape(len(x), -1) if flatten and x.ndim != 2 else x._value
        return functional.linear(rows, unwrap(weight), None if no_bias else unwrap(bias))

    return wrap(run(compute))


def seed(seed: int, ctx: Any = "all") -> None:
    """Start the stream of random numbers again."""
    random.seed(seed)


def save(file: str, arr: Any) -> None:
    """Write an array, or a list or dictionary of arrays, to a file."""
    from .gluon.files import write_arrays

    write_arrays(file, arr)


def load(file: str) -> Any:
    """Return what `save` has written.

    Example
    -------
    >>> import os, tempfile
    >>> from swiftconv.mxnet import np, npx
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     npx.save(os.path.join(folder, "x"), {"x": np.arange(2)})
    ...     npx.load(os.path.join(folder, "x"))
    {'x': array([0., 1.])}
    """
    from .gluon.files import read_arrays

    return read_arrays(file)


__getattr__ = missing("mxnet", "mxnet.numpy_extension", globals())
