"""Rows of functions that are made of several operators, or of one in other ranks than its own row shows."""

import itertools
import math

import numpy as np

import references as ref
import swiftconv as sc
from optable import Failure, Row, Sample, draws, samples
from rows_elementwise import SHAPES, away_from_zero
from rows_layers import pictures
from swiftconv.nn import functional as F

# ---- References ------------------------------------------------------------------------------------------------------


def pool_places(shape, kernel, stride, padding, dilation=1, ceil_mode=False):
    """For each window along one axis: the positions inside of the input, and how many lie within the padded one."""
    span = shape + 2 * padding - dilation * (kernel - 1) - 1
    count = (-(-span // stride) if ceil_mode else span // stride) + 1
    if ceil_mode and (count - 1) * stride >= shape + padding:
        count -= 1  # A window must not begin in the padding at the end.
    for place in range(count):
        taps = [place * stride - padding + tap * dilation for tap in range(kernel)]
        yield [each for each in taps if 0 <= each < shape], sum(each < shape + padding for each in taps)


def pool(x, reduce, **arguments):
    """`reduce` takes the elements of a window, on the last axis, and the number of elements with the padding."""
    axes = [list(pool_places(size, **arguments)) for size in x.shape[2:]]
    y = np.zeros((*x.shape[:2], *map(len, axes)))
    for place in np.ndindex(*y.shape[2:]):
        windows = [axis[p] for axis, p in zip(axes, place, strict=True)]
        inside = itertools.product(*(window[0] for window in windows))
        elements = np.stack([x[(..., *each)] for each in inside], -1)
        y[(..., *place)] = reduce(elements, math.prod(window[1] for window in windows))
    return y


def max_pool(x, kernel_size, stride=None, **arguments):
    return pool(
        x, lambda e, n: e.max(-1), kernel=kernel_size, stride=stride or kernel_size, **{"padding": 0, **arguments}
    )


def avg_pool(x, kernel_size, stride=None, count_include_pad=True, **arguments):
    def mean(elements, padded):
        return elements.sum(-1) / (padded if count_include_pad else elements.shape[-1])

    return pool(x, mean, kernel=kernel_size, stride=stride or kernel_size, **{"padding": 0, **arguments})


def adaptive_pool(x, output_size, reduce):
    for axis in range(2, x.ndim):
        size = x.shape[axis]
        cuts = [(i * size // output_size, -(-(i + 1) * size // output_size)) for i in range(output_size)]
        x = np.stack([reduce(x.take(range(*cut), axis), axis=axis) for cut in cuts], axis)
    return x


def shuffled(x, r):
    n, c, h, w = x.shape
    y = np.zeros((n, c // r**2, h * r, w * r))
    for channel, i, j in np.ndindex(c // r**2, r, r):
        y[:, channel, i::r, j::r] = x[:, channel * r**2 + i * r + j]
    return y


def elu(x, alpha=1.0):
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def huber(x, target, delta=1.0, reduction="mean"):
    d = np.abs(x - target)
    return ref.reduced(np.where(d <= delta, d**2 / 2, delta * (d - delta / 2)), reduction)


def smooth_l1(x, target, beta=1.0, reduction="mean"):
    d = np.abs(x - target)
    return ref.reduced(np.where(d < beta, d**2 / 2 / beta, d - beta / 2), reduction)


def instance_norm(x, weight, bias):
    axes = tuple(range(2, x.ndim))
    shape = (1, -1) + (1,) * (x.ndim - 2)
    unit = (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + 1e-5)
    return unit * weight.reshape(shape) + bias.reshape(shape)


def norm(x, p="fro", dim=None, keepdim=False):
    magnitude = np.abs(x)
    if p == math.inf:
        return magnitude.max(dim, keepdims=keepdim)
    if p == -math.inf:
        return magnitude.min(dim, keepdims=keepdim)
    p = 2 if p == "fro" else p
    return (magnitude**p).sum(dim, keepdims=keepdim) ** (1 / p)


def normalize(x, p=2.0, dim=1):
    return x / norm(x, p, dim, True)


def weighted_loss(scores, classes, weight, smoothing=0.0, ignored=-100, reduction="mean"):
    """The cross-entropy with a weight for each class, smoothed."""
    logarithms = ref.log_softmax(scores, 1)
    counts = classes != ignored
    right = np.where(counts, classes, 0)
    rows = np.arange(len(classes))
    plain = -logarithms[rows, right] * weight[right]
    spread = -(logarithms * weight).sum(1) / scores.shape[1]
    losses = ((1 - smoothing) * plain + smoothing * spread) * counts
    return losses.sum() / (weight[right] * counts).sum() if reduction == "mean" else ref.reduced(losses, reduction)


def weighted_binary(x, target, weight, pos_weight):
    log_sigmoid = -np.logaddexp(0, -x)
    return (-(pos_weight * target * log_sigmoid + (1 - target) * (log_sigmoid - x)) * weight).mean()


# ---- Rows ------------------------------------------------------------------------------------------------------------


def activation(name, reference, **options):
    call = getattr(F, name)
    kept = samples(*(away_from_zero(shape) for shape in SHAPES))
    return Row(name, call, reference, kept, in_place=options.pop("in_place", None), **options)


def in_place(function):
    return lambda x: function(x, inplace=True)


def pooled(name, reference, *shapes_and_arguments, failures=()):
    return Row(name, getattr(F, name), reference, pictures(*shapes_and_arguments), failures=failures)


def pair(**arguments):
    """Two tensors whose differences keep away from the places where losses bend."""

    def make(rng):
        distance = rng.choice([0.1, 0.2, 0.7, 1.5, 3.0], (3, 5)) * rng.choice([-1, 1], (3, 5))
        target = rng.normal(size=(3, 5))
        return Sample((target + distance, target), arguments)

    return make


def labelled(**arguments):
    def make(rng):
        return Sample((rng.normal(size=(6, 3)), np.array([0, 2, 1, 1, 0, 2]), rng.uniform(0.5, 2, 3)), arguments)

    return make


def cross_entropy(scores, classes, weight, smoothing=0.0, ignored=-100, reduction="mean"):
    return F.cross_entropy(scores, classes, weight, ignored, reduction, smoothing)


def shapes_must_agree(name):
    return Failure(lambda: getattr(F, name)(sc.ones(2), sc.ones(3)), ValueError, rf"{name}: input has shape \(2,\)")


ROWS = [
    activation("elu", elu, in_place=in_place(F.elu)),
    Row("elu with alpha", F.elu, elu, samples(draws((9,), low=0.1, alpha=0.5), draws((9,), high=-0.1, alpha=0.5))),
    activation("selu", lambda x: 1.0507009873554805 * elu(x, 1.6732632423543772), in_place=in_place(F.selu)),
    activation("hardtanh", lambda x: np.clip(x, -1, 1), in_place=in_place(F.hardtanh)),
    activation("relu6", lambda x: np.clip(x, 0, 6), in_place=in_place(F.relu6)),
    activation("hardsigmoid", lambda x: np.clip(x + 3, 0, 6) / 6, in_place=in_place(F.hardsigmoid)),
    activation("hardswish", lambda x: x * np.clip(x + 3, 0, 6) / 6, in_place=in_place(F.hardswish)),
    activation("logsigmoid", lambda x: -np.logaddexp(0, -x)),
    activation("softsign", lambda x: x / (1 + np.abs(x))),
    pooled(
        "max_pool1d",
        max_pool,
        ((2, 3, 9), {"kernel_size": 3, "stride": 2, "padding": 1}),
        ((1, 2, 8), {"kernel_size": 3, "stride": 2, "ceil_mode": True}),
        ((1, 1, 7), {"kernel_size": 2, "stride": 1, "dilation": 3}),
        ((0, 2, 5), {"kernel_size": 2}),
        failures=(Failure(lambda: F.max_pool1d(sc.ones(1, 1, 4), 2, stride=0), ValueError, "max_pool.*stride"),),
    ),
    pooled(
        "max_pool2d",
        max_pool,
        ((1, 2, 5, 7), {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True}),
        ((2, 1, 6, 6), {"kernel_size": 2, "ceil_mode": True}),
        ((1, 1, 3, 3), {"kernel_size": 3, "stride": 1}),
        ((0, 2, 5, 5), {"kernel_size": 2}),
    ),
    pooled(
        "max_pool3d",
        max_pool,
        ((1, 2, 4, 5, 6), {"kernel_size": 2}),
        ((2, 1, 3, 4, 5), {"kernel_size": 3, "stride": 2, "padding": 1}),
    ),
    pooled(
        "avg_pool1d",
        avg_pool,
        ((2, 3, 9), {"kernel_size": 3, "stride": 2, "padding": 1}),
        ((1, 2, 8), {"kernel_size": 3, "stride": 2, "ceil_mode": True}),
        ((1, 2, 8), {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True, "count_include_pad": False}),
        ((0, 2, 5), {"kernel_size": 2}),
    ),
    pooled(
        "avg_pool3d",
        avg_pool,
        ((1, 2, 4, 5, 6), {"kernel_size": 2}),
        ((2, 1, 3, 4, 5), {"kernel_size": 3, "stride": 2, "padding": 1, "count_include_pad": False}),
        failures=(Failure(lambda: F.avg_pool3d(sc.ones(1, 1, 4, 4, 4), 2, divisor_override=0), ValueError, "divisor"),),
    ),
    pooled(
        "adaptive_avg_pool1d",
        lambda x, output_size: adaptive_pool(x, output_size, np.mean),
        ((2, 3, 7), {"output_size": 3}),
        ((1, 1, 3), {"output_size": 5}),
        ((0, 2, 5), {"output_size": 2}),
    ),
    pooled(
        "adaptive_avg_pool3d",
        lambda x, output_size: adaptive_pool(x, output_size, np.mean),
        ((1, 2, 3, 4, 5), {"output_size": 2}),
    ),
    pooled(
        "adaptive_max_pool1d",
        lambda x, output_size: adaptive_pool(x, output_size, np.max),
        ((2, 3, 7), {"output_size": 3}),
        ((1, 1, 3), {"output_size": 5}),
    ),
    pooled(
        "adaptive_max_pool3d",
        lambda x, output_size: adaptive_pool(x, output_size, np.max),
        ((1, 2, 3, 4, 5), {"output_size": 2}),
    ),
    Row(
        "interpolate",
        lambda x, size: F.interpolate(x, size, mode="area"),
        lambda x, size: adaptive_pool(x, size, np.mean),
        samples(draws((1, 2, 5, 4), size=2)),
        linear=True,
        failures=(
            Failure(
                lambda: F.interpolate(sc.ones(1, 1, 2)), ValueError, "interpolate: give either size or scale_factor"
            ),
            Failure(lambda: F.interpolate(sc.ones(1, 2), 2), ValueError, r"interpolate: input has shape \(1, 2\)"),
            Failure(lambda: F.interpolate(sc.ones(1, 1, 2), 2, mode="bicubic"), NotImplementedError, "mode 'bicubic'"),
            Failure(lambda: F.interpolate(sc.ones(1, 1, 2), 2, mode="bilinear"), ValueError, "for 2 spatial axes"),
            Failure(lambda: F.interpolate(sc.ones(1, 1, 2), 2, align_corners=True), ValueError, "align_corners is for"),
            Failure(
                lambda: F.interpolate(sc.ones(1, 1, 2), scale_factor=-1), ValueError, "scale_factor must be positive"
            ),
            Failure(lambda: F.interpolate(sc.ones(1, 1, 2), scale_factor=(1, 2)), ValueError, "one scale_factor or 1"),
        ),
    ),
    Row(
        "pixel_shuffle",
        F.pixel_shuffle,
        lambda x, upscale_factor: shuffled(x, upscale_factor),
        samples(draws((2, 8, 3, 2), upscale_factor=2), draws((1, 9, 1, 2), upscale_factor=3)),
        linear=True,
        failures=(
            Failure(lambda: F.pixel_shuffle(sc.ones(1, 3, 2, 2), 2), ValueError, "pixel_shuffle: input has shape"),
        ),
    ),
    Row(
        "pixel_unshuffle",
        lambda x: F.pixel_shuffle(F.pixel_unshuffle(x, 2), 2),
        lambda x: x,
        samples(draws((2, 3, 4, 6))),
        linear=True,
        failures=(Failure(lambda: F.pixel_unshuffle(sc.ones(1, 1, 3, 2), 2), ValueError, "pixel_unshuffle: input"),),
    ),
    Row(
        "instance_norm",
        lambda x, w, b: F.instance_norm(x, weight=w, bias=b),
        instance_norm,
        samples(draws((2, 3, 5), (3,), (3,)), draws((1, 2, 3, 4), (2,), (2,))),
        accuracy=8,
        failures=(
            Failure(lambda: F.instance_norm(sc.ones(2, 3)), ValueError, r"instance_norm: input has shape \(2, 3\)"),
            Failure(
                lambda: F.instance_norm(sc.ones(2, 3, 1)), ValueError, "instance_norm: expected more than one value"
            ),
        ),
    ),
    Row(
        "norm",
        sc.norm,
        norm,
        samples(
            draws((7,)),
            draws((2, 3), dim=1),
            draws((2, 3, 4), p=1, dim=(0, 2)),
            draws((2, 5), p=math.inf, dim=0),
            draws((2, 5), p=-math.inf),
            draws((3, 4), p=3, keepdim=True, dim=1, low=0.3),
        ),
        accuracy=4,
        failures=(Failure(lambda: sc.norm(sc.ones(2), p="nuc"), ValueError, "norm: p must be"),),
    ),
    Row("normalize", F.normalize, normalize, samples(draws((2, 3)), draws((4, 2), p=1.0, dim=0)), accuracy=4),
    Row(
        "huber_loss",
        F.huber_loss,
        huber,
        samples(pair(), pair(delta=0.5, reduction="sum"), pair(delta=2.0, reduction="none")),
        failures=(
            shapes_must_agree("huber_loss"),
            Failure(lambda: F.huber_loss(sc.ones(2), sc.ones(2), delta=0), ValueError, "huber_loss: delta must be"),
        ),
    ),
    Row(
        "smooth_l1_loss",
        F.smooth_l1_loss,
        smooth_l1,
        samples(pair(), pair(beta=0.5, reduction="sum"), pair(beta=2.0, reduction="none")),
        failures=(
            shapes_must_agree("smooth_l1_loss"),
            Failure(lambda: F.smooth_l1_loss(sc.ones(2), sc.ones(2), beta=-1), ValueError, "beta must not be"),
        ),
    ),
    Row(
        "weighted cross_entropy",
        cross_entropy,
        weighted_loss,
        samples(
            labelled(),
            labelled(reduction="sum"),
            labelled(reduction="none", smoothing=0.2),
            labelled(smoothing=0.3),
            labelled(ignored=2),
            labelled(ignored=1, smoothing=0.1, reduction="none"),
        ),
        accuracy=8,
        failures=(
            Failure(
                lambda: F.cross_entropy(sc.ones(2, 3), sc.tensor([0, 1]), label_smoothing=2.0),
                ValueError,
                "cross_entropy: label_smoothing is 2",
            ),
            Failure(
                lambda: F.cross_entropy(sc.ones(2, 3), sc.tensor([0, 1]), sc.ones(2)), ValueError, "weight has shape"
            ),
        ),
    ),
    Row(
        "cross_entropy of probabilities",
        F.cross_entropy,
        lambda x, target: -(target * ref.log_softmax(x, 1)).sum(1).mean(),
        samples(lambda rng: Sample((rng.normal(size=(4, 3)), ref.softmax(rng.normal(size=(4, 3)), 1)))),
        accuracy=4,
    ),
    Row(
        "weighted binary_cross_entropy_with_logits",
        lambda x, t, w, p: F.binary_cross_entropy_with_logits(x, t, w, pos_weight=p),
        weighted_binary,
        samples(draws((3, 4), (3, 4), (4,), (4,), low=0.1, high=0.9)),
        accuracy=4,
    ),
]
