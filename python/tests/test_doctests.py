"""Every example in the documentation runs and prints what it says."""

import doctest
import importlib
from pathlib import Path

import numpy
import pytest

import swiftconv

ROOT = Path(swiftconv.__file__).parent
FILES = sorted(path for path in ROOT.rglob("*.py") if path.name != "__main__.py")
NAMES = {"sc": swiftconv, "np": numpy, "nn": swiftconv.nn, "F": swiftconv.nn.functional}


def module_name(path):
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def examples(module):
    found = doctest.DocTestFinder(exclude_empty=True).find(module, globs=dict(NAMES))
    return [each for each in found if each.examples]


@pytest.mark.parametrize("name", [module_name(path) for path in FILES])
def test_examples(name):
    said = []
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    for each in examples(importlib.import_module(name)):
        runner.run(each, out=said.append)
    assert not said, "".join(said)


def test_there_are_examples():
    assert len(examples(swiftconv.ops.reduction)) > 10
