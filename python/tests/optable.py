"""The table of operators: one row for each, from which `test_ops.py` makes its tests.

A row knows how Python calls the operator, what the result should be (on float64 arrays), inputs to try, and calls that
must fail with a certain text.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Sample:
    """One call: arrays, and arguments that are not."""

    arrays: tuple
    arguments: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Failure:
    """A call that must raise, and what its text must contain (a regular expression)."""

    call: Callable[[], Any]
    exception: type
    text: str


@dataclass(frozen=True)
class Row:
    """One operator."""

    name: str
    call: Callable[..., Any]
    reference: Callable[..., Any]
    samples: Callable[[np.random.Generator], list[Sample]]
    failures: tuple = ()
    differentiable: bool = True
    twice: bool | None = None  # whether second derivatives are tested; as `differentiable` unless said
    in_place: Callable[..., Any] | None = None
    integers: tuple = ()  # integer dtypes that are tried with samples rounded to them
    keeps_layouts: bool = False  # whether samples must be passed with the strides they have
    accuracy: float = 1.0  # what the tolerance is multiplied by
    linear: bool = False  # in each float argument: then finite differences are exact at any step

    @property
    def is_twice_differentiable(self):
        return self.differentiable if self.twice is None else self.twice


INTEGERS = (np.int64, np.int32, np.uint8)
ALL_INTEGERS = (*INTEGERS, np.bool_)


def draws(*shapes, low=-2.0, high=2.0, **arguments):
    """A sample of uniform random arrays."""

    def make(rng):
        arrays = tuple(np.asarray(rng.uniform(low, high, shape)) for shape in shapes)
        return Sample(arrays, arguments)

    return make


def samples(*makers):
    """Samples from functions of a random generator, or given outright."""
    return lambda rng: [each if isinstance(each, Sample) else each(rng) for each in makers]


def all_rows():
    """All rows by operator name."""
    import rows_algebra
    import rows_elementwise
    import rows_layers
    import rows_resampling
    import rows_shape

    rows = {}
    for module in (rows_elementwise, rows_algebra, rows_shape, rows_layers, rows_resampling):
        for row in module.ROWS:
            assert row.name not in rows, f"two rows for {row.name}"
            rows[row.name] = row
    return rows


def composed_rows():
    """Rows, by name, of functions that are made of several operators."""
    import rows_composed

    return {row.name: row for row in rows_composed.ROWS}
