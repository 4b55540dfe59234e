"""The names by which the book's sources call tensor functions in every framework."""

from __future__ import annotations

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
from swiftconv.dialects.aliases import calls_method

batch_matmul = bmm
concat = cat
nn_Module = sc.nn.Module
argmax = calls_method("argmax")
astype = calls_method("astype", "type")
expand_dims = calls_method("expand_dims", "unsqueeze")
reduce_mean = calls_method("reduce_mean", "mean")
reduce_sum = calls_method("reduce_sum", "sum")
repeat = calls_method("repeat")
reshape = calls_method("reshape")
size = calls_method("size", "numel")
swapaxes = calls_method("swapaxes")
to = calls_method("to")
transpose = calls_method("transpose", "t")


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
