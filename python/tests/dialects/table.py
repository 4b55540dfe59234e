"""The table of the book's sections that run in each dialect, made from the tests' marks and results.

python python/tests/dialects/table.py              # runs the marked tests, prints Markdown
"""

import sys
from pathlib import Path

import pytest

DIALECTS = {"torch": "PyTorch", "mxnet": "MXNet", "jax": "JAX", "tensorflow": "TensorFlow"}
# The order of the book; other sections follow as they come.
ORDER = """
ndarray linear-algebra autograd model-construction parameters lazy-init read-write use-gpu oo-design
linear-regression-concise softmax-regression-concise mlp dropout
conv-layer padding-and-strides channels pooling lenet
alexnet vgg nin googlenet batch-norm resnet densenet cnn-design
""".split()


class Results:
    """A pytest plugin that keeps the worst outcome of the tests of each section and dialect."""

    def __init__(self):
        self.outcomes = {}

    def pytest_collection_modifyitems(self, config, items):
        marked = [item for item in items if item.get_closest_marker("section")]
        config.hook.pytest_deselected(items=[item for item in items if item not in marked])
        items[:] = marked

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item, call):
        report = yield
        for mark in item.iter_markers("section"):
            self.outcomes[mark.args] = self.outcomes.get(mark.args, True) and report.passed
        return report


def table(outcomes):
    """The Markdown table of outcomes by section and dialect: yes, no, or empty where there is no test."""
    sections = {section: None for section in [*ORDER, *(section for section, _ in outcomes)]}
    used = [section for section in sections if any(section == each for each, _ in outcomes)]
    rows = [["Section", *DIALECTS.values()], ["---"] * (1 + len(DIALECTS))]
    words = {True: "yes", False: "no", None: ""}
    rows += [[f"`{section}`", *(words[outcomes.get((section, name))] for name in DIALECTS)] for section in used]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def main():
    """Run the marked tests and print the table; the exit status is pytest's."""
    results = Results()
    status = pytest.main(["-q", "--no-header", str(Path(__file__).parent)], plugins=[results])
    print(table(results.outcomes))
    return status


if __name__ == "__main__":
    sys.exit(main())
