"""The random bits of TensorFlow for a seed, and the numbers it makes of them.

Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (2011), Philox4x32 with ten rounds.
"""

from __future__ import annotations

from typing import Any

import numpy

_LOW = numpy.uint64(0xFFFFFFFF)
_HALF = numpy.uint64(32)
_MULTIPLIERS = numpy.uint64(0xD2511F53), numpy.uint64(0xCD9E8D57)
_STEPS = 0x9E3779B9, 0xBB67AE85

# Numbers that are drawn until they please get so many groups of bits for each four of them.
_RESERVED = 256

# So many counters are worked on at a time, to stay in the cache.
_PIECE = 1 << 14


class Stream:
    """Bits for a key of 64 and a start of 128 bits; both are given as pairs of numbers."""

    def __init__(self, key: int, start: tuple[int, int]) -> None:
        self.key = key
        self.start = start[0] + (start[1] << 64)

    def skip(self, groups: int) -> None:
        """Go on by groups of four words."""
        self.start = (self.start + groups) % (1 << 128)

    def words(self, groups: Any) -> numpy.ndarray:
        """Return the four words of 32 bits of every group, given by its number from the start."""
        groups = numpy.asarray(groups, numpy.uint64)
        result = numpy.empty((len(groups), 4), numpy.uint32)
        for first in range(0, len(groups), _PIECE):
            result[first : first + _PIECE] = self._piece(groups[first : first + _PIECE])
        return result

    def _piece(self, groups: numpy.ndarray) -> numpy.ndarray:
        low = groups + numpy.uint64(self.start % (1 << 64))
        # The upper half goes on by one where the lower half overflows.
        high = numpy.uint64(self.start >> 64) + (low < groups)
        a, b, c, d = low & _LOW, low >> _HALF, high & _LOW, high >> _HALF
        keys = [self.key & 0xFFFFFFFF, self.key >> 32]
        for _ in range(10):
            first, second = a * _MULTIPLIERS[0], c * _MULTIPLIERS[1]
            a, b, c, d = (
                (second >> _HALF) ^ b ^ numpy.uint64(keys[0]),
                second & _LOW,
                (first >> _HALF) ^ d ^ numpy.uint64(keys[1]),
                first & _LOW,
            )
            keys = [(key + step) & 0xFFFFFFFF for key, step in zip(keys, _STEPS, strict=True)]
        return numpy.stack([a, b, c, d], 1).astype(numpy.uint32)


def stateless(seed: tuple[int, int]) -> Stream:
    """Return the stream that functions with a pair of numbers as seed draw from."""
    mixed = Stream(0x02461E293EC8F720, seed).words([0])[0].tolist()
    return Stream(mixed[0] + (mixed[1] << 32), (0, mixed[2] + (mixed[3] << 32)))


def _fractions(words: numpy.ndarray) -> numpy.ndarray:
    """Return float32 numbers in [0, 1) made of the lower 23 bits of words."""
    return ((words & numpy.uint32(0x7FFFFF)) | numpy.uint32(127 << 23)).view(numpy.float32) - numpy.float32(1)


def _wide_fractions(words: numpy.ndarray) -> numpy.ndarray:
    """Return float64 numbers in [0, 1), each made of two words."""
    upper, lower = words[..., 0::2].astype(numpy.uint64), words[..., 1::2].astype(numpy.uint64)
    bits = ((upper & numpy.uint64(0xFFFFF)) << _HALF) | lower | numpy.uint64(1023 << 52)
    return bits.view(numpy.float64) - 1.0


def _pairs(fractions: numpy.ndarray) -> numpy.ndarray:
    """Return normal numbers for numbers in [0, 1), two for two (Box and Muller)."""
    kind = fractions.dtype.type
    # NumPy's functions of float32 are off by a bit more often than those of C: what counts is rounded from float64.
    logarithm = numpy.log(numpy.maximum(fractions[..., 0::2], kind(1e-7)).astype(numpy.float64)).astype(kind)
    radius = numpy.sqrt(kind(-2) * logarithm)
    angle = (2 * numpy.pi * fractions[..., 1::2].astype(numpy.float64)).astype(kind).astype(numpy.float64)
    pairs = numpy.stack([numpy.sin(angle).astype(kind) * radius, numpy.cos(angle).astype(kind) * radius], -1)
    return pairs.reshape(fractions.shape)


def order(stream: Stream, count: int) -> numpy.ndarray:
    """Return the numbers from 0 to `count` in random order."""
    words = stream.words(numpy.arange(-(-count // 4), dtype=numpy.uint64)).reshape(-1).tolist()
    places = list(range(count))
    for first in range(count - 1):
        other = first + words[first] % (count - first)
        places[first], places[other] = places[other], places[first]
    return numpy.array(places, numpy.int32)


def _made(stream: Stream, count: int, dtype: Any) -> numpy.ndarray:
    wide = numpy.dtype(dtype) == numpy.float64
    groups = -(-count // (2 if wide else 4))
    words = stream.words(numpy.arange(groups, dtype=numpy.uint64))
    return _wide_fractions(words) if wide else _fractions(words)


def uniform(stream: Stream, count: int, dtype: Any) -> numpy.ndarray:
    """Return floating point numbers in [0, 1)."""
    return _made(stream, count, dtype).reshape(-1)[:count]


def normal(stream: Stream, count: int, dtype: Any) -> numpy.ndarray:
    """Return normal numbers."""
    return _pairs(_made(stream, count, dtype)).reshape(-1)[:count]


def integers(stream: Stream, count: int, low: int, high: int, dtype: Any) -> numpy.ndarray:
    """Return whole numbers from `low` up to `high`, which is left out."""
    wide = numpy.dtype(dtype).itemsize == 8
    words = stream.words(numpy.arange(-(-count // (2 if wide else 4)), dtype=numpy.uint64)).astype(numpy.uint64)
    if wide:
        words = words[:, 0::2] | (words[:, 1::2] << _HALF)
    return (low + (words % numpy.uint64(high - low)).astype(numpy.int64)).reshape(-1)[:count].astype(dtype)


def truncated_normal(stream: Stream, count: int, dtype: Any) -> numpy.ndarray:
    """Return normal numbers of at most 2, each four of them drawn from bits of their own until there are four."""
    wide = numpy.dtype(dtype) == numpy.float64
    size = 2 if wide else 4
    groups = -(-count // size)
    reserved = _RESERVED * size // 4
    result = numpy.empty((groups, size), dtype)
    left, tries = numpy.arange(groups), 1
    while len(left):
        places = (left[:, None] * reserved + numpy.arange(tries)).reshape(-1)
        words = stream.words(places).reshape(len(left), -1)
        drawn = _pairs(_wide_fractions(words) if wide else _fractions(words))
        near = numpy.abs(drawn) < 2
        done = near.sum(1) >= size
        # The first ones that please, in their order.
        near = near[done] & (numpy.cumsum(near[done], 1, dtype=numpy.int32) <= size)
        result[left[done]] = drawn[done][near].reshape(-1, size)
        left, tries = left[~done], tries * 4
    return result.reshape(-1)[:count]
