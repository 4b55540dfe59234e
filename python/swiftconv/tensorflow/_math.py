"""Functions that change shapes, reduce axes, join tensors and multiply matrices."""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy

from .. import ops
from ..nn import functional as F
from ..tensor import Tensor as Native
from . import _dtypes
from ._create import cast, ones_like, range, sizes_of, zeros_like
from ._tensor import EagerTensor, Operand, convert, matched, native, sizes_text, spoken
from .errors import InvalidArgumentError, ending, fault

__all__ = [
    "add_n",
    "argmax",
    "argmin",
    "argsort",
    "boolean_mask",
    "broadcast_to",
    "clip_by_norm",
    "concat",
    "cumsum",
    "expand_dims",
    "gather",
    "matmul",
    "norm",
    "pad",
    "reduce_all",
    "reduce_any",
    "reduce_logsumexp",
    "reduce_max",
    "reduce_mean",
    "reduce_min",
    "reduce_prod",
    "reduce_std",
    "reduce_sum",
    "reduce_variance",
    "repeat",
    "reshape",
    "reverse",
    "roll",
    "split",
    "squeeze",
    "stack",
    "tensordot",
    "tile",
    "transpose",
    "unstack",
    "zeros_like",
]


def _plain_number(value: Any) -> Any:
    return value.numpy() if isinstance(value, Operand) else value


def reshape(tensor: Any, shape: Any, name: str | None = None) -> EagerTensor:
    """Return the elements in another shape; one size can be -1."""
    given, wanted = native(tensor), sizes_of(shape)
    try:
        return EagerTensor(given.reshape(wanted))
    except (ValueError, RuntimeError):
        count = builtins.abs(math.prod(wanted))
        rule = f"requires a multiple of {count}" if -1 in wanted else f"has {count}"
        text = f"Input to reshape is a tensor with {given.numel()} values, but the requested shape {rule}"
        raise fault("Reshape", text) from None


def transpose(a: Any, perm: Any = None, conjugate: bool = False, name: str = "transpose") -> EagerTensor:
    """Return the tensor with its axes in another order; reversed if no order is given."""
    given = native(a)
    order = sizes_of(perm) if perm is not None else tuple(builtins.range(given.ndim))[::-1]
    if len(order) != given.ndim:
        rule = f"transpose expects a vector of size {given.ndim}. But input(1) is a vector of size {len(order)}"
        raise fault("Transpose", rule)
    lacking = sorted(set(builtins.range(given.ndim)) - {each % given.ndim for each in order})
    if lacking:
        raise fault("Transpose", f"{lacking[0]} is missing from {{{','.join(map(str, order))}}}.")
    return EagerTensor(ops.permute(given, order))


def expand_dims(input: Any, axis: Any, name: str | None = None) -> EagerTensor:
    """Return the tensor with another axis of size 1."""
    return EagerTensor(ops.unsqueeze(native(input), int(axis)))


def squeeze(input: Any, axis: Any = None, name: str | None = None) -> EagerTensor:
    """Return the tensor without its axes of size 1, or without those given.

    Raises
    ------
    InvalidArgumentError
        When an axis that is given has another size.
    """
    given = native(input)
    if axis is None:
        return EagerTensor(ops.squeeze(given))
    axes = sizes_of(axis)
    for each in axes:
        if given.shape[each] != 1:
            raise fault("Squeeze", f"Can not squeeze dim[{each}], expected a dimension of 1, got {given.shape[each]}")
    return EagerTensor(ops.squeeze(given, axes)) if axes else convert(input)


def broadcast_to(input: Any, shape: Any, name: str | None = None) -> EagerTensor:
    """Return the tensor repeated along axes of size 1."""
    return EagerTensor(native(input).expand(sizes_of(shape)))


def tile(input: Any, multiples: Any, name: str | None = None) -> EagerTensor:
    """Return copies of the tensor side by side."""
    rank, given = len(sizes_of(multiples)), native(input).ndim
    if rank != given:
        raise fault("Tile", f"Expected multiples argument to be a vector of length {given} but got length {rank}")
    return EagerTensor(ops.tile(native(input), sizes_of(multiples)))


