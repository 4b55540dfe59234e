"""The names by which the book's sources call array functions in every framework, and those of devices."""

from __future__ import annotations

from typing import Any

from swiftconv.dialects.aliases import calls_method
from swiftconv.mxnet import gluon, np, npx
from swiftconv.mxnet.context import Context, cpu, gpu, num_gpus

abs = np.abs
arange = np.arange
batch_matmul = npx.batch_dot
concat = np.concatenate
cos = np.cos
cosh = np.cosh
exp = np.exp
eye = np.eye
float32 = np.float32
int32 = np.int32
int64 = np.int64
linspace = np.linspace
log = np.log
matmul = np.dot
meshgrid = np.meshgrid
nn_Module = gluon.Block
normal = np.random.normal
ones = np.ones
ones_like = np.ones_like
rand = np.random.rand
randn = np.random.randn
sigmoid = npx.sigmoid
sin = np.sin
sinh = np.sinh
stack = np.stack
tanh = np.tanh
tensor = np.array
zeros = np.zeros
zeros_like = np.zeros_like
argmax = calls_method("argmax")
astype = calls_method("astype")
expand_dims = calls_method("expand_dims")
numpy = calls_method("numpy", "asnumpy")
reduce_max = calls_method("reduce_max", "max")
reduce_mean = calls_method("reduce_mean", "mean")
reduce_sum = calls_method("reduce_sum", "sum")
reshape = calls_method("reshape")
swapaxes = calls_method("swapaxes")
to = calls_method("to", "as_in_context")


def repeat(x: Any, repeats: int, axis: int | None = None) -> Any:
    """Return every element, or every slice along an axis, several times."""
    return np.repeat(x, repeats, axis)


def size(a: Any) -> int:
    """Return the number of elements."""
    return a.size


def transpose(a: Any) -> Any:
    """Return the array with its axes in reverse order.

    Example
    -------
    >>> from swiftconv.mxnet import d2l, np
    >>> d2l.transpose(np.array([[1, 2]]))
    array([[1.],
           [2.]])
    """
    return a.T


def try_gpu(i: int = 0) -> Context:
    """Return the CPU, as there is no graphics card number `i`."""
    return gpu(i) if num_gpus() > i else cpu()


def try_all_gpus() -> list[Context]:
    """Return an empty list, as there are no graphics cards."""
    return [gpu(i) for i in range(num_gpus())]


_NOT_OURS = ("annotations", "calls_method", "Any", "gluon", "np", "npx", "Context")
__all__ = [each for each in list(globals()) if not each.startswith("_") and each not in _NOT_OURS]
