"""The names by which the book's sources call tensor functions in every framework."""

from __future__ import annotations

from operator import methodcaller
from typing import Any

import swiftconv as sc
from swiftconv import (
    abs,
    arange,
    bmm,
    cat,
    cos,
    cosh,
    exp,
    eye,
    float32,
    int32,
    int64,
    linspace,
    log,
    matmul,
    meshgrid,
    normal,
    ones,
    ones_like,
    rand,
    randn,
    sigmoid,
    sin,
    sinh,
    stack,
    tanh,
    tensor,
    zeros,
    zeros_like,
)

batch_matmul = bmm
concat = cat
nn_Module = sc.nn.Module


def _function(name: str, method: str) -> Any:
    def call(x: Any, *args: Any, **kwargs: Any) -> Any:
        return methodcaller(method, *args, **kwargs)(x)

    call.__name__ = call.__qualname__ = name
    call.__doc__ = f"Return ``x.{method}(...)``."
    return call


argmax = _function("argmax", "argmax")
astype = _function("astype", "type")
expand_dims = _function("expand_dims", "unsqueeze")
reduce_mean = _function("reduce_mean", "mean")
reduce_sum = _function("reduce_sum", "sum")
repeat = _function("repeat", "repeat")
reshape = _function("reshape", "reshape")
size = _function("size", "numel")
swapaxes = _function("swapaxes", "swapaxes")
to = _function("to", "to")
transpose = _function("transpose", "t")


def numpy(x: sc.Tensor) -> Any:
    """Return an array on the tensor's memory, outside of any graph."""
    return x.detach().numpy()


__all__ = [
    "abs",
    "arange",
    "argmax",
    "astype",
    "batch_matmul",
    "concat",
    "cos",
    "cosh",
    "exp",
    "expand_dims",
    "eye",
    "float32",
    "int32",
    "int64",
    "linspace",
    "log",
    "matmul",
    "meshgrid",
    "nn_Module",
    "normal",
    "numpy",
    "ones",
    "ones_like",
    "rand",
    "randn",
    "reduce_mean",
    "reduce_sum",
    "repeat",
    "reshape",
    "sigmoid",
    "sin",
    "sinh",
    "size",
    "stack",
    "swapaxes",
    "tanh",
    "tensor",
    "to",
    "transpose",
    "zeros",
    "zeros_like",
]
