"""Random numbers. They come from a NumPy generator, seeded from the system until `manual_seed` is called."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy

_generator: numpy.random.Generator | None = None
_of_thread = threading.local()


def manual_seed(seed: int) -> numpy.random.Generator:
    """Start the sequence of random numbers anew from a number.

    The numbers are NumPy's (PCG64), not PyTorch's, for the same seed.

    Parameters
    ----------
    seed : int
        Any whole number; its absolute value counts.

    Returns
    -------
    numpy.random.Generator
        The generator that all random functions draw from.

    Example
    -------
    >>> _ = sc.manual_seed(0)
    >>> a = sc.rand(3)
    >>> _ = sc.manual_seed(0)
    >>> bool((a == sc.rand(3)).all())
    True
    """
    global _generator
    import numpy

    _generator = numpy.random.default_rng(abs(int(seed)))
    return _generator


def seed() -> int:
    """Start the sequence of random numbers anew from the system's entropy, and return the number it was.

    Example
    -------
    >>> isinstance(sc.seed(), int)
    True
    """
    import secrets

    number = secrets.randbits(63)
    manual_seed(number)
    return number


def default_generator() -> numpy.random.Generator:
    """Return the generator that all random functions draw from."""
    generator = getattr(_of_thread, "generator", None)
    if generator is not None:
        return generator
    if _generator is None:
        seed()
    assert _generator is not None
    return _generator


@contextmanager
def drawing_from(generator: numpy.random.Generator) -> Iterator[None]:
    """Let all random functions that this thread calls meanwhile draw from another generator."""
    before = getattr(_of_thread, "generator", None)
    _of_thread.generator = generator
    try:
        yield
    finally:
        _of_thread.generator = before
