"""The documentation's table of sections and dialects is what the tests' marks say."""

from pathlib import Path

from subprocesses import check_python

DOCS = Path(__file__).parents[2] / "docs"


def test_the_table_is_up_to_date():
    made = check_python(
        f"import sys; sys.path.insert(0, {str(DOCS)!r}); import dialect_table as t; print(t.table(t.collect()), end='')"
    )
    written = (DOCS / "tables" / "dialects.md").read_text("utf-8")
    assert made == written, "run: python docs/dialect_table.py"
