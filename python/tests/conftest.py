"""What all tests share."""

import random

import numpy
import pytest

import swiftconv


@pytest.fixture(autouse=True)
def fixed_random_numbers():
    """Every test starts from the same random numbers, whichever tests run before it.

    Python's and NumPy's own are those that some frameworks shuffle their data with.
    """
    swiftconv.manual_seed(0)
    random.seed(0)
    numpy.random.seed(0)


@pytest.fixture
def rng():
    return numpy.random.default_rng(0)
