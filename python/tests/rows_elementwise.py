"""Rows of operators that work element by element."""

import numpy as np

import references as ref
import swiftconv as sc
from optable import ALL_INTEGERS, INTEGERS, Failure, Row, Sample, draws, samples
from swiftconv.nn import functional as F

# Sizes at which vector code begins, ends and leaves rests, and a tensor without axes.
SHAPES = ((), (1,), (3,), (17,), (2, 3), (3, 1, 4), (0, 3))


def unary(name, reference, low=-2.0, high=2.0, call=None, in_place=True, **options):
    call = call or getattr(sc, name)
    method = getattr(sc.Tensor, name + "_") if in_place else None
    made = samples(*(draws(shape, low=low, high=high) for shape in SHAPES))
    return Row(name, call, reference, made, in_place=method, **options)


def away_from_zero(shape):
    def make(rng):
        return Sample((np.asarray(rng.uniform(0.2, 2, shape) * rng.choice([-1, 1], shape)),))

    return make


def kinked(name, reference, **options):
    """An operator that is not smooth at 0: its samples keep away from it."""
    call = options.pop("call", None) or getattr(sc, name)
    return Row(name, call, reference, samples(*(away_from_zero(shape) for shape in SHAPES)), **options)


PAIRS = (((), ()), ((3,), (3,)), ((2, 3), (3,)), ((2, 1), (1, 3)), ((17,), ()), ((4, 1, 2), (3, 1)), ((0, 3), (3,)))


def binary(name, reference, low=-2.0, high=2.0, **options):
    call = options.pop("call", None) or getattr(sc, name)
    made = samples(*(draws(*pair, low=low, high=high) for pair in PAIRS))
    broadcast = Failure(lambda: call(sc.ones(2), sc.ones(3)), ValueError, r"\(2,\).*\(3,\)")
    failures = (broadcast, *options.pop("failures", ()))
    return Row(name, call, reference, made, failures=failures, **options)


def compared(name, reference):
    def ties(rng):
        values = rng.integers(-1, 2, (2, 9)).astype(float)
        return Sample((values, rng.integers(-1, 2, (9,)).astype(float)))

    return Row(
        name,
        getattr(sc, name),
        reference,
        samples(ties, draws((3,), ())),
        differentiable=False,
        integers=ALL_INTEGERS,
        failures=(Failure(lambda: getattr(sc, name)(sc.ones(2), sc.ones(3)), ValueError, name),),
    )


def bits(name, reference):
    def make(rng):
        return Sample((rng.integers(0, 99, (2, 5)), rng.integers(0, 99, (5,))))

    failure = Failure(lambda: getattr(sc, name)(sc.ones(2), sc.ones(2)), TypeError, rf"{name}: is defined for integers")
    return Row(
        name,
        getattr(sc, name),
        reference,
        samples(make),
        differentiable=False,
        failures=(failure,),
        integers=ALL_INTEGERS,
        in_place=getattr(sc.Tensor, name + "_"),
    )


def special(rng):
    return Sample((np.array([0.0, -1.5, np.nan, np.inf, -np.inf, 3.0]),))


