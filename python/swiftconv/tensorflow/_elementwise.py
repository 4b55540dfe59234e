"""Functions of every element, and the operators of tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import ops
from ..dialects import ties
from ..nn import functional as F
from ..tensor import Tensor as Native
from . import _dtypes
from ._tensor import EagerTensor, Operand, binary, convert, native
from .errors import InvalidArgumentError, ending

Unary = Callable[..., EagerTensor]


def _unary(name: str, function: Callable[[Native], Native], says: str, reals: bool = True) -> Unary:
    def operation(x: Any, name: str | None = None) -> EagerTensor:
        given = native(x)
        if reals and not given.dtype.is_floating_point:
            op = operation.__name__.capitalize()
            raise InvalidArgumentError(
                f"Value for attr 'T' of {_dtypes.of_native(given.dtype).name} is not in the list of allowed values: "
                "bfloat16, half, float, double, complex64, complex128\n"
                f"\t; NodeDef: {{{{node {op}}}}}; Op<name={op}; signature=x:T -> y:T; attr=T:type,allowed="
                f"[DT_BFLOAT16, DT_HALF, DT_FLOAT, DT_DOUBLE, DT_COMPLEX64, DT_COMPLEX128]> {ending(op)}"
            )
        return EagerTensor(function(given))

    operation.__name__ = operation.__qualname__ = name
    operation.__doc__ = f"Return {says}."
    return operation


def _binary(name: str, op: str, function: Callable[[Native, Native], Native], says: str) -> Callable[..., EagerTensor]:
    def operation(x: Any, y: Any, name: str | None = None) -> EagerTensor:
        return binary(op, function, x, y)

    operation.__name__ = operation.__qualname__ = name
    operation.__doc__ = f"Return {says}."
    return operation


exp = _unary("exp", ops.exp, "e to the power of every element")
expm1 = _unary("expm1", ops.expm1, "e to the power of every element, less one")
log = _unary("log", ops.log, "the natural logarithm")
log1p = _unary("log1p", ops.log1p, "the natural logarithm of one more")
sqrt = _unary("sqrt", ops.sqrt, "the square root")
rsqrt = _unary("rsqrt", ops.rsqrt, "one over the square root")
erf = _unary("erf", ops.erf, "the error function")
sin = _unary("sin", ops.sin, "the sine")
cos = _unary("cos", ops.cos, "the cosine")
tan = _unary("tan", ops.tan, "the tangent")
asin = _unary("asin", ops.asin, "the angle with this sine")
acos = _unary("acos", ops.acos, "the angle with this cosine")
atan = _unary("atan", ops.atan, "the angle with this tangent")
sinh = _unary("sinh", ops.sinh, "the hyperbolic sine")
cosh = _unary("cosh", ops.cosh, "the hyperbolic cosine")
tanh = _unary("tanh", ops.tanh, "the hyperbolic tangent")
sigmoid = _unary("sigmoid", ops.sigmoid, "1 / (1 + exp(-x))")
softplus = _unary("softplus", F.softplus, "log(1 + exp(x))")
reciprocal = _unary("reciprocal", ops.reciprocal, "one over every element")
abs = _unary("abs", ops.abs, "the distance from zero", False)
negative = _unary("negative", ops.neg, "the negative", False)
square = _unary("square", ops.square, "the square", False)
sign = _unary("sign", ops.sign, "-1, 0 or 1", False)
# These have no gradient at all in TensorFlow, not even zeros.
floor = _unary("floor", lambda x: ops.floor(x).detach(), "the next integer below", False)
ceil = _unary("ceil", lambda x: ops.ceil(x).detach(), "the next integer above", False)
round = _unary("round", lambda x: ops.round(x).detach(), "the nearest integer, the even one of two", False)
relu = _unary("relu", ops.relu, "every element, or zero if it is negative", False)
is_nan = _unary("is_nan", ops.isnan, "where elements are not numbers")
is_inf = _unary("is_inf", ops.isinf, "where elements are infinite")
is_finite = _unary("is_finite", ops.isfinite, "where elements are finite")
logical_not = _unary("logical_not", ops.logical_not, "the opposite", False)

add = _binary("add", "AddV2", ops.add, "the sum")
subtract = _binary("subtract", "Sub", ops.sub, "the difference")
multiply = _binary("multiply", "Mul", ops.mul, "the product, element by element")
maximum = _binary("maximum", "Maximum", ties.maximum, "the larger of two elements")
minimum = _binary("minimum", "Minimum", ties.minimum, "the smaller of two elements")
pow = _binary("pow", "Pow", ops.pow, "the first to the power of the second")
floordiv = _binary("floordiv", "FloorDiv", ops.floor_divide, "the quotient, rounded down")
floormod = _binary("floormod", "FloorMod", ops.remainder, "the rest of the division that rounds down")
atan2 = _binary("atan2", "Atan2", ops.atan2, "the angle of the point (y, x), given as y and x")
greater = _binary("greater", "Greater", ops.gt, "where the first is greater")
greater_equal = _binary("greater_equal", "GreaterEqual", ops.ge, "where the first is not less")
less = _binary("less", "Less", ops.lt, "where the first is less")
less_equal = _binary("less_equal", "LessEqual", ops.le, "where the first is not greater")
equal = _binary("equal", "Equal", ops.eq, "where both are equal")
not_equal = _binary("not_equal", "NotEqual", ops.ne, "where both differ")
logical_and = _binary("logical_and", "LogicalAnd", ops.logical_and, "where both hold")
logical_or = _binary("logical_or", "LogicalOr", ops.logical_or, "where one holds")
logical_xor = _binary("logical_xor", "LogicalXor", ops.logical_xor, "where just one holds")
squared_difference = _binary(
    "squared_difference", "SquaredDifference", lambda a, b: ops.square(a - b), "the square of the difference"
)
mod = floormod


def _quotient(a: Native, b: Native) -> Native:
    # Small integers are divided as float32, the others as float64.
    if not a.dtype.is_floating_point:
        wide = _dtypes.float32 if a.dtype.itemsize < 4 else _dtypes.float64
        a, b = a.to(wide.native), b.to(wide.native)
    return ops.div(a, b)


def divide(x: Any, y: Any, name: str | None = None) -> EagerTensor:
    """Return the quotient; integers give floating point."""
    first, second = convert(x), convert(y)
    if isinstance(x, Operand) and not isinstance(y, Operand):
        second = _leaning(y, first)
    elif isinstance(y, Operand) and not isinstance(x, Operand):
        first = convert(x, second.dtype)
    if first.dtype is not second.dtype:
        raise TypeError(f"`x` and `y` must have the same dtype, got {first.dtype!r} != {second.dtype!r}.")
    return binary("RealDiv", _quotient, first, second)


truediv = divide


def _leaning(value: Any, operand: Operand) -> EagerTensor:
    """Return a value as a tensor, of an operand's dtype if it can be."""
    try:
        return convert(value, None, operand.dtype)
    except TypeError:
        return convert(value)


