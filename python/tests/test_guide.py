"""The examples on the pages of the documentation run, and print what they say."""

import doctest
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
EXAMPLES = re.compile(r"^```pycon\n(.*?)^```$", re.DOTALL | re.MULTILINE)
PAGES = {str(path.relative_to(DOCS)): path for path in sorted(DOCS.rglob("*.md"))}
PAGES = {name: path for name, path in PAGES.items() if EXAMPLES.search(path.read_text("utf-8"))}


@pytest.mark.parametrize("name", PAGES)
def test_examples(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code = "\n".join(EXAMPLES.findall(PAGES[name].read_text("utf-8")))
    for package in ("safetensors", "dask"):  # packages of the extras
        if package in code:
            pytest.importorskip(package)
    examples = doctest.DocTestParser().get_doctest(code, {}, name, name, 0)
    said = []
    doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(examples, out=said.append)
    assert not said, "".join(said)


def test_there_are_pages():
    if not DOCS.exists():
        pytest.skip("the documentation's sources are not here")
    assert len(PAGES) > 5
