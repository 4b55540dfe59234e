"""Rows of reductions, sums along axes, and products of matrices."""

import numpy as np

import references as ref
import swiftconv as sc
from optable import ALL_INTEGERS, INTEGERS, Failure, Row, draws, samples
from swiftconv.nn import functional as F


def reduction(name, reference, call=None, empty=True, **options):
    call = call or getattr(sc, name)
    made = [
        draws((7,)),
        draws(()),
        draws((2, 3)),
        draws((2, 3), dim=0),
        draws((3, 4), dim=-1, keepdim=True),
        draws((2, 3, 4), dim=(0, 2)),
        draws((2, 1, 3), dim=(1,)),
    ]
    if empty:
        made += [draws((0, 3), dim=0), draws((0, 3), dim=1), draws((2, 0))]
    failures = (
        Failure(lambda: call(sc.ones(2, 3), dim=2), IndexError, rf"{name}.*2.*out of range"),
        Failure(lambda: call(sc.ones(2, 3), dim=(0, 0)), (ValueError, IndexError), name),
        *options.pop("failures", ()),
    )

    def expected(x, dim=None, keepdim=False):
        return reference(x, axis=dim, keepdims=keepdim)

    return Row(name, call, expected, samples(*made), failures=failures, **options)


def no_elements(name):
    return Failure(lambda: getattr(sc, name)(sc.ones(0)), (ValueError, IndexError), name)


def no_integers(name):
    return Failure(
        lambda: getattr(sc, name)(sc.arange(3)), TypeError, rf"{name}: expected a floating-point tensor, got int64"
    )


def spread(name, reference):
    made = [
        draws((7,)),
        draws((2, 3), dim=0),
        draws((2, 3, 4), dim=(0, 2), correction=0),
        draws((3, 4), dim=1, keepdim=True, correction=2),
    ]

    def expected(x, dim=None, keepdim=False, correction=1):
        return reference(x, axis=dim, keepdims=keepdim, ddof=correction)

    return Row(name, getattr(sc, name), expected, samples(*made), failures=(no_integers(name),), accuracy=4)


def positions(name, reference):
    def expected(x, dim=None, keepdim=False):
        return reference(x, axis=dim, keepdims=keepdim)

    made = samples(draws((7,)), draws((2, 5)), draws((3, 4), dim=0), draws((2, 3, 4), dim=-1, keepdim=True))
    return Row(
        name,
        getattr(sc, name),
        expected,
        made,
        differentiable=False,
        integers=INTEGERS,
        failures=(no_elements(name), Failure(lambda: getattr(sc, name)(sc.ones(2), dim=3), IndexError, name)),
    )


def extreme(name, function, best, where):
    def expected(x, dim, keepdim=False):
        return best(x, axis=dim, keepdims=keepdim), where(x, axis=dim, keepdims=keepdim)

    made = samples(draws((7,), dim=0), draws((3, 4), dim=1), draws((2, 3, 4), dim=-2, keepdim=True))
    failures = (
        Failure(lambda: function(sc.ones(2, 3), dim=2), IndexError, "out of range"),
        Failure(lambda: function(sc.ones(2, 0), dim=1), IndexError, "no elements"),
    )
    return Row(name, function, expected, made, failures=failures, integers=INTEGERS)


def scan(name, reference):
    made = samples(draws((7,), dim=0), draws((3, 4), dim=0), draws((2, 3, 4), dim=-1), draws((0, 3), dim=1))
    failure = Failure(lambda: getattr(sc, name)(sc.ones(2), dim=1), IndexError, rf"{name}.*out of range")

    def expected(x, dim):
        return reference(x, axis=dim)

    return Row(name, getattr(sc, name), expected, made, failures=(failure,))


def along(name, reference):
    made = samples(draws((7,), dim=0), draws((3, 4), dim=0), draws((2, 3, 4), dim=-1))
    failures = (
        Failure(lambda: getattr(sc, name)(sc.ones(2), dim=1), IndexError, rf"{name}.*out of range"),
        Failure(lambda: getattr(sc, name)(sc.ones(2)), TypeError, rf"{name}: dim must be"),
    )
    return Row(name, getattr(sc, name), reference, made, failures=failures, accuracy=4)


def product(x, axis=None, keepdims=False):
    return np.prod(x, axis=axis, keepdims=keepdims)


