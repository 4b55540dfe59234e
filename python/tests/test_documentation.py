"""Every public name, method and property explains itself, and its example is one that runs."""

import doctest
import types
from pathlib import Path

import pytest

import swiftconv
from documentation import entries, public_modules, unexplained_fields
from subprocesses import check_python
from test_doctests import MODULES, examples

# They speak the names of other frameworks, whose documentation is elsewhere.
DIALECTS = ("dialects", "jax", "mxnet", "tensorflow", "torch")

# In a text that is not raw, "\\t" and "\\x01" are no longer what a reader has to write.
CONTROLS = {chr(code) for code in range(32)} - {"\n"}

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def modules():
    return public_modules(swiftconv, without=DIALECTS)


def run_texts():
    """The docstrings in which doctest finds an example that it does not skip."""
    return {
        each.docstring
        for module in MODULES
        if not module.startswith(tuple(f"swiftconv.{name}" for name in DIALECTS))
        for each in examples(module)
        if not all(doctest.SKIP in example.options for example in each.examples)
    }


def test_every_name_has_a_docstring(modules):
    assert [each.name for each in entries(modules) if not each.text.strip()] == []


def test_no_docstring_holds_what_its_escapes_stand_for(modules):
    assert [each.name for each in entries(modules) if set(each.text) & CONTROLS] == []


def test_every_name_has_an_example_that_runs(modules):
    texts = run_texts()
    assert [each.name for each in entries(modules) if each.text not in texts] == []


def test_every_field_is_told_by_its_class(modules):
    assert unexplained_fields(modules) == []


def test_the_walk_reaches_everything(modules):
    names = {each.name for each in entries(modules)}
    assert len(names) > 600
    assert names >= {
        "swiftconv.corr2d",
        "swiftconv.tensor.Tensor.exp_",
        "swiftconv.tensor.Tensor.reshape",
        "swiftconv.tensor.Tensor.nbytes",
        "swiftconv._core.TensorBase.detach",
        "swiftconv.nn.module.Module.state_dict",
        "swiftconv.nn.functional.relu",
        "swiftconv.nn.init.zeros_",
        "swiftconv.optim.lr_scheduler.LRScheduler.get_lr",
        "swiftconv.models.vgg19_bn",
    }


def made_up_module():
    class Base:
        """Explained.

        >>> 1
        1
        """

        def run(self):
            """Explained, without an example."""

        @property
        def size(self):
            return 0

    class Thing(Base):
        """Not explained: its field."""

        __slots__ = ("field",)

        def run(self):
            pass

        @classmethod
        def make(cls):
            pass

        def _private(self):
            pass

    def bare():
        pass

    def hidden():
        pass

    made_up = types.ModuleType("made_up")
    for each in (Base, Thing, bare, hidden):
        each.__module__, each.__qualname__ = "made_up", each.__name__
        setattr(made_up, each.__name__, each)
    made_up.__all__ = ["Base", "Thing", "bare"]
    return made_up


def test_the_walk_finds_what_is_missing():
    found = {each.name: each for each in entries([made_up_module()])}
    assert {name for name, each in found.items() if not each.text} == {
        "made_up.Base.size",
        "made_up.Thing.make",
        "made_up.bare",
    }
    assert {name for name, each in found.items() if each.text} == {
        "made_up.Base",
        "made_up.Base.run",
        "made_up.Thing",
    }
    assert [name for name, each in found.items() if ">>>" in each.text] == ["made_up.Base"]


def test_the_walk_finds_untold_fields():
    made_up = made_up_module()
    assert unexplained_fields([made_up]) == []
    made_up.Thing.__doc__ = "Another text."
    assert unexplained_fields([made_up]) == ["made_up.Thing.field"]


def test_the_speed_in_the_readme_is_what_was_measured():
    benchmarks = ROOT / "python" / "benchmarks"
    results = sorted(map(str, (benchmarks / "results").glob("*.json")))
    program = f"""
import json, pathlib, sys
sys.path.insert(0, {str(benchmarks)!r})
import table
reports = [json.loads(pathlib.Path(path).read_text()) for path in {results}]
page = pathlib.Path({str(ROOT / "README.md")!r}).read_text("utf-8")
print(table.replaced(page, table.short(reports)) == page)
"""
    assert check_python(program).strip() == "True", "run: python python/benchmarks/table.py --readme README.md …"
