"""``torch.distributions``, of which the book draws from the multinomial one."""

from __future__ import annotations

import sys
from typing import Any

import numpy

import swiftconv as sc
from swiftconv.dialects.switch import missing
from swiftconv.random import default_generator

__all__ = ["Multinomial", "multinomial"]

# ``from torch.distributions import multinomial`` gives a module that has the class.
multinomial = sys.modules[__name__]


class Multinomial:
    """How often each of some outcomes comes up in a number of draws.

    Parameters
    ----------
    total_count : int
        The number of draws.
    probs : Tensor
        The probabilities ``(n,)``, or numbers in proportion to them.

    Example
    -------
    >>> from swiftconv.torch.distributions import Multinomial
    >>> Multinomial(10, sc.ones(6) / 6).sample().sum()
    tensor(10.)
    """

    def __init__(self, total_count: int = 1, probs: Any = None) -> None:
        self.total_count = int(total_count)
        self.probs = probs / probs.sum()

    def sample(self, sample_shape: Any = ()) -> sc.Tensor:
        """Return the counts, float32 ``(*sample_shape, n)``."""
        probs = self.probs.detach().numpy().astype(numpy.float64)
        counts = default_generator().multinomial(self.total_count, probs / probs.sum(), tuple(sample_shape))
        return sc.from_numpy(counts.astype(numpy.float32))


__getattr__ = missing("torch", "torch.distributions", globals())