def repeat(input: Any, repeats: Any, axis: int | None = None, name: str | None = None) -> EagerTensor:
    """Return every element so many times; of the flattened tensor if no axis is given."""
    given = native(input)
    if axis is None:
        given, axis = given.reshape(-1), 0
    counts = _plain_number(repeats)
    each = [int(counts)] * given.shape[axis] if not hasattr(counts, "__len__") else [int(count) for count in counts]
    places = [place for place, count in enumerate(each) for _ in builtins.range(count)]
    return EagerTensor(ops.index_select(given, axis, native(places)))


def reverse(tensor: Any, axis: Any, name: str | None = None) -> EagerTensor:
    """Return the tensor turned around along axes."""
    return EagerTensor(native(tensor).flip(*sizes_of(axis)))


def roll(input: Any, shift: Any, axis: Any, name: str | None = None) -> EagerTensor:
    """Return the tensor shifted along axes; what leaves at one end comes back at the other."""
    return EagerTensor(ops.roll(native(input), sizes_of(shift), sizes_of(axis)))


def pad(
    tensor: Any, paddings: Any, mode: str = "CONSTANT", constant_values: Any = 0, name: str | None = None
) -> EagerTensor:
    """Return the tensor with a border: for every axis, how much before and after.

    Parameters
    ----------
    paddings : tensor or nested list
        ``[[before, after], ...]``, one pair for each axis.
    mode : {"CONSTANT", "REFLECT"}
        In lower case, too.
    """
    given = native(tensor)
    pairs = [[int(side) for side in pair] for pair in _plain_number(paddings)]
    if len(pairs) != given.ndim:
        rule = "The first dimension of paddings must be the rank of inputs"
        raise fault("Pad", f"{rule}[{len(pairs)},2] {sizes_text(given.shape)}")
    modes = {"constant": "constant", "reflect": "reflect"}
    if mode.lower() not in modes:
        raise ValueError(
            f"pad: mode {mode.upper()!r} is not in swiftconv's tensorflow dialect; use 'CONSTANT' or 'REFLECT'"
        )
    sides = [side for pair in reversed(pairs) for side in pair]
    if mode.lower() == "constant":
        return EagerTensor(F.pad(given, sides, "constant", float(_plain_number(constant_values))))
    return EagerTensor(F.pad(given, sides, modes[mode.lower()]))


def _joined(name: str, values: Sequence[Any], caller: str) -> list[Native]:
    first = next((each for each in values if isinstance(each, Operand)), None)
    hint = None if first is None else first.dtype
    parts = [native(each, None, hint) for each in values]
    for place, each in enumerate(parts):
        if each.dtype is not parts[0].dtype:
            names = [spoken(_dtypes.of_native(part.dtype)) for part in (parts[0], each)]
            raise InvalidArgumentError(
                f"cannot compute {name} as input #{place}(zero-based) was expected to be a {names[0]} tensor "
                f"but is a {names[1]} tensor {ending(name, caller)}"
            )
    return parts


def concat(values: Any, axis: Any, name: str = "concat") -> EagerTensor:
    """Return tensors joined along an axis."""
    if isinstance(values, Operand) and values.shape.rank == 0:
        values = [values]
    parts = _joined("ConcatV2", list(values), name)
    try:
        return EagerTensor(ops.cat(parts, int(axis)))
    except ValueError as error:
        raise fault("ConcatV2", _misfit(parts, int(axis), str(error)), name, f"ConcatV2_N_{len(parts)}") from None


def _misfit(parts: list[Native], axis: int, otherwise: str) -> str:
    """Return why tensors cannot be joined along an axis."""
    first = parts[0].shape
    for place, each in enumerate(parts):
        both = f"shape[0] = {sizes_text(first)} vs. shape[{place}] = {sizes_text(each.shape)}"
        if each.ndim != len(first):
            return f"ConcatOp : Ranks of all input tensors should match: {both}"
        for other in builtins.range(len(first)):
            if other != axis % len(first) and first[other] != each.shape[other]:
                return f"ConcatOp : Dimension {other} in both shapes must be equal: {both}"
    return f"ConcatOp : {otherwise}"


