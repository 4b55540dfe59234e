"""Rows of layers and losses."""

import numpy as np

import references as ref
import swiftconv as sc
from optable import Failure, Row, Sample, draws, samples
from swiftconv.nn import functional as F


def by_rank(function_of_rank):
    """One function for the convolutions of one, two and three axes."""
    return lambda x, *rest, **arguments: function_of_rank[x.ndim - 2](x, *rest, **arguments)


CONVOLUTIONS = samples(
    draws((1, 1, 3, 3), (1, 1, 2, 2)),
    draws((2, 3, 5, 4), (4, 3, 3, 2), (4,), padding=1),
    draws((1, 2, 7, 8), (2, 2, 3, 3), stride=2, padding=(1, 2)),
    draws((1, 2, 6, 6), (4, 1, 2, 2), (4,), stride=(2, 1), groups=2),
    draws((2, 3, 5, 5), (3, 1, 3, 3), groups=3, padding="same"),
    draws((1, 2, 7, 7), (2, 2, 3, 3), dilation=2, padding="same"),
    draws((1, 1, 2, 2), (1, 1, 2, 2), padding=3),
    draws((1, 2, 4, 4), (3, 2, 4, 4), (3,)),
    draws((1, 2, 5, 5), (2, 2, 1, 1), stride=3, padding="valid"),
    draws((2, 2, 9), (4, 1, 3), (4,), stride=2, padding=1, groups=2),
    draws((1, 2, 3, 4, 5), (2, 2, 2, 3, 2), (2,), stride=(1, 2, 1), padding=(1, 0, 1)),
    draws((0, 2, 4, 4), (3, 2, 2, 2)),
)

conv = by_rank({1: F.conv1d, 2: F.conv2d, 3: F.conv3d})
conv_transpose = by_rank({1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d})


def image(*shape):
    """Elements that differ by much more than a finite difference, so that the largest one stays the largest."""

    def make(rng):
        return rng.permutation(int(np.prod(shape))).reshape(shape) / 4.0

    return make


def pictures(*shapes_and_arguments):
    return samples(
        *(
            lambda rng, shape=shape, arguments=arguments: Sample((image(*shape)(rng),), arguments)
            for shape, arguments in shapes_and_arguments
        )
    )


def classified(**arguments):
    return lambda rng: Sample((rng.normal(size=(5, 3)), rng.integers(0, 3, 5)), arguments)


def likely(rng):
    return Sample((ref.log_softmax(rng.normal(size=(5, 3)), 1), rng.integers(0, 3, 5)))


def normalized(*shape, channels, training):
    """An input, running mean and variance, weight and bias."""

    def make(rng):
        statistics = (rng.normal(size=channels), rng.uniform(0.5, 2, channels))
        affine = (rng.normal(size=channels), rng.normal(size=channels))
        return Sample((rng.normal(size=shape), *statistics, *affine), {"training": training})

    return make


def batch_norm(x, running_mean, running_var, weight, bias, training):
    # The running values change in training, and are not differentiated.
    statistics = [sc.as_tensor(each).detach().clone() for each in (running_mean, running_var)]
    return F.batch_norm(x, *statistics, weight, bias, training=training)


def batch_norm_reference(x, running_mean, running_var, weight, bias, training):
    return ref.batch_norm(x, running_mean, running_var, weight, bias, training)


def elementwise_loss(name, call, formula):
    def expected(x, target, reduction="mean"):
        return ref.reduced(formula(x, target), reduction)

    made = samples(*(draws((2, 3), (2, 3), reduction=reduction) for reduction in ("mean", "sum", "none")))
    failures = (
        Failure(lambda: call(sc.ones(2), sc.ones(3)), ValueError, rf"{name}: input has shape \(2,\) and target \(3,\)"),
        Failure(lambda: call(sc.ones(2), sc.ones(2), reduction="x"), ValueError, rf"{name}: reduction must be"),
    )
    return Row(name, call, expected, made, failures=failures)


