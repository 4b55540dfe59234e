"""The random numbers of the framework's CPU generator: C++'s ``std::mt19937``, seeded with 0 in a fresh process."""

from __future__ import annotations

import math

import numpy

# The framework multiplies a user's seed by this number.
_SEED_FACTOR = 127
_ALL_BITS = 1 << 32

# Where the framework draws in parallel, it has so many generators, and hands at least so many numbers to each.
_PARALLEL = 1024
_LEAST_SHARE = 64


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
        self._first_seed = seed * _SEED_FACTOR
        self._parallel: list[numpy.random.RandomState] = []
        # Whatever has no stream of the framework to be compared with.
        self.other = numpy.random.RandomState((seed * _SEED_FACTOR + 1) % _ALL_BITS)

    def uniform(self, count: int) -> numpy.ndarray:
        """Return float32 numbers in [0, 1), one word of the generator each."""
        return _fractions(self.words(count))

    def words(self, count: int) -> numpy.ndarray:
        """Return 32 random bits each."""
        return _words(self._bits, count)

    def doubles(self, count: int) -> numpy.ndarray:
        """Return float64 numbers in [0, 1), two words of the generator each, of which the second weighs more."""
        words = self.words(2 * count).astype(numpy.float64).reshape(-1, 2)
        return (words[:, 0] / _ALL_BITS + words[:, 1]) / _ALL_BITS

    def parallel_uniform(self, count: int) -> numpy.ndarray:
        """Return float32 numbers in [0, 1) of the generators for parallel work."""
        return _fractions(self._parallel_words(count, 1))

    def parallel_integers(self, count: int) -> numpy.ndarray:
        """Return whole numbers of 63 bits of the generators for parallel work."""
        words = self._parallel_words(count, 2).astype(numpy.int64).reshape(-1, 2)
        return (words[:, 0] << 31) + words[:, 1]

    def _parallel_words(self, count: int, each: int) -> numpy.ndarray:
        """Words for `count` numbers, of which every generator makes a run."""
        generators = min(-(-count // _LEAST_SHARE), _PARALLEL)
        share = -(-count // max(1, generators))
        while len(self._parallel) < generators:
            self._parallel.append(numpy.random.RandomState((self._first_seed + len(self._parallel)) % _ALL_BITS))
        runs = [
            _words(bits, each * min(share, count - start))
            for bits, start in zip(self._parallel, range(0, count, share or 1), strict=False)
        ]
        return numpy.concatenate(runs) if runs else numpy.zeros(0, numpy.uint32)

    def permutation(self, count: int, is_upwards: bool) -> numpy.ndarray:
        """Return the numbers below `count` in random order, by exchanges from the first place up or the last down."""
        order = list(range(count))
        words = self.words(max(0, count - 1)).tolist()
        places = range(1, count) if is_upwards else range(count - 1, 0, -1)
        for place, word in zip(places, words, strict=True):
            other = word // ((_ALL_BITS - 1) // (place + 1))
            order[place], order[other] = order[other], order[place]
        return numpy.array(order, numpy.int64)

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


def _words(bits: numpy.random.RandomState, count: int) -> numpy.ndarray:
    return bits.randint(0, _ALL_BITS, count, dtype=numpy.uint32)


def _fractions(words: numpy.ndarray) -> numpy.ndarray:
    values = words.astype(numpy.float32) * numpy.float32(1 / _ALL_BITS)
    return numpy.minimum(values, numpy.nextafter(numpy.float32(1), numpy.float32(0)))


stream = Stream()
