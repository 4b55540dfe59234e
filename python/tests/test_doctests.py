"""Every example in the documentation runs and prints what it says."""

import doctest
import importlib
from pathlib import Path

import numpy
import pytest

import swiftconv
from documentation import is_available

ROOT = Path(swiftconv.__file__).parent
FILES = sorted(path for path in ROOT.rglob("*.py") if path.name != "__main__.py")
NAMES = {"sc": swiftconv, "np": numpy, "nn": swiftconv.nn, "F": swiftconv.nn.functional}


def module_name(path):
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


# The native part has documentation, too, but no file of Python.
MODULES = [name for name in [*map(module_name, FILES), "swiftconv._core"] if is_available(name)]


def examples(name):
    """The examples in the documentation of a module."""
    finder = doctest.DocTestFinder(exclude_empty=True)
    found = finder.find(importlib.import_module(name), name, globs=dict(NAMES))
    return [each for each in found if each.examples]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    said = []
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    for each in examples(name):
        runner.run(each, out=said.append)
    assert not said, "".join(said)


def test_there_are_examples():
    assert len(examples("swiftconv.ops.reduction")) > 10
