"""Every example in the documentation runs and prints what it says."""

import doctest
import importlib
import pkgutil

import numpy
import pytest

import swiftconv

MODULES = [swiftconv.__name__] + [
    module.name
    for module in pkgutil.walk_packages(swiftconv.__path__, "swiftconv.")
    if not module.name.endswith(("_core", "__main__"))
]


def examples():
    finder = doctest.DocTestFinder(exclude_empty=True)
    names = {"sc": swiftconv, "np": numpy, "nn": swiftconv.nn, "F": swiftconv.nn.functional}
    for name in MODULES:
        for test in finder.find(importlib.import_module(name), globs=dict(names)):
            if test.examples:
                yield pytest.param(test, id=test.name)


@pytest.mark.parametrize("test", list(examples()))
def test_example(test):
    said = []
    doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(test, out=said.append)
    assert not said, "".join(said)


def test_there_are_examples():
    assert len(list(examples())) > 100
