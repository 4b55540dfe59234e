"""The bits behind JAX's random numbers: threefry2x32 with counters in the order of JAX before 0.5.

Source
------
Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", 2011, https://doi.org/10.1145/2063384.2063405
"""

from __future__ import annotations

import numpy

_ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
# Pairs of words computed at a time: what a core's cache holds.
_BLOCK = 1 << 15


def _rounds(key: numpy.ndarray, first: numpy.ndarray, second: numpy.ndarray) -> None:
    """Encrypt pairs of words in place."""
    words = (key[0], key[1], key[0] ^ key[1] ^ numpy.uint32(0x1BD11BDA))
    turned = numpy.empty_like(second)
    first += words[0]
    second += words[1]
    for group in range(5):
        for rotation in _ROTATIONS[group % 2]:
            first += second
            numpy.right_shift(second, numpy.uint32(32 - rotation), out=turned)
            second <<= numpy.uint32(rotation)
            second |= turned
            second ^= first
        first += words[(group + 1) % 3]
        with numpy.errstate(over="ignore"):
            second += words[(group + 2) % 3] + numpy.uint32(group + 1)


def threefry_2x32(key: numpy.ndarray, count: numpy.ndarray) -> numpy.ndarray:
    """Return the encrypted counters, uint32 in the shape of `count`.

    The first half of the counters are the first words of the pairs, the second half the second ones.

    Parameters
    ----------
    key : numpy.ndarray
        Two uint32.
    count : numpy.ndarray
        uint32.
    """
    flat = count.reshape(-1)
    size = flat.size
    words = numpy.zeros(size + size % 2, numpy.uint32)
    words[:size] = flat
    half = words.size // 2
    for start in range(0, half, _BLOCK):
        stop = min(start + _BLOCK, half)
        _rounds(key, words[start:stop], words[half + start : half + stop])
    return words[:size].reshape(count.shape)


def bits(key: numpy.ndarray, shape: tuple[int, ...]) -> numpy.ndarray:
    """Return random uint32 of a shape."""
    size = int(numpy.prod(shape, dtype=numpy.int64))
    return threefry_2x32(key, numpy.arange(size, dtype=numpy.uint32)).reshape(shape)


def split(key: numpy.ndarray, num: int) -> numpy.ndarray:
    """Return `num` new keys, ``(num, 2)``."""
    return bits(key, (num * 2,)).reshape(num, 2)


def fold_in(key: numpy.ndarray, data: int) -> numpy.ndarray:
    """Return a new key of a key and a number of 32 bits."""
    return threefry_2x32(key, numpy.array([0, data & 0xFFFFFFFF], numpy.uint32))


def unit_floats(key: numpy.ndarray, shape: tuple[int, ...]) -> numpy.ndarray:
    """Return float32 in [0, 1): 23 random bits each."""
    words = bits(key, shape)
    words >>= numpy.uint32(9)
    words |= numpy.uint32(0x3F800000)
    return words.view(numpy.float32) - numpy.float32(1)


def uniform(key: numpy.ndarray, shape: tuple[int, ...], minval: float = 0.0, maxval: float = 1.0) -> numpy.ndarray:
    """Return float32 in [minval, maxval)."""
    low, high = numpy.float32(minval), numpy.float32(maxval)
    floats = unit_floats(key, shape)
    # One rounding for product and sum, as compiled code has it.
    spread = floats.astype(numpy.float64) * numpy.float64(high - low) + numpy.float64(low)
    return numpy.maximum(low, spread.astype(numpy.float32))


_CENTRAL = (2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087, -0.00125372503,
            -0.00417768164, 0.246640727, 1.50140941)  # fmt: skip
_TAIL = (-0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613,
         0.00943887047, 1.00167406, 2.83297682)  # fmt: skip


def erf_inv(x: numpy.ndarray) -> numpy.ndarray:
    """Return the inverse of the error function, in float32.

    Source
    ------
    Giles, "Approximating the erfinv function", 2012; every step is rounded as a fused multiply-add rounds.
    """
    flat, result = x.reshape(-1), numpy.empty(x.size, numpy.float32)
    for start in range(0, flat.size, _BLOCK):
        result[start : start + _BLOCK] = _erf_inv(flat[start : start + _BLOCK])
    return result.reshape(x.shape)


def _erf_inv(x: numpy.ndarray) -> numpy.ndarray:
    with numpy.errstate(divide="ignore", invalid="ignore"):
        square = (x * -x).astype(numpy.float64)
        w = -numpy.log1p(square).astype(numpy.float32)
        is_central = w < 5
        step = numpy.where(is_central, w - numpy.float32(2.5), numpy.sqrt(w) - numpy.float32(3)).astype(numpy.float64)
        value = numpy.where(is_central, numpy.float32(_CENTRAL[0]), numpy.float32(_TAIL[0]))
        for central, tail in zip(_CENTRAL[1:], _TAIL[1:], strict=True):
            factor = numpy.where(is_central, numpy.float32(central), numpy.float32(tail))
            value = (value * step + factor).astype(numpy.float32)
        return numpy.where(numpy.abs(x) == 1, x * numpy.float32(numpy.inf), value * x).astype(numpy.float32)


def normal(key: numpy.ndarray, shape: tuple[int, ...]) -> numpy.ndarray:
    """Return standard normal float32."""
    low = numpy.nextafter(numpy.float32(-1), numpy.float32(0))
    return numpy.float32(numpy.sqrt(2)) * erf_inv(uniform(key, shape, low, 1.0))