ROWS = [
    unary("exp", np.exp),
    unary("expm1", np.expm1),
    unary("log", np.log, 0.1, 3),
    unary("log1p", np.log1p, -0.8, 3),
    unary("log2", np.log2, 0.1, 3),
    unary("log10", np.log10, 0.1, 3),
    unary("sqrt", np.sqrt, 0.1, 3),
    unary("rsqrt", lambda x: 1 / np.sqrt(x), 0.1, 3),
    unary("reciprocal", lambda x: 1 / x, 0.3, 3),
    unary("square", np.square, integers=INTEGERS),
    unary("erf", ref.erf),
    unary("sin", np.sin),
    unary("cos", np.cos),
    unary("tan", np.tan, -1, 1),
    unary("asin", np.arcsin, -0.9, 0.9),
    unary("acos", np.arccos, -0.9, 0.9),
    unary("atan", np.arctan),
    unary("sinh", np.sinh),
    unary("cosh", np.cosh),
    unary("tanh", np.tanh),
    unary("sigmoid", ref.sigmoid),
    unary("neg", np.negative, integers=(np.int64, np.int32)),
    unary("silu", ref.silu, call=F.silu, in_place=False),
    kinked("abs", np.abs, integers=INTEGERS, in_place=sc.Tensor.abs_),
    kinked("relu", lambda x: np.maximum(x, 0), integers=INTEGERS, in_place=sc.Tensor.relu_),
    kinked("sign", np.sign, integers=INTEGERS, in_place=sc.Tensor.sign_),
    unary("floor", np.floor, 0.1, 0.9, integers=INTEGERS),
    unary("ceil", np.ceil, 0.1, 0.9, integers=INTEGERS),
    unary("round", np.round, 0.1, 0.4, integers=INTEGERS),
    unary("trunc", np.trunc, 0.1, 0.9, integers=INTEGERS),
    Row("isnan", sc.isnan, np.isnan, samples(special), differentiable=False, integers=ALL_INTEGERS),
    Row("isinf", sc.isinf, np.isinf, samples(special), differentiable=False, integers=ALL_INTEGERS),
    Row("logical_not", sc.logical_not, np.logical_not, samples(special), differentiable=False, integers=ALL_INTEGERS),
    Row(
        "bitwise_not",
        sc.bitwise_not,
        np.invert,
        samples(lambda rng: Sample((rng.integers(0, 99, (2, 5)),))),
        differentiable=False,
        integers=ALL_INTEGERS,
        in_place=sc.Tensor.bitwise_not_,
        failures=(Failure(lambda: sc.bitwise_not(sc.ones(2)), TypeError, "bitwise_not: is defined for integers"),),
    ),
    Row(
        "gelu",
        F.gelu,
        ref.gelu,
        samples(draws((2, 9)), draws((17,), approximate="tanh"), draws((0,))),
        failures=(Failure(lambda: F.gelu(sc.ones(2), approximate="x"), ValueError, "gelu: approximate must be"),),
    ),
    Row("softplus", F.softplus, ref.softplus, samples(draws((2, 9)), draws((5,), beta=2.0, threshold=1.0))),
    kinked("leaky_relu", lambda x: np.where(x > 0, x, 0.01 * x), call=F.leaky_relu),
    Row(
        "clamp",
        sc.clamp,
        lambda x, min=None, max=None: np.clip(x, min, max),
        samples(draws((3, 7), min=-1.01, max=0.52), draws((5,), min=0.3), draws((5,), max=0.3)),
        in_place=sc.Tensor.clamp_,
        failures=(Failure(lambda: sc.clamp(sc.ones(2)), ValueError, "clamp: at least one of min and max"),),
    ),
    binary("add", np.add, integers=INTEGERS, in_place=sc.Tensor.add_),
    binary("sub", np.subtract, integers=INTEGERS, in_place=sc.Tensor.sub_),
    binary("mul", np.multiply, integers=INTEGERS, in_place=sc.Tensor.mul_),
    binary("div", np.divide, 0.4, 2, in_place=sc.Tensor.div_),
    binary(
        "floor_divide",
        np.floor_divide,
        0.4,
        2,
        differentiable=False,
        in_place=sc.Tensor.floor_divide_,
        failures=(Failure(lambda: sc.arange(3) // 0, ValueError, "floor_divide: integer division by zero"),),
    ),
    binary(
        "remainder",
        np.remainder,
        1.1,
        2,
        in_place=sc.Tensor.remainder_,
        twice=False,
        failures=(Failure(lambda: sc.arange(3) % 0, ValueError, "remainder: integer division by zero"),),
    ),
    binary(
        "pow",
        np.power,
        0.3,
        2,
        in_place=sc.Tensor.pow_,
        failures=(Failure(lambda: sc.arange(3) ** -1, ValueError, "pow: integers to negative integer powers"),),
    ),
    binary("maximum", np.maximum, integers=ALL_INTEGERS),
    binary("minimum", np.minimum, integers=ALL_INTEGERS),
    binary("atan2", np.arctan2, 0.2, 2, in_place=sc.Tensor.atan2_),
    *(
        compared(*each)
        for each in (
            ("eq", np.equal),
            ("ne", np.not_equal),
            ("lt", np.less),
            ("le", np.less_equal),
            ("gt", np.greater),
            ("ge", np.greater_equal),
        )
    ),
    bits("bitwise_and", np.bitwise_and),
    bits("bitwise_or", np.bitwise_or),
    bits("bitwise_xor", np.bitwise_xor),
    Row(
        "where",
        sc.where,
        np.where,
        samples(
            lambda rng: Sample((rng.random((2, 5)) > 0.5, rng.normal(size=(2, 5)), rng.normal(size=(5,)))),
            lambda rng: Sample((rng.random((3, 1)) > 0.5, rng.normal(size=()), rng.normal(size=(1, 4)))),
        ),
        failures=(
            Failure(
                lambda: sc.where(sc.ones(2), sc.ones(2), sc.ones(2)),
                TypeError,
                "where: the condition has dtype float32",
            ),
            Failure(lambda: sc.where(sc.ones(2) > 0, sc.ones(3), sc.ones(3)), ValueError, "where"),
        ),
    ),
]
