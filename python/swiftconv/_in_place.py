"""Operations that store their result in the tensor they are called on, PyTorch's methods with a final underscore.

The tensor keeps its memory, shape and dtype. All of them raise RuntimeError for a leaf that requires grad while
operations are recorded, ValueError when the result has another shape, and TypeError when it has a kind of dtype that
the tensor cannot hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._core import TensorBase, apply, apply_in_place, operators
from .random import default_generator

if TYPE_CHECKING:
    import numpy

    from .tensor import Tensor

    Operand = Tensor | float

_ADD = operators["add"]
_SUB = operators["sub"]
_MUL = operators["mul"]
_DIV = operators["div"]
_CLAMP = operators["clamp"]
_COPY = operators["copy"]
_PUT = operators["put_index"]
_WHERE = operators["where"]
_ABS = operators["abs"]
_ACOS = operators["acos"]
_ASIN = operators["asin"]
_ATAN = operators["atan"]
_CEIL = operators["ceil"]
_COS = operators["cos"]
_COSH = operators["cosh"]
_ERF = operators["erf"]
_EXP = operators["exp"]
_EXPM1 = operators["expm1"]
_FLOOR = operators["floor"]
_LOG = operators["log"]
_LOG10 = operators["log10"]
_LOG1P = operators["log1p"]
_LOG2 = operators["log2"]
_NEG = operators["neg"]
_RECIPROCAL = operators["reciprocal"]
_RELU = operators["relu"]
_ROUND = operators["round"]
_RSQRT = operators["rsqrt"]
_SIGMOID = operators["sigmoid"]
_SIGN = operators["sign"]
_SIN = operators["sin"]
_SINH = operators["sinh"]
_SQRT = operators["sqrt"]
_SQUARE = operators["square"]
_TAN = operators["tan"]
_TANH = operators["tanh"]
_TRUNC = operators["trunc"]
_BITWISE_NOT = operators["bitwise_not"]
_LOGICAL_NOT = operators["logical_not"]
_BITWISE_AND = operators["bitwise_and"]
_BITWISE_OR = operators["bitwise_or"]
_BITWISE_XOR = operators["bitwise_xor"]
_FLOOR_DIVIDE = operators["floor_divide"]
_POW = operators["pow"]
_REMAINDER = operators["remainder"]
_EQ = operators["eq"]
_NE = operators["ne"]
_LT = operators["lt"]
_LE = operators["le"]
_GT = operators["gt"]
_GE = operators["ge"]
_ATAN2 = operators["atan2"]


def abs_(self: Tensor) -> Tensor:
    """Store ``self.abs()`` in the tensor, and return it."""
    return apply_in_place(_ABS, self)


def acos_(self: Tensor) -> Tensor:
    """Store ``self.acos()`` in the tensor, and return it."""
    return apply_in_place(_ACOS, self)


def asin_(self: Tensor) -> Tensor:
    """Store ``self.asin()`` in the tensor, and return it."""
    return apply_in_place(_ASIN, self)


def atan_(self: Tensor) -> Tensor:
    """Store ``self.atan()`` in the tensor, and return it."""
    return apply_in_place(_ATAN, self)


def ceil_(self: Tensor) -> Tensor:
    """Store ``self.ceil()`` in the tensor, and return it."""
    return apply_in_place(_CEIL, self)


def cos_(self: Tensor) -> Tensor:
    """Store ``self.cos()`` in the tensor, and return it."""
    return apply_in_place(_COS, self)


def cosh_(self: Tensor) -> Tensor:
    """Store ``self.cosh()`` in the tensor, and return it."""
    return apply_in_place(_COSH, self)


def erf_(self: Tensor) -> Tensor:
    """Store ``self.erf()`` in the tensor, and return it."""
    return apply_in_place(_ERF, self)


def exp_(self: Tensor) -> Tensor:
    """Store ``self.exp()`` in the tensor, and return it."""
    return apply_in_place(_EXP, self)


def expm1_(self: Tensor) -> Tensor:
    """Store ``self.expm1()`` in the tensor, and return it."""
    return apply_in_place(_EXPM1, self)


def floor_(self: Tensor) -> Tensor:
    """Store ``self.floor()`` in the tensor, and return it."""
    return apply_in_place(_FLOOR, self)


def log_(self: Tensor) -> Tensor:
    """Store ``self.log()`` in the tensor, and return it."""
    return apply_in_place(_LOG, self)


def log10_(self: Tensor) -> Tensor:
    """Store ``self.log10()`` in the tensor, and return it."""
    return apply_in_place(_LOG10, self)


def log1p_(self: Tensor) -> Tensor:
    """Store ``self.log1p()`` in the tensor, and return it."""
    return apply_in_place(_LOG1P, self)


def log2_(self: Tensor) -> Tensor:
    """Store ``self.log2()`` in the tensor, and return it."""
    return apply_in_place(_LOG2, self)


def neg_(self: Tensor) -> Tensor:
    """Store ``self.neg()`` in the tensor, and return it."""
    return apply_in_place(_NEG, self)


def reciprocal_(self: Tensor) -> Tensor:
    """Store ``self.reciprocal()`` in the tensor, and return it."""
    return apply_in_place(_RECIPROCAL, self)


def relu_(self: Tensor) -> Tensor:
    """Store ``self.relu()`` in the tensor, and return it."""
    return apply_in_place(_RELU, self)


def round_(self: Tensor) -> Tensor:
    """Store ``self.round()`` in the tensor, and return it."""
    return apply_in_place(_ROUND, self)


def rsqrt_(self: Tensor) -> Tensor:
    """Store ``self.rsqrt()`` in the tensor, and return it."""
    return apply_in_place(_RSQRT, self)


def sigmoid_(self: Tensor) -> Tensor:
    """Store ``self.sigmoid()`` in the tensor, and return it."""
    return apply_in_place(_SIGMOID, self)


def sign_(self: Tensor) -> Tensor:
    """Store ``self.sign()`` in the tensor, and return it."""
    return apply_in_place(_SIGN, self)


def sin_(self: Tensor) -> Tensor:
    """Store ``self.sin()`` in the tensor, and return it."""
    return apply_in_place(_SIN, self)


def sinh_(self: Tensor) -> Tensor:
    """Store ``self.sinh()`` in the tensor, and return it."""
    return apply_in_place(_SINH, self)


def sqrt_(self: Tensor) -> Tensor:
    """Store ``self.sqrt()`` in the tensor, and return it."""
    return apply_in_place(_SQRT, self)


def square_(self: Tensor) -> Tensor:
    """Store ``self.square()`` in the tensor, and return it."""
    return apply_in_place(_SQUARE, self)


def tan_(self: Tensor) -> Tensor:
    """Store ``self.tan()`` in the tensor, and return it."""
    return apply_in_place(_TAN, self)


def tanh_(self: Tensor) -> Tensor:
    """Store ``self.tanh()`` in the tensor, and return it."""
    return apply_in_place(_TANH, self)


def trunc_(self: Tensor) -> Tensor:
    """Store ``self.trunc()`` in the tensor, and return it."""
    return apply_in_place(_TRUNC, self)


def bitwise_not_(self: Tensor) -> Tensor:
    """Store ``self.bitwise_not()`` in the tensor, and return it."""
    return apply_in_place(_BITWISE_NOT, self)


def logical_not_(self: Tensor) -> Tensor:
    """Store ``self.logical_not()`` in the tensor, and return it."""
    return apply_in_place(_LOGICAL_NOT, self)


def bitwise_and_(self: Tensor, other: Operand) -> Tensor:
    """Store ``self.bitwise_and(other)`` in the tensor, and return it."""
    return apply_in_place(_BITWISE_AND, self, other)


def bitwise_or_(self: Tensor, other: Operand) -> Tensor:
    """Store ``self.bitwise_or(other)`` in the tensor, and return it."""
    return apply_in_place(_BITWISE_OR, self, other)


def bitwise_xor_(self: Tensor, other: Operand) -> Tensor:
    """Store ``self.bitwise_xor(other)`` in the tensor, and return it."""
    return apply_in_place(_BITWISE_XOR, self, other)


def floor_divide_(self: Tensor, other: Operand) -> Tensor:
    """Store ``self.floor_divide(other)`` in the tensor, and return it."""
    return apply_in_place(_FLOOR_DIVIDE, self, other)


def mul_(self: Tensor, other: Operand) -> Tensor:
    """Store ``self.mul(other)`` in the tensor, and return it."""
    return apply_in_place(_MUL, self, other)


def pow_(self: Tensor, other: Operand) -> Tensor:
    """Store ``self.pow(other)`` in the tensor, and return it."""
    return apply_in_place(_POW, self, other)


def remainder_(self: Tensor, other: Operand) -> Tensor:
    """Store ``self.remainder(other)`` in the tensor, and return it."""
    return apply_in_place(_REMAINDER, self, other)


def eq_(self: Tensor, other: Operand) -> Tensor:
    """Store ``self.eq(other)`` in the tensor, and return it."""
    return apply_in_place(_EQ, self, other)


def ne_(self: Tensor, other: Operand) -> Tensor:
    """Store ``self.ne(other)`` in the tensor, and return it."""
    return apply_in_place(_NE, self, other)


def lt_(self: Tensor, other: Operand) -> Tensor:
    """Store ``self.lt(other)`` in the tensor, and return it."""
    return apply_in_place(_LT, self, other)


def le_(self: Tensor, other: Operand) -> Tensor:
    """Store ``self.le(other)`` in the tensor, and return it."""
    return apply_in_place(_LE, self, other)


def gt_(self: Tensor, other: Operand) -> Tensor:
    """Store ``self.gt(other)`` in the tensor, and return it."""
    return apply_in_place(_GT, self, other)


def ge_(self: Tensor, other: Operand) -> Tensor:
    """Store ``self.ge(other)`` in the tensor, and return it."""
    return apply_in_place(_GE, self, other)


def atan2_(self: Tensor, other: Operand) -> Tensor:
    """Store ``self.atan2(other)`` in the tensor, and return it."""
    return apply_in_place(_ATAN2, self, other)


def add_(self: Tensor, other: Operand, *, alpha: float = 1) -> Tensor:
    """Add ``alpha * other`` to the tensor, and return it.

    Example
    -------
    >>> sc.ones(2).add_(sc.tensor([1.0, 2.0]), alpha=10)
    tensor([11., 21.])
    """
    return apply_in_place(_ADD, self, other if alpha == 1 else apply(_MUL, other, alpha))


def sub_(self: Tensor, other: Operand, *, alpha: float = 1) -> Tensor:
    """Subtract ``alpha * other`` from the tensor, and return it."""
    return apply_in_place(_SUB, self, other if alpha == 1 else apply(_MUL, other, alpha))


def div_(self: Tensor, other: Operand, *, rounding_mode: str | None = None) -> Tensor:
    """Store ``self.div(other)`` in the tensor, and return it."""
    if rounding_mode is None:
        return apply_in_place(_DIV, self, other)
    return apply_in_place(_COPY, self, self.div(other, rounding_mode=rounding_mode))


def clamp_(self: Tensor, min: float | None = None, max: float | None = None) -> Tensor:
    """Limit the elements to lie between `min` and `max`, and return the tensor."""
    if min is None and max is None:
        raise ValueError("clamp_: at least one of min and max must be given")
    lowest = -float("inf") if min is None else float(min)
    return apply_in_place(_CLAMP, self, lowest, float("inf") if max is None else float(max))


def copy_(self: Tensor, src: Operand) -> Tensor:
    """Store `src`, broadcast and converted, in the tensor, and return it."""
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
    return apply_in_place(_COPY, self, value)


def zero_(self: Tensor) -> Tensor:
    """Set every element to 0, and return the tensor."""
    return apply_in_place(_COPY, self, 0)


def masked_fill_(self: Tensor, mask: Tensor, value: Operand) -> Tensor:
    """Set the elements where the mask is True to `value`, and return the tensor."""
    return apply_in_place(_COPY, self, apply(_WHERE, mask, value, self))


def index_put_(self: Tensor, indices: tuple[Any, ...], values: Operand, accumulate: bool = False) -> Tensor:
    """Store `values` at the positions in `indices`, or add them there; repeated positions add up. Returns the tensor.

    Example
    -------
    >>> sc.zeros(3).index_put_((sc.tensor([1, 1]),), 1.0, accumulate=True)
    tensor([0., 2., 0.])
    """
    return apply_in_place(_PUT, self, [values, *indices], tuple(range(len(indices))), bool(accumulate))


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
    return _fill_with(self, draw(a, b, tuple(self.shape)), "uniform_")


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
    return _fill_with(self, draw(mean, std, tuple(self.shape)), "normal_")


def _fill_with(target: Tensor, values: Any, name: str) -> Tensor:
    if not target.dtype.is_floating_point:
        raise TypeError(f"{name}: needs a floating-point tensor, got {target.dtype}")
    import numpy

    return apply_in_place(_COPY, target, numpy.asarray(values, target.dtype.numpy_dtype))


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