ROWS = [
    Row(
        "convolution",
        conv,
        ref.convolution,
        CONVOLUTIONS,
        linear=True,
        accuracy=8,
        failures=(
            Failure(
                lambda: F.conv2d(sc.ones(64, 28, 28), sc.ones(6, 1, 5, 5)),
                ValueError,
                r"conv2d: x has rank 3 \(64, 28, 28\), expected 4 \(N, C, H, W\); for grey images use "
                r"x.reshape\(64, 1, 28, 28\)",
            ),
            Failure(
                lambda: F.conv2d(sc.ones(64, 3, 28, 28), sc.ones(6, 1, 5, 5)),
                ValueError,
                r"conv2d: x has 3 channels but weight expects 1 \(x \(64, 3, 28, 28\), weight \(6, 1, 5, 5\)\); "
                r"weight.shape\[1\] must be x.shape\[1\] / groups",
            ),
            Failure(
                lambda: F.conv2d(sc.ones(1, 1, 2, 2), sc.ones(1, 1, 3, 3)), ValueError, "conv2d: the kernel is larger"
            ),
            Failure(lambda: F.conv2d(sc.ones(1, 1, 2, 2), sc.ones(1, 1, 1, 1), stride=0), ValueError, "conv2d: stride"),
            Failure(
                lambda: F.conv2d(sc.ones(1, 1, 2, 2), sc.ones(1, 1, 1, 1), stride=-1), ValueError, "conv2d: stride"
            ),
            Failure(
                lambda: F.conv2d(sc.ones(1, 1, 2, 2), sc.ones(1, 1, 1, 1), padding=-1), ValueError, "conv2d: padding"
            ),
            Failure(
                lambda: F.conv2d(sc.ones(1, 1, 2, 2), sc.ones(1, 1, 1, 1), dilation=0), ValueError, "conv2d: dilation"
            ),
            Failure(lambda: F.conv2d(sc.ones(1, 1, 2, 2), sc.ones(1, 1, 1, 1), groups=0), ValueError, "conv2d: groups"),
            Failure(
                lambda: F.conv2d(sc.ones(1, 1, 2, 2), sc.ones(1, 1, 1, 1), sc.ones(2)),
                ValueError,
                r"conv2d: bias has shape \(2,\)",
            ),
            Failure(
                lambda: F.conv2d(sc.ones(1, 1, 2, 2), sc.ones(1, 1, 1, 1).double()),
                TypeError,
                "conv2d: x is float32 but weight is float64",
            ),
            Failure(lambda: F.conv2d(sc.ones(1, 1, 2, 2), sc.ones(1, 1)), ValueError, "conv2d: weight has rank 2"),
            Failure(
                lambda: F.conv2d(sc.ones(1, 1, 2, 2), sc.ones(1, 1, 2, 2), stride=2, padding="same"),
                ValueError,
                "conv2d: padding='same' needs stride 1",
            ),
            Failure(
                lambda: F.conv2d(sc.ones(1, 1, 2, 2), sc.ones(1, 1, 1, 1), stride=(1, 1, 1)),
                ValueError,
                "conv2d: stride: expected one number or 2",
            ),
            Failure(
                lambda: F.conv2d(sc.ones(1, 1, 2, 2), sc.ones(1, 1, 1, 1), padding=2**62),
                (ValueError, MemoryError),
                "conv2d",
            ),
        ),
    ),
    Row(
        "conv_transpose",
        conv_transpose,
        ref.conv_transpose,
        samples(
            draws((1, 2, 3, 3), (2, 3, 2, 2), (3,)),
            draws((1, 2, 3, 4), (2, 1, 3, 2), stride=2, padding=1, output_padding=1),
            draws((2, 4, 3, 3), (4, 1, 2, 2), (2,), groups=2, stride=(2, 3)),
            draws((1, 1, 4, 4), (1, 1, 2, 2), dilation=2, padding=1),
            draws((2, 2, 5), (2, 2, 3), stride=2),
            draws((1, 1, 2, 2, 3), (1, 2, 2, 1, 2), (2,), stride=2),
        ),
        linear=True,
        accuracy=8,
        failures=(
            Failure(
                lambda: F.conv_transpose2d(sc.ones(1, 2, 3, 3), sc.ones(3, 1, 2, 2)),
                ValueError,
                "conv_transpose2d: x has 2 channels but weight expects 3",
            ),
            Failure(
                lambda: F.conv_transpose2d(sc.ones(1, 1, 3, 3), sc.ones(1, 1, 2, 2), output_padding=1),
                ValueError,
                "conv_transpose2d: output_padding 1 must be",
            ),
        ),
    ),
    Row(
        "max_pool",
        lambda x, **arguments: F.max_pool2d(x, **arguments, return_indices=True),
        ref.max_pool2d,
        pictures(
            ((1, 2, 4, 4), {"kernel_size": 2, "stride": 2}),
            ((2, 1, 5, 6), {"kernel_size": 3, "stride": 2, "padding": 1}),
            ((1, 1, 6, 5), {"kernel_size": 2, "stride": 1, "dilation": 2}),
        ),
        failures=(
            Failure(lambda: F.max_pool2d(sc.ones(1, 1, 2, 2), 3), ValueError, "max_pool.*: the window is larger"),
            Failure(lambda: F.max_pool2d(sc.ones(1, 1, 4, 4), 2, padding=2), ValueError, "max_pool.*: padding 2"),
            Failure(lambda: F.max_pool2d(sc.ones(4), 2), ValueError, "max_pool.*: x has rank 1"),
        ),
    ),
    Row(
        "avg_pool",
        F.avg_pool2d,
        ref.avg_pool2d,
        pictures(
            ((1, 2, 4, 4), {"kernel_size": 2, "stride": 2}),
            ((2, 1, 5, 6), {"kernel_size": 3, "stride": 2, "padding": 1}),
            ((1, 1, 5, 5), {"kernel_size": 2, "stride": 2, "padding": 1, "count_include_pad": False}),
        ),
        linear=True,
        failures=(
            Failure(lambda: F.avg_pool2d(sc.ones(1, 1, 2, 2), 3), ValueError, "avg_pool.*: the window is larger"),
        ),
    ),
    Row(
        "adaptive_avg_pool",
        F.adaptive_avg_pool2d,
        lambda x, output_size: ref.adaptive_pool2d(x, output_size, np.mean),
        pictures(((1, 2, 5, 7), {"output_size": 3}), ((1, 1, 4, 4), {"output_size": 1})),
        linear=True,
        failures=(
            Failure(
                lambda: F.adaptive_avg_pool2d(sc.ones(1, 1, 2, 2), -3), ValueError, "adaptive_avg_pool: cannot pool"
            ),
        ),
    ),
    Row(
        "adaptive_max_pool",
        F.adaptive_max_pool2d,
        lambda x, output_size: ref.adaptive_pool2d(x, output_size, np.max),
        pictures(((1, 2, 5, 7), {"output_size": 3}), ((1, 1, 4, 4), {"output_size": 1})),
    ),
    Row(
        "unfold",
        F.unfold,
        ref.unfold,
        pictures(
            ((1, 2, 4, 5), {"kernel_size": 2}),
            ((2, 1, 5, 5), {"kernel_size": 3, "dilation": 1, "padding": 1, "stride": 2}),
        ),
        linear=True,
        failures=(Failure(lambda: F.unfold(sc.ones(4, 4), 2), ValueError, "unfold: x has rank 2"),),
    ),
    Row(
        "fold",
        F.fold,
        ref.fold,
        pictures(
            ((1, 8, 9), {"output_size": 4, "kernel_size": 2}),
            ((2, 9, 9), {"output_size": 5, "kernel_size": 3, "dilation": 1, "padding": 1, "stride": 2}),
        ),
        linear=True,
        failures=(Failure(lambda: F.fold(sc.ones(1, 4, 3), 3, 2), ValueError, "fold: columns"),),
    ),
    Row(
        "batch_norm",
        batch_norm,
        batch_norm_reference,
        samples(
            normalized(4, 3, channels=3, training=True),
            normalized(2, 3, 2, 2, channels=3, training=True),
            normalized(2, 3, 2, 2, channels=3, training=False),
        ),
        accuracy=8,
        failures=(
            Failure(
                lambda: F.batch_norm(sc.ones(1, 3), None, None, training=True),
                ValueError,
                "batch_norm: expected more than one value",
            ),
            Failure(
                lambda: F.batch_norm(sc.ones(2, 3), sc.ones(2), sc.ones(3)),
                ValueError,
                "batch_norm: running_mean has shape",
            ),
        ),
    ),
    Row(
        "layer_norm",
        lambda x, w, b, shape: F.layer_norm(x, shape, w, b),
        lambda x, w, b, shape: ref.layer_norm(x, shape, w, b),
        samples(draws((3, 4), (4,), (4,), shape=(4,)), draws((2, 2, 3), (2, 3), (2, 3), shape=(2, 3))),
        accuracy=8,
        failures=(Failure(lambda: F.layer_norm(sc.ones(2, 3), (2,)), ValueError, "layer_norm: x has shape"),),
    ),
    Row(
        "group_norm",
        lambda x, w, b, groups: F.group_norm(x, groups, w, b),
        lambda x, w, b, groups: ref.group_norm(x, groups, w, b),
        samples(draws((2, 4, 3), (4,), (4,), groups=2), draws((1, 6, 2, 2), (6,), (6,), groups=3)),
        accuracy=8,
        failures=(Failure(lambda: F.group_norm(sc.ones(2, 3, 4), 2), ValueError, "group_norm: x .* cannot be split"),),
    ),
    elementwise_loss("mse_loss", F.mse_loss, lambda x, target: (x - target) ** 2),
    elementwise_loss("l1_loss", F.l1_loss, lambda x, target: np.abs(x - target)),
    Row(
        "binary_cross_entropy_with_logits",
        F.binary_cross_entropy_with_logits,
        ref.binary_cross_entropy_with_logits,
        samples(
            lambda rng: Sample((rng.normal(size=(2, 3)), rng.random((2, 3)))),
            lambda rng: Sample((rng.normal(size=(4,)) * 9, rng.random(4)), {"reduction": "none"}),
        ),
        failures=(
            Failure(lambda: F.binary_cross_entropy_with_logits(sc.ones(2), sc.ones(3)), ValueError, "input has shape"),
        ),
    ),
    Row(
        "nll_loss",
        F.nll_loss,
        ref.nll_loss,
        samples(likely),
        failures=(
            Failure(lambda: F.nll_loss(sc.ones(2, 3), sc.tensor([0, 3])), IndexError, "nll_loss: target has classes"),
        ),
    ),
    Row(
        "cross_entropy",
        F.cross_entropy,
        lambda x, target, **arguments: ref.nll_loss(ref.log_softmax(x, 1), target, **arguments),
        samples(classified(), classified(reduction="sum"), classified(reduction="none")),
        accuracy=4,
        failures=(
            Failure(
                lambda: F.cross_entropy(sc.ones(2, 3), sc.tensor([0, 3])),
                IndexError,
                "cross_entropy: target has classes",
            ),
            Failure(
                lambda: F.cross_entropy(sc.ones(2, 3), sc.tensor([0])), ValueError, "cross_entropy: target has shape"
            ),
            Failure(
                lambda: F.cross_entropy(sc.ones(2, 3), sc.ones(2)), TypeError, "cross_entropy: target has dtype float32"
            ),
        ),
    ),
]
