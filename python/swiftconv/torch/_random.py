"""Random numbers as PyTorch's CPU generator draws them, so that a seed gives a reader the numbers of the book.

The bits come from NumPy's Mersenne Twister; how they become uniform, normal and whole numbers is PyTorch's way.
"""

from __future__ import annotations

from typing import Any

import numpy

from swiftconv import random as _native

__all__ = ["Generator", "initial_seed", "manual_seed", "seed"]

# Arrays of at least this many elements are filled 16 at a time.
_BLOCK = 16


class Generator(numpy.random.Generator):
    """A source of random numbers, seeded by `manual_seed`; pass it as ``generator=``.

    Example
    -------
    >>> from swiftconv.torch import Generator
    >>> sc.rand(2, generator=Generator().manual_seed(0))
    tensor([0.4963, 0.7682])
    """

    def __init__(self, device: Any = "cpu") -> None:
        super().__init__(numpy.random.MT19937())
        self.manual_seed(67280421310721)

    # A cell that ends with `torch.manual_seed(0)` shows the object as PyTorch's, not as NumPy's.
    __repr__ = object.__repr__

    def manual_seed(self, seed: int) -> Generator:
        """Start the sequence anew from a number, and return the generator."""
        self._seed = int(seed)
        self.bit_generator._legacy_seeding(self._seed & 0xFFFFFFFF)  # type: ignore[attr-defined]
        self._second_normal: float | None = None
        return self

    def initial_seed(self) -> int:
        """Return the number that the sequence started from."""
        return self._seed

    def seed(self) -> int:
        """Start anew from the system's entropy, and return the number it was."""
        import secrets

        self.manual_seed(secrets.randbits(63))
        return self._seed

    def _words(self, count: int) -> numpy.ndarray:
        return self.bit_generator.random_raw(count).astype(numpy.uint64)

    def _uniform32(self, count: int) -> numpy.ndarray:
        return (self._words(count) & numpy.uint64(0xFFFFFF)).astype(numpy.float32) * numpy.float32(2.0**-24)

    def _uniform64(self, count: int) -> numpy.ndarray:
        words = self._words(2 * count)
        joined = (words[0::2] << numpy.uint64(32)) | words[1::2]
        return (joined & numpy.uint64(2**53 - 1)).astype(numpy.float64) * 2.0**-53

    def random(self, size: Any = None, dtype: Any = numpy.float64, out: Any = None) -> Any:
        """Return numbers uniform in [0, 1): 24 bits of a word each, or 53 bits of two words for float64."""
        shape = () if size is None else size
        count = int(numpy.prod(shape, dtype=numpy.int64))
        values = self._uniform32(count) if numpy.dtype(dtype) == numpy.float32 else self._uniform64(count)
        return values.reshape(shape) if size is not None else values.item()

    def uniform(self, low: Any = 0.0, high: Any = 1.0, size: Any = None) -> Any:
        """Return numbers uniform between two, of 24 bits each, as tensors of float32 are filled."""
        values = self.random(size, numpy.float32)
        return values * numpy.float32(high - low) + numpy.float32(low)

    def standard_normal(self, size: Any = None, dtype: Any = numpy.float64, out: Any = None) -> Any:
        """Return normally distributed numbers, by the transform of Box and Muller."""
        shape = () if size is None else size
        count = int(numpy.prod(shape, dtype=numpy.int64))
        wanted = numpy.dtype(dtype)
        values = self._few_normals(count) if count < _BLOCK else self._many_normals(count, wanted)
        return values.astype(wanted).reshape(shape) if size is not None else float(values[0])

    def _few_normals(self, count: int) -> numpy.ndarray:
        values = numpy.empty(count)
        for i in range(count):
            if self._second_normal is not None:
                values[i], self._second_normal = self._second_normal, None
                continue
            first, second = self._uniform64(2)
            radius, angle = numpy.sqrt(-2.0 * numpy.log1p(-second)), 2.0 * numpy.pi * first
            values[i], self._second_normal = radius * numpy.cos(angle), float(radius * numpy.sin(angle))
        return values

    def _many_normals(self, count: int, dtype: numpy.dtype) -> numpy.ndarray:
        draw = self._uniform32 if dtype == numpy.float32 else self._uniform64
        values = draw(count)
        whole = count - count % _BLOCK
        values[:whole] = _box_muller(values[:whole])
        if whole < count:
            # The last block ends at the array's end; its first numbers replace some of the block before.
            values[-_BLOCK:] = _box_muller(draw(_BLOCK))
        return values

    def normal(self, loc: Any = 0.0, scale: Any = 1.0, size: Any = None) -> Any:
        """Return normally distributed numbers, as tensors of float32 are filled."""
        values = self.standard_normal(size, numpy.float32)
        return values * numpy.float32(scale) + numpy.float32(loc)

    def integers(
        self, low: Any, high: Any = None, size: Any = None, dtype: Any = numpy.int64, endpoint: bool = False
    ) -> Any:
        """Return whole numbers from `low` up to but without `high`."""
        if high is None:
            low, high = 0, low
        span = int(high) - int(low) + endpoint
        shape = () if size is None else size
        count = int(numpy.prod(shape, dtype=numpy.int64))
        if span >= 2**32:
            words = self._words(2 * count)
            words = (words[0::2] << numpy.uint64(32)) | words[1::2]
        else:
            words = self._words(count)
        values = (words % numpy.uint64(span)).astype(numpy.int64) + int(low)
        return values.astype(dtype).reshape(shape) if size is not None else values.item()

    def permutation(self, x: Any, axis: int = 0) -> Any:
        """Return the whole numbers below `x`, or the entries of `x`, in random order."""
        if not isinstance(x, (int, numpy.integer)):
            return numpy.take(numpy.asarray(x), self.permutation(numpy.shape(x)[axis]), axis)
        order = list(range(x))
        # The last place has nothing left to choose, and draws nothing.
        words = self._words(max(x - 1, 0)).tolist()
        for i, word in enumerate(words):
            j = i + word % (x - i)
            order[i], order[j] = order[j], order[i]
        return numpy.asarray(order, dtype=numpy.int64)


def _box_muller(uniform: numpy.ndarray) -> numpy.ndarray:
    """Turn blocks of 16 uniform numbers into normal ones: the first 8 give the radii, the last 8 the angles."""
    blocks = uniform.reshape(-1, 2, _BLOCK // 2)
    one = uniform.dtype.type(1)
    radius = numpy.sqrt(uniform.dtype.type(-2) * numpy.log(one - blocks[:, 0]))
    angle = uniform.dtype.type(2 * numpy.pi) * blocks[:, 1]
    return numpy.stack([radius * numpy.cos(angle), radius * numpy.sin(angle)], 1).reshape(-1)


def manual_seed(seed: int) -> Generator:
    """Start all random numbers anew from a number: the same numbers as PyTorch's on a CPU.

    Example
    -------
    >>> from swiftconv import torch
    >>> _ = torch.manual_seed(0)
    >>> torch.rand(3)
    tensor([0.4963, 0.7682, 0.0885])
    >>> _ = sc.seed()
    """
    generator = Generator().manual_seed(seed)
    _native._generator = generator
    return generator


def seed() -> int:
    """Start all random numbers anew from the system's entropy, and return the number it was."""
    generator = Generator()
    number = generator.seed()
    _native._generator = generator
    return number


def initial_seed() -> int:
    """Return the number that the sequence of random numbers started from."""
    generator = _native.default_generator()
    return generator.initial_seed() if isinstance(generator, Generator) else seed()
