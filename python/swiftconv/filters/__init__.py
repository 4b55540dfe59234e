"""Kernels designed by hand: derivatives, blurs, sharpening and the classical edge detectors.

All are made for `corr2d`, which does not turn the kernel. The first axis of an image runs down its rows and the second
one along its columns; a direction ``v = (v1, v2)`` has its parts in that order. Kernels are float32 unless `dtype` says
otherwise; ``.numpy()`` makes an array of one.

Example
-------
>>> ramp = sc.arange(5.0).expand(4, 5)
>>> sc.corr2d(ramp, sc.filters.derivative((0, 1)))[0]
tensor([1., 1., 1.])
"""

from __future__ import annotations

from .derivatives import (
    derivative,
    finite_difference,
    laplacian,
    prewitt,
    scharr,
    second_derivative,
    sobel,
)
from .smoothing import box, gaussian, identity, sharpen

__all__ = [
    "box",
    "derivative",
    "finite_difference",
    "gaussian",
    "identity",
    "laplacian",
    "prewitt",
    "scharr",
    "second_derivative",
    "sharpen",
    "sobel",
]
