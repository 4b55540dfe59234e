"""The random numbers of the framework's CPU generator: C++'s ``std::mt19937``, seeded with 0 in a fresh process."""

from __future__ import annotations

import math

import numpy

# The framework multiplies a user's seed by this number.
_SEED_FACTOR = 127
_ALL_BITS = 1 << 32


class Stream:
    """A ``std::mt19937`` with the two distributions of libstdc++ that the framework draws from.

    Parameters
    ----------
    seed : int
        What the user gives to ``np.random.seed``.

    Example
    -------
    >>> from swiftconv.mxnet._streams import Stream
    >>> Stream(0).uniform(2)
    array([0.5488135, 0.5928446], dtype=float32)
    """

    def __init__(self, seed: int = 0) -> None:
        self.seed(seed)

    def seed(self, seed: int) -> None:
        """Start again."""
        # RandomState seeds the Mersenne Twister as C++ does.
        self._bits = numpy.random.RandomState(seed * _SEED_FACTOR % _ALL_BITS)
        # Whatever has no stream of the framework to be compared with.
        self.other = numpy.random.RandomState((seed * _SEED_FACTOR + 1) % _ALL_BITS)

    def uniform(self, count: int) -> numpy.ndarray:
        """Return float32 numbers in [0, 1), one word of the generator each."""
        words = self._bits.randint(0, _ALL_BITS, count, dtype=numpy.uint32)
        values = words.astype(numpy.float32) * numpy.float32(1 / _ALL_BITS)
        return numpy.minimum(values, numpy.nextafter(numpy.float32(1), numpy.float32(0)))

    def normal(self, count: int) -> numpy.ndarray:
        """Return float32 numbers of the standard normal distribution, by Marsaglia's polar method in pairs.

        The second of a pair comes first, and what is left over of the last pair is dropped.
        """
        pairs: list[numpy.ndarray] = []
        wanted = (count + 1) // 2
        while wanted:
            points = self.uniform(2 * wanted).reshape(-1, 2) * numpy.float32(2) - numpy.float32(1)
            squares = points * points
            radius = squares[:, 0] + squares[:, 1]
            inside = (radius <= 1) & (radius != 0)
            points, radius = points[inside], radius[inside]
            # The C library's float logarithm is the rounded exact one; NumPy's own float kernel is not always.
            logarithm = numpy.fromiter(map(math.log, radius.tolist()), numpy.float64, len(radius)).astype(numpy.float32)
            factor = numpy.sqrt(numpy.float32(-2) * logarithm / radius)
            pairs.append(points[:, ::-1] * factor[:, None])
            wanted -= len(points)
        if not pairs:
            return numpy.zeros(0, numpy.float32)
        return numpy.concatenate(pairs).reshape(-1)[:count]


stream = Stream()
