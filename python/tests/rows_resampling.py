"""Rows of operators that change the size of images."""

import numpy as np

import swiftconv as sc
from optable import Failure, Row, draws, samples
from swiftconv.nn import functional as F

LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}


def steps(x, size, scale_factor):
    """For each spatial axis its old size, its new size, and the distance between two read positions."""
    for old in range(2, x.ndim):
        length = x.shape[old]
        new = size if size else int(length * scale_factor)
        yield old, length, new, 1 / scale_factor if scale_factor else length / new


def nearest(x, size=None, scale_factor=None):
    for axis, length, new, step in list(steps(x, size, scale_factor)):
        x = x.take([min(int(place * step), length - 1) for place in range(new)], axis)
    return x


def linear(x, size=None, scale_factor=None, align_corners=False):
    for axis, length, new, step in list(steps(x, size, scale_factor)):
        places = np.arange(new)
        if align_corners:
            places = places * ((length - 1) / max(new - 1, 1))
        else:
            places = np.maximum((places + 0.5) * step - 0.5, 0)
        parts = [np.interp(places, np.arange(length), line) for line in np.moveaxis(x, axis, -1).reshape(-1, length)]
        shape = (*np.moveaxis(x, axis, -1).shape[:-1], new)
        x = np.moveaxis(np.array(parts).reshape(shape), -1, axis)
    return x


def upsample_linear(x, **arguments):
    return F.interpolate(x, mode=LINEAR[x.ndim - 2], **arguments)


ROWS = [
    Row(
        "upsample_nearest",
        F.interpolate,
        nearest,
        samples(
            draws((1, 2, 3), size=7),
            draws((2, 1, 3, 4), scale_factor=2),
            draws((1, 2, 5, 3), scale_factor=1.7),
            draws((1, 1, 4, 5), size=2),
            draws((1, 1, 2, 3, 2), scale_factor=1.5),
            draws((0, 1, 3), size=5),
        ),
        linear=True,
        failures=(
            Failure(lambda: F.interpolate(sc.ones(1, 1, 3), 0), ValueError, "upsample_nearest: cannot resize"),
            Failure(lambda: F.interpolate(sc.ones(1, 1, 0), 2), ValueError, "upsample_nearest: cannot resize"),
            Failure(lambda: F.interpolate(sc.ones(1, 1, 1), 2**62), ValueError, "upsample_nearest: cannot resize"),
        ),
    ),
    Row(
        "upsample_linear",
        upsample_linear,
        linear,
        samples(
            draws((1, 2, 3), size=7),
            draws((1, 2, 5), size=3, align_corners=True),
            draws((2, 1, 3, 4), scale_factor=2),
            draws((1, 2, 5, 3), scale_factor=1.7),
            draws((1, 1, 4, 5), scale_factor=2, align_corners=True),
            draws((1, 1, 2, 3, 2), scale_factor=1.5),
            draws((1, 1, 3, 3), size=1, align_corners=True),
        ),
        linear=True,
        accuracy=4,
        failures=(
            Failure(lambda: upsample_linear(sc.ones(1, 1, 3), size=-1), ValueError, "upsample_linear: cannot resize"),
        ),
    ),
]