def _plus(x: Operand, y: Any) -> EagerTensor:
    return add(x, y if isinstance(y, Operand) else _leaning(y, x))


def divide_no_nan(x: Any, y: Any, name: str | None = None) -> EagerTensor:
    """Return the quotient, and zero where the divisor is zero."""

    def quotient(a: Native, b: Native) -> Native:
        none = b == 0
        return ops.where(none, 0.0, a / ops.where(none, 1.0, b))

    return binary("DivNoNan", quotient, x, y)


def clip_by_value(t: Any, clip_value_min: Any, clip_value_max: Any, name: str | None = None) -> EagerTensor:
    """Return the elements, none below or above the limits."""
    return maximum(minimum(t, clip_value_max), clip_value_min)


def stop_gradient(input: Any, name: str | None = None) -> EagerTensor:
    """Return the value as if it had not been computed: no gradient goes through it."""
    return EagerTensor(native(input).detach())


def where(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> EagerTensor:
    """Return `x` where the condition holds and `y` elsewhere; without them, the positions where it holds."""
    chosen = native(condition)
    if x is None and y is None:
        return EagerTensor(ops.nonzero(chosen))
    return binary("SelectV2", lambda a, b: ops.where(chosen, a, b), x, y)


def _equality(operation: Callable[..., EagerTensor], when_different: bool) -> Callable[[Any, Any], Any]:
    def compare(self: Any, other: Any) -> Any:
        if other is None:
            return when_different
        try:
            return operation(self, other)
        except InvalidArgumentError as error:
            if "Incompatible shapes" in str(error):
                return convert(when_different)
            raise

    return compare


def _install() -> None:
    """Give tensors and variables their operators."""
    pairs = {
        "add": add,
        "sub": subtract,
        "mul": multiply,
        "truediv": divide,
        "floordiv": floordiv,
        "mod": floormod,
        "pow": pow,
        "and": logical_and,
        "or": logical_or,
        "xor": logical_xor,
    }
    for name, operation in pairs.items():
        setattr(Operand, f"__{name}__", lambda self, other, operation=operation: operation(self, other))
        setattr(Operand, f"__r{name}__", lambda self, other, operation=operation: operation(other, self))
    Operand.__add__ = _plus  # type: ignore[attr-defined]
    for name, operation in {"lt": less, "le": less_equal, "gt": greater, "ge": greater_equal}.items():
        setattr(Operand, f"__{name}__", lambda self, other, operation=operation: operation(self, other))
    Operand.__eq__ = _equality(equal, False)  # type: ignore[method-assign, assignment]
    Operand.__ne__ = _equality(not_equal, True)  # type: ignore[method-assign, assignment]


_install()
