"""What all tests share."""

import numpy
import pytest

import swiftconv


@pytest.fixture(autouse=True)
def fixed_random_numbers():
    """Every test starts from the same random numbers, whichever tests run before it."""
    swiftconv.manual_seed(0)


@pytest.fixture
def rng():
    return numpy.random.default_rng(0)