def stack(values: Any, axis: int = 0, name: str = "stack") -> EagerTensor:
    """Return tensors of one shape joined along a new axis."""
    parts = _joined("Pack", list(values), name)
    for place, each in enumerate(parts):
        if tuple(each.shape) != tuple(parts[0].shape):
            both = f"values[0].shape = {sizes_text(parts[0].shape)} != values[{place}].shape = {sizes_text(each.shape)}"
            raise fault("Pack", f"Shapes of all inputs must match: {both}", name, f"Pack_N_{len(parts)}")
    return EagerTensor(ops.stack(parts, axis))


def unstack(value: Any, num: int | None = None, axis: int = 0, name: str = "unstack") -> list[EagerTensor]:
    """Return the parts of a tensor along an axis."""
    return [EagerTensor(each) for each in ops.unbind(native(value), axis)]


def split(value: Any, num_or_size_splits: Any, axis: int = 0, num: Any = None, name: str = "split") -> list[Any]:
    """Return a tensor cut into so many equal parts, or into parts of the given sizes."""
    given, wanted = native(value), _plain_number(num_or_size_splits)
    if hasattr(wanted, "__len__"):
        return [EagerTensor(each) for each in ops.split(given, [int(size) for size in wanted], axis)]
    if given.shape[axis] % int(wanted):
        text = (
            f"Number of ways to split should evenly divide the split dimension, but got split_dim {axis} "
            f"(size = {given.shape[axis]}) and num_split {wanted}"
        )
        raise fault("Split", text, name, f"Split_num_split_{wanted}")
    return [EagerTensor(each) for each in ops.split(given, given.shape[axis] // int(wanted), axis)]


def gather(params: Any, indices: Any, validate_indices: Any = None, axis: int = 0, batch_dims: int = 0) -> EagerTensor:
    """Return the parts of a tensor at positions along an axis."""
    if batch_dims:
        raise ValueError("gather: batch_dims is not in swiftconv's tensorflow dialect")
    given, places = native(params), native(indices)
    axis = axis % given.ndim
    outside = numpy.flatnonzero((places.numpy() < 0) | (places.numpy() >= given.shape[axis]))
    if outside.size:
        where = ",".join(map(str, numpy.unravel_index(outside[0], tuple(places.shape))))
        value = places.reshape(-1)[int(outside[0])].item()
        raise fault("GatherV2", f"indices[{where}] = {value} is not in [0, {given.shape[axis]})")
    picked = ops.index_select(given, axis, places.reshape(-1))
    return EagerTensor(picked.reshape((*given.shape[:axis], *places.shape, *given.shape[axis + 1 :])))


def boolean_mask(tensor: Any, mask: Any, axis: int | None = None, name: str = "boolean_mask") -> EagerTensor:
    """Return the parts of a tensor where a mask holds."""
    return EagerTensor(native(tensor)[native(mask)])


# ---- Reductions ------------------------------------------------------------------------------------------------------


def _reduction(name: str, function: Callable[..., Native], says: str) -> Callable[..., EagerTensor]:
    def operation(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> EagerTensor:
        given = native(input_tensor)
        axes = tuple(builtins.range(given.ndim)) if axis is None else sizes_of(axis)
        for each in axes:
            if not -given.ndim <= each < given.ndim:
                raise fault(kernel, f"Invalid reduction dimension ({each} for input with {given.ndim} dimension(s)")
        # Without axes there is nothing to reduce, which most operators would take for all of them.
        return EagerTensor(function(given, axes, bool(keepdims)) if axes or not given.ndim else given)

    kernel = name.removeprefix("reduce_").capitalize()
    operation.__name__ = operation.__qualname__ = name
    operation.__doc__ = f"Return {says} over some axes, or over all."
    return operation


# The numbers that both TensorFlow and swiftconv have, by the names that errors use.
_NUMBERS = "float, double, int32, uint8, int64"


def _prod(given: Native, axes: tuple[int, ...], keepdims: bool) -> Native:
    for axis in sorted((each % given.ndim for each in axes), reverse=True):
        given = ops.prod(given, axis, keepdim=keepdims, dtype=given.dtype)
    return given


def _mean(given: Native, axes: tuple[int, ...], keepdims: bool) -> Native:
    if given.dtype is _dtypes.bool.native:
        raise InvalidArgumentError(
            f"Value for attr 'T' of bool is not in the list of allowed values: {_NUMBERS} {ending('Mean')}"
        )
    # Means of integers are rounded down to integers.
    if given.dtype.is_floating_point:
        return ops.mean(given, axes, keepdims)
    return ops.mean(given.to(_dtypes.float64.native), axes, keepdims).to(given.dtype)


reduce_sum = _reduction("reduce_sum", lambda t, axes, keep: ops.sum(t, axes, keep, dtype=t.dtype), "the sum")
reduce_mean = _reduction("reduce_mean", _mean, "the mean")
reduce_max = _reduction("reduce_max", ops.amax, "the largest element")
reduce_min = _reduction("reduce_min", ops.amin, "the smallest element")
reduce_prod = _reduction("reduce_prod", _prod, "the product")
reduce_variance = _reduction("reduce_variance", lambda t, a, k: ops.var(t, a, correction=0, keepdim=k), "the variance")
reduce_std = _reduction("reduce_std", lambda t, a, k: ops.std(t, a, correction=0, keepdim=k), "the standard deviation")
reduce_logsumexp = _reduction("reduce_logsumexp", ops.logsumexp, "the logarithm of the sum of exponentials")
reduce_any = _reduction("reduce_any", lambda t, axes, keep: ops.amax(t.to(_dtypes.int32.native), axes, keep) > 0, "any")
reduce_all = _reduction("reduce_all", lambda t, axes, keep: ops.amin(t.to(_dtypes.int32.native), axes, keep) > 0, "all")


def _check_axis(op: str, given: Native, axis: Any) -> None:
    rank = given.ndim
    if axis is not None and not -rank <= int(axis) < rank:
        raise fault(op, f"Expected dimension in the range [{-rank}, {rank}), but got {int(axis)}")


def argmax(input: Any, axis: Any = 0, output_type: Any = _dtypes.int64, name: str | None = None) -> EagerTensor:
    """Return the positions of the largest elements along an axis, the first one if none is given."""
    _check_axis("ArgMax", native(input), axis)
    return EagerTensor(
        ops.argmax(native(input), 0 if axis is None else int(axis)).to(_dtypes.as_dtype(output_type).native)
    )


def argmin(input: Any, axis: Any = 0, output_type: Any = _dtypes.int64, name: str | None = None) -> EagerTensor:
    """Return the positions of the smallest elements along an axis, the first one if none is given."""
    _check_axis("ArgMin", native(input), axis)
    return EagerTensor(
        ops.argmin(native(input), 0 if axis is None else int(axis)).to(_dtypes.as_dtype(output_type).native)
    )


def argsort(values: Any, axis: int = -1, direction: str = "ASCENDING", stable: bool = False) -> EagerTensor:
    """Return the positions that put the elements in order along an axis."""
    array = convert(values)._array()
    places = (-array if direction == "DESCENDING" else array).argsort(axis=axis, kind="stable")
    return convert(places.astype("int32"))


def cumsum(x: Any, axis: int = 0, exclusive: bool = False, reverse: bool = False, name: Any = None) -> EagerTensor:
    """Return the sums of the elements up to every position along an axis."""
    given = native(x)
    turned = given.flip(axis) if reverse else given
    result = ops.cumsum(turned, axis, dtype=given.dtype)
    if exclusive:
        result = result - turned
    return EagerTensor(result.flip(axis) if reverse else result)


def add_n(inputs: Sequence[Any], name: str | None = None) -> EagerTensor:
    """Return the sum of tensors of one shape."""
    parts = _joined("AddN", list(inputs), name or "")
    return EagerTensor(builtins.sum(parts[1:], parts[0]))


# ---- Matrices --------------------------------------------------------------------------------------------------------


def matmul(
    a: Any,
    b: Any,
    transpose_a: bool = False,
    transpose_b: bool = False,
    adjoint_a: bool = False,
    adjoint_b: bool = False,
    name: str | None = None,
    **_: Any,
) -> EagerTensor:
    """Return the product of matrices, or of stacks of them.

    Raises
    ------
    InvalidArgumentError
        When an operand has fewer than two axes or the sizes do not fit.
    """
    x, y = matched("MatMul", a, b, "_MklMatMul" if isinstance(a, Operand) and a.dtype.is_floating else None)
    is_batch = x.ndim > 2 or y.ndim > 2
    op = "BatchMatMulV2" if is_batch else "MatMul"
    kernel = f"__Mkl{op}" if x.dtype.is_floating_point else op
    for place, each in enumerate((x, y)):
        if each.ndim < 2:
            raise fault(op, f"In[{place}] ndims must be >= 2", kernel=kernel)
    x = ops.transpose(x, -1, -2) if transpose_a or adjoint_a else x
    y = ops.transpose(y, -1, -2) if transpose_b or adjoint_b else y
    try:
        return EagerTensor(ops.matmul(x, y))
    except ValueError:
        shapes = sizes_text(x.shape), sizes_text(y.shape)
        if is_batch:
            flags = f"{int(transpose_a or adjoint_a)} {int(transpose_b or adjoint_b)}"
            text = f"lhs mismatch rhs shape: {x.shape[-1]} vs. {y.shape[-2]}: {shapes[0]} {shapes[1]} {flags}"
        else:
            text = f"Matrix size-incompatible: In[0]: {shapes[0]}, In[1]: {shapes[1]}"
        raise fault(op, text, kernel=kernel) from None


def matvec(a: Any, b: Any, transpose_a: bool = False, adjoint_a: bool = False, name: str | None = None) -> EagerTensor:
    """Return the product of a matrix and a vector."""
    x, y = matched("MatVec", a, b)
    x = ops.transpose(x, -1, -2) if transpose_a or adjoint_a else x
    return EagerTensor(ops.matmul(x, y.unsqueeze(-1)).squeeze(-1))


def tensordot(a: Any, b: Any, axes: Any, name: str | None = None) -> EagerTensor:
    """Return the sum of products over axes of both tensors: over so many last and first ones, or over those listed."""
    x, y = matched("TensorDot", a, b)
    axes = _plain_number(axes)
    if not hasattr(axes, "__len__"):
        first, second = list(builtins.range(x.ndim - int(axes), x.ndim)), list(builtins.range(int(axes)))
    else:
        first, second = [list(sizes_of(each)) for each in axes]
    first, second = [each % x.ndim for each in first], [each % y.ndim for each in second]
    kept_x = [each for each in builtins.range(x.ndim) if each not in first]
    kept_y = [each for each in builtins.range(y.ndim) if each not in second]
    shape = (*[x.shape[each] for each in kept_x], *[y.shape[each] for each in kept_y])
    count = 1
    for each in first:
        count *= x.shape[each]
    left = ops.permute(x, kept_x + first).reshape(-1, count) if x.ndim else x.reshape(1, 1)
    right = ops.permute(y, second + kept_y).reshape(count, -1) if y.ndim else y.reshape(1, 1)
    return EagerTensor(ops.matmul(left, right).reshape(shape))


def norm(
    tensor: Any, ord: Any = "euclidean", axis: Any = None, keepdims: bool = False, name: Any = None
) -> EagerTensor:
    """Return the length of vectors, or the norm of matrices if there are two axes.

    Vectors have the Euclidean one, and those of order 1, 2 or infinity; matrices "fro" or "euclidean", 1 and infinity.
    """
    order = {"euclidean": 2, "fro": 2}.get(ord, ord)
    given = native(tensor)
    axes = None if axis is None else sizes_of(axis)
    if axes is None or len(axes) < 2 or isinstance(ord, str):
        return EagerTensor(ops.norm(given, order, axes, keepdim=keepdims))
    if order not in (1, float("inf")):
        raise NotImplementedError(f"norm: matrices of order {ord!r} are not in swiftconv's tensorflow dialect")
    rows, columns = (each % given.ndim for each in axes)
    summed, left = (rows, columns) if order == 1 else (columns, rows)
    result = given.abs().sum(summed, keepdim=True).amax(left, keepdim=True)
    return EagerTensor(result if keepdims else result.squeeze((rows, columns)))


def clip_by_norm(t: Any, clip_norm: Any, axes: Any = None, name: Any = None) -> EagerTensor:
    """Return the tensor, made shorter if its length exceeds a limit."""
    given = native(t)
    length = ops.sqrt(ops.sum(given * given))
    return EagerTensor(given * (float(clip_norm) / ops.maximum(length, native(float(clip_norm), given.dtype))))


Operand.__matmul__ = lambda self, other: matmul(self, other)  # type: ignore[attr-defined]
Operand.__rmatmul__ = lambda self, other: matmul(other, self)  # type: ignore[attr-defined]

__all__ += ["cast", "matvec", "ones_like", "range"]
