"""Operations that store their result in the tensor they are called on, PyTorch's methods with a final underscore.

The tensor keeps its memory, shape and dtype. All of them raise RuntimeError for a leaf that requires grad while
operations are recorded, ValueError when the result has another shape, and TypeError when it has a kind of dtype that
the tensor cannot hold.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy

from ._core import TensorBase, apply, apply_in_place, is_grad_enabled, operators
from .ops.arithmetic import clamp
from .ops.indexing import advanced_assign
from .random import default_generator

if TYPE_CHECKING:
    from .tensor import Tensor

    Operand = Tensor | float

_ADD = operators["add"]
_SUB = operators["sub"]
_DIV = operators["div"]
_CLAMP = operators["clamp"]
_COPY = operators["copy"]
_MUL = operators["mul"]
_WHERE = operators["where"]

# How many random numbers are drawn at a time.
_PIECE = 1 << 16


def _computed(name: str, start: str, result: str, other: str | None = None) -> Callable[..., Tensor]:
    """The method that stores what the operator `name` computes; the rest is its example.

    Parameters
    ----------
    name : str
        The operator's name.
    start, result : str
        The elements before and after.
    other : str, optional
        The second operand; there is none for operators with one.
    """
    operator = operators[name]
    if other is None:

        def method(self: Tensor) -> Tensor:
            return apply_in_place(operator, self)

    else:

        def method(self: Tensor, other: Operand) -> Tensor:
            return apply_in_place(operator, self, other)

    method.__name__ = method.__qualname__ = f"{name}_"
    method.__doc__ = f"""Store ``self.{name}({"" if other is None else "other"})`` in the tensor, and return it.

    Example
    -------
    >>> x = sc.tensor([{start}])
    >>> _ = x.{name}_({other or ""})
    >>> x
    tensor([{result}])
    """
    return method


abs_ = _computed("abs", "-1.5, 2.0", "1.5000, 2.0000")
acos_ = _computed("acos", "1.0, 0.0", "0.0000, 1.5708")
asin_ = _computed("asin", "0.0, 1.0", "0.0000, 1.5708")
atan_ = _computed("atan", "0.0, 1.0", "0.0000, 0.7854")
ceil_ = _computed("ceil", "-1.5, 1.5", "-1.,  2.")
cos_ = _computed("cos", "0.0, 1.0", "1.0000, 0.5403")
cosh_ = _computed("cosh", "0.0, 1.0", "1.0000, 1.5431")
erf_ = _computed("erf", "0.0, 1.0", "0.0000, 0.8427")
exp_ = _computed("exp", "0.0, 1.0", "1.0000, 2.7183")
expm1_ = _computed("expm1", "0.0, 1.0", "0.0000, 1.7183")
floor_ = _computed("floor", "-1.5, 1.5", "-2.,  1.")
log_ = _computed("log", "1.0, 2.0", "0.0000, 0.6931")
log10_ = _computed("log10", "1.0, 100.0", "0., 2.")
log1p_ = _computed("log1p", "0.0, 1.0", "0.0000, 0.6931")
log2_ = _computed("log2", "1.0, 8.0", "0., 3.")
neg_ = _computed("neg", "1.0, -2.0", "-1.,  2.")
reciprocal_ = _computed("reciprocal", "1.0, 4.0", "1.0000, 0.2500")
relu_ = _computed("relu", "-1.0, 2.0", "0., 2.")
round_ = _computed("round", "1.4, 2.5", "1., 2.")
rsqrt_ = _computed("rsqrt", "1.0, 4.0", "1.0000, 0.5000")
sigmoid_ = _computed("sigmoid", "0.0, 1.0", "0.5000, 0.7311")
sign_ = _computed("sign", "-3.0, 0.0", "-1.,  0.")
sin_ = _computed("sin", "0.0, 1.0", "0.0000, 0.8415")
sinh_ = _computed("sinh", "0.0, 1.0", "0.0000, 1.1752")
sqrt_ = _computed("sqrt", "4.0, 9.0", "2., 3.")
square_ = _computed("square", "2.0, -3.0", "4., 9.")
tan_ = _computed("tan", "0.0, 1.0", "0.0000, 1.5574")
tanh_ = _computed("tanh", "0.0, 1.0", "0.0000, 0.7616")
trunc_ = _computed("trunc", "-1.5, 1.5", "-1.,  1.")
bitwise_not_ = _computed("bitwise_not", "0, 5", "-1, -6")
logical_not_ = _computed("logical_not", "0.0, 2.0", "1., 0.")

bitwise_and_ = _computed("bitwise_and", "3, 5", "2, 4", "6")
bitwise_or_ = _computed("bitwise_or", "3, 5", "7, 7", "6")
bitwise_xor_ = _computed("bitwise_xor", "3, 5", "5, 3", "6")
floor_divide_ = _computed("floor_divide", "7.0, -7.0", " 3., -4.", "2")
mul_ = _computed("mul", "1.0, 2.0", "3., 6.", "3")
pow_ = _computed("pow", "2.0, 3.0", "4., 9.", "2")
remainder_ = _computed("remainder", "7.0, -7.0", "1., 2.", "3")
eq_ = _computed("eq", "1.0, 2.0", "0., 1.", "2")
ne_ = _computed("ne", "1.0, 2.0", "1., 0.", "2")
lt_ = _computed("lt", "1.0, 2.0", "1., 0.", "2")
le_ = _computed("le", "1.0, 3.0", "1., 0.", "2")
gt_ = _computed("gt", "1.0, 3.0", "0., 1.", "2")
ge_ = _computed("ge", "1.0, 2.0", "0., 1.", "2")
atan2_ = _computed("atan2", "0.0, 1.0", "0.0000, 0.7854", "1.0")


def add_(self: Tensor, other: Operand, *, alpha: float = 1) -> Tensor:
    """Add ``alpha * other`` to the tensor, and return it.

    Example
    -------
    >>> sc.ones(2).add_(sc.tensor([1.0, 2.0]), alpha=10)
    tensor([11., 21.])
    """
    return apply_in_place(_ADD, self, other if alpha == 1 else apply(_MUL, other, alpha))


def sub_(self: Tensor, other: Operand, *, alpha: float = 1) -> Tensor:
    """Subtract ``alpha * other`` from the tensor, and return it.

    Example
    -------
    >>> sc.ones(2).sub_(sc.tensor([1.0, 2.0]), alpha=10)
    tensor([ -9., -19.])
    """
    return apply_in_place(_SUB, self, other if alpha == 1 else apply(_MUL, other, alpha))


def div_(self: Tensor, other: Operand, *, rounding_mode: str | None = None) -> Tensor:
    """Store ``self.div(other)`` in the tensor, and return it.

    Example
    -------
    >>> sc.tensor([7.0, -7.0]).div_(2, rounding_mode="floor")
    tensor([ 3., -4.])
    """
    if rounding_mode is None:
        return apply_in_place(_DIV, self, other)
    return apply_in_place(_COPY, self, self.div(other, rounding_mode=rounding_mode))


def clamp_(self: Tensor, min: Operand | None = None, max: Operand | None = None) -> Tensor:
    """Limit the elements to lie between `min` and `max`, and return the tensor.

    Example
    -------
    >>> sc.tensor([-2.0, 0.5, 2.0]).clamp_(-1, 1)
    tensor([-1.0000,  0.5000,  1.0000])
    """
    if min is None and max is None:
        raise ValueError("clamp_: at least one of min and max must be given")
    if self.dtype.is_floating_point and not isinstance(min, TensorBase) and not isinstance(max, TensorBase):
        lowest = -float("inf") if min is None else float(min)
        return apply_in_place(_CLAMP, self, lowest, float("inf") if max is None else float(max))
    return apply_in_place(_COPY, self, clamp(self.clone(), min, max))


def copy_(self: Tensor, src: Operand) -> Tensor:
    """Store `src`, broadcast and converted, in the tensor, and return it.

    Example
    -------
    >>> sc.zeros(2, 2).copy_(sc.tensor([1, 2]))
    tensor([[1., 2.],
            [1., 2.]])
    """
    if isinstance(src, TensorBase) and src.dtype.code > self.dtype.code:
        src = src.to(self.dtype)
    return apply_in_place(_COPY, self, src)


def fill_(self: Tensor, value: Operand) -> Tensor:
    """Set every element to `value`, and return the tensor.

    Example
    -------
    >>> sc.zeros(2).fill_(3)
    tensor([3., 3.])
    """
    if getattr(value, "ndim", 0):
        raise ValueError(f"fill_: expected one number, got shape {tuple(value.shape)}; use copy_ for several")
    return apply_in_place(_COPY, self, value)


def zero_(self: Tensor) -> Tensor:
    """Set every element to 0, and return the tensor.

    Example
    -------
    >>> sc.ones(2).zero_()
    tensor([0., 0.])
    """
    return apply_in_place(_COPY, self, 0)


def masked_fill_(self: Tensor, mask: Tensor, value: Operand) -> Tensor:
    """Set the elements where the mask is True to `value`, and return the tensor.

    Example
    -------
    >>> x = sc.tensor([1.0, -2.0, 3.0])
    >>> x.masked_fill_(x < 0, 0)
    tensor([1., 0., 3.])
    """
    return apply_in_place(_COPY, self, apply(_WHERE, mask, value, self))


def index_put_(self: Tensor, indices: tuple[Any, ...], values: Operand, accumulate: bool = False) -> Tensor:
    """Store `values` at the positions in `indices`, or add them there; repeated positions add up. Returns the tensor.

    Example
    -------
    >>> sc.zeros(3).index_put_((sc.tensor([1, 1]),), 1.0, accumulate=True)
    tensor([0., 2., 0.])
    """
    advanced_assign(self, tuple(indices), values, bool(accumulate))
    return self


def uniform_(self: Tensor, a: float = 0, b: float = 1, *, generator: numpy.random.Generator | None = None) -> Tensor:
    """Fill the tensor with random numbers, uniform between `a` and `b`, and return it.

    Example
    -------
    >>> x = sc.empty(3).uniform_(-1, 1)
    >>> bool((x.abs() <= 1).all())
    True
    """
    if not a <= b:
        raise ValueError(f"uniform_: a must not be above b, got {a} and {b}")
    draw = (generator or default_generator()).uniform
    kind = self.dtype.numpy_dtype.type

    def below(count: int) -> numpy.ndarray:
        values = draw(a, b, count).astype(kind)
        # In float32, a number just below `b` may have become `b`.
        return values if a == b else numpy.minimum(values, numpy.nextafter(kind(b), kind(a)))

    return _fill_with(self, below, "uniform_")


def normal_(
    self: Tensor, mean: float = 0, std: float = 1, *, generator: numpy.random.Generator | None = None
) -> Tensor:
    """Fill the tensor with normally distributed random numbers, and return it.

    Example
    -------
    >>> sc.empty(2, 3).normal_(0, 0.01).shape
    swiftconv.Size([2, 3])
    """
    if not std >= 0:
        raise ValueError(f"normal_: the standard deviation must not be negative, got {std}")
    draw = (generator or default_generator()).normal
    return _fill_with(self, lambda count: draw(mean, std, count), "normal_")


def _fill_with(target: Tensor, draw: Callable[[int], numpy.ndarray], name: str) -> Tensor:
    if not target.dtype.is_floating_point:
        raise TypeError(f"{name}: needs a floating-point tensor, got {target.dtype}")
    dtype = target.dtype.numpy_dtype
    if (target.requires_grad and is_grad_enabled()) or not target.is_contiguous():
        return apply_in_place(_COPY, target, draw(target.numel()).astype(dtype).reshape(tuple(target.shape)))
    # Piece by piece: the drawn numbers, in float64, would take twice the memory of most tensors.
    for piece in target.view(-1).split(_PIECE):
        apply_in_place(_COPY, piece, draw(piece.numel()).astype(dtype))
    return target


def requires_grad_(self: Tensor, requires_grad: bool = True) -> Tensor:
    """Say whether gradients of this leaf are wanted, and return it.

    Example
    -------
    >>> sc.zeros(2).requires_grad_()
    tensor([0., 0.], requires_grad=True)
    """
    self.requires_grad = bool(requires_grad)
    return self


negative_ = neg_
absolute_ = abs_
multiply_ = mul_
divide_ = div_
subtract_ = sub_
clip_ = clamp_
