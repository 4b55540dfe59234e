"""The table of the book's sections that each dialect runs, made from the marks of the tests.

python docs/dialect_table.py                       # writes docs/tables/dialects.md
"""

import contextlib
import io
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "tables" / "dialects.md"
DIALECTS = {"torch": "PyTorch", "mxnet": "MXNet", "jax": "JAX", "tensorflow": "TensorFlow"}
# The order of the book. "names" stands for the names that all its chapters use.
CHAPTERS = {
    "Convolutional Neural Networks": ["conv-layer", "padding-and-strides", "channels", "pooling", "lenet"],
    "Modern Convolutional Neural Networks": [
        *("alexnet", "vgg", "nin", "googlenet"),
        *("batch-norm", "resnet", "densenet", "cnn-design"),
    ],
    "Preliminaries": ["ndarray", "linear-algebra", "autograd"],
    "Linear Networks and Multilayer Perceptrons": [
        *("oo-design", "linear-regression-concise", "softmax-regression-concise"),
        *("mlp", "dropout"),
    ],
    "Builders' Guide": [
        *("model-construction", "parameters", "lazy-init"),
        *("custom-layer", "read-write", "use-gpu"),
    ],
    "All chapters": ["names"],
}


class Marks:
    """A pytest plugin that counts the tests of each section and dialect."""

    def __init__(self):
        self.counts = Counter()

    def pytest_collection_finish(self, session):
        self.counts.update(mark.args for item in session.items for mark in item.iter_markers("section"))


def collect():
    """Return how many tests each (section, dialect) has; nothing is run."""
    marks, printed = Marks(), io.StringIO()
    with contextlib.redirect_stdout(printed):
        status = pytest.main(
            ["--collect-only", "-q", "-p", "no:cacheprovider", str(ROOT / "python/tests/dialects")], plugins=[marks]
        )
    if status != pytest.ExitCode.OK:
        raise SystemExit(printed.getvalue())
    return marks.counts


def table(counts):
    """Return the Markdown table of the numbers of tests; a dash where there is none."""
    sections = {section for group in CHAPTERS.values() for section in group}
    unknown = sorted(mark for mark in counts if mark[0] not in sections or mark[1] not in DIALECTS)
    if unknown:
        raise SystemExit(f"these marks name no section or no dialect of CHAPTERS and DIALECTS: {unknown}")
    lines = [
        "<!-- Made by: python docs/dialect_table.py -->",
        "",
        "| Chapter | Section | " + " | ".join(DIALECTS.values()) + " |",
        "|---|---|" + "--:|" * len(DIALECTS),
    ]
    for chapter, group in CHAPTERS.items():
        for section in group:
            numbers = [str(counts[section, dialect] or "–") for dialect in DIALECTS]
            lines.append(f"| {chapter if section == group[0] else ''} | `{section}` | " + " | ".join(numbers) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(table(collect()), "utf-8")