MATRICES = (
    ((4,), (4,)),
    ((2, 3), (3,)),
    ((3,), (3, 2)),
    ((2, 3), (3, 4)),
    ((5, 2, 3), (3, 4)),
    ((2, 3), (5, 3, 4)),
    ((2, 1, 2, 3), (3, 3, 2)),
    ((0, 3), (3, 2)),
    ((2, 0), (0, 3)),
)

ROWS = [
    reduction("sum", np.sum, integers=ALL_INTEGERS, linear=True),
    reduction("prod", product, integers=INTEGERS),
    reduction("mean", np.mean, empty=False, linear=True, failures=(no_integers("mean"),)),
    reduction("amax", np.max, empty=False, integers=INTEGERS, failures=(no_elements("amax"),)),
    reduction("amin", np.min, empty=False, integers=INTEGERS, failures=(no_elements("amin"),)),
    reduction("any", np.any, differentiable=False, integers=ALL_INTEGERS),
    reduction("all", np.all, differentiable=False, integers=ALL_INTEGERS),
    reduction("logsumexp", lambda x, axis, keepdims: ref.logsumexp(x, axis, keepdims), empty=False, accuracy=4),
    spread("var", np.var),
    spread("std", np.std),
    positions("argmax", np.argmax),
    positions("argmin", np.argmin),
    extreme("max_dim", sc.max, np.max, np.argmax),
    extreme("min_dim", sc.min, np.min, np.argmin),
    scan("cumsum", np.cumsum),
    scan("cumprod", np.cumprod),
    along("softmax", ref.softmax),
    along("log_softmax", ref.log_softmax),
    Row(
        "matmul",
        sc.matmul,
        np.matmul,
        samples(*(draws(*pair) for pair in MATRICES)),
        linear=True,
        accuracy=4,
        integers=(np.int64, np.int32),
        failures=(
            Failure(
                lambda: sc.ones(2, 3) @ sc.ones(2, 3), ValueError, r"matmul: shapes \(2, 3\) and \(2, 3\) do not fit"
            ),
            Failure(lambda: sc.ones(2) @ sc.tensor(1.0), ValueError, "matmul: .* at least one axis"),
            Failure(lambda: sc.ones(2, 2) @ sc.eye(2).double(), TypeError, "matmul: dtypes float32 and float64 differ"),
        ),
    ),
    Row(
        "linear",
        F.linear,
        lambda x, w, b=None: x @ w.T + (0 if b is None else b),
        samples(
            draws((2, 3), (4, 3), (4,)), draws((5, 2, 3), (1, 3)), draws((3,), (2, 3), (2,)), draws((0, 3), (2, 3))
        ),
        linear=True,
        accuracy=4,
        failures=(
            Failure(lambda: F.linear(sc.ones(2, 3), sc.ones(4, 2)), ValueError, r"linear: x has shape \(2, 3\)"),
            Failure(lambda: F.linear(sc.ones(2, 3), sc.ones(4, 3), sc.ones(3)), ValueError, "linear: bias has shape"),
        ),
    ),
    Row(
        "corr2d",
        sc.corr2d,
        ref.corr2d,
        samples(
            *(
                draws(image, kernel)
                for image, kernel in (
                    ((3, 3), (2, 2)),
                    ((6, 8), (1, 2)),
                    ((5, 17), (3, 3)),
                    ((4, 33), (2, 5)),
                    ((7, 9), (7, 9)),
                    ((9, 1), (4, 1)),
                    ((1, 1), (1, 1)),
                )
            )
        ),
        linear=True,
        integers=ALL_INTEGERS,
        failures=(
            Failure(
                lambda: sc.corr2d(sc.ones(2, 2), sc.ones(3, 1)),
                ValueError,
                "corr2d: the kernel is larger than the image",
            ),
            Failure(lambda: sc.corr2d(sc.ones(1, 2, 2), sc.ones(1, 1)), ValueError, "corr2d: X has rank 3"),
            Failure(lambda: sc.corr2d(sc.ones(2, 2), sc.ones(2)), ValueError, "corr2d: K has rank 1"),
            Failure(lambda: sc.corr2d(sc.ones(2, 2), sc.ones(0, 1)), ValueError, "corr2d: K has shape"),
        ),
    ),
]
