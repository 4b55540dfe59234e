"""Sessions whose texts are those of MXNet 1.9.1 and its d2l, one for each section; they run on MXNet itself too."""

import doctest
from pathlib import Path

import pytest

from dialects.notebooks import write_fashion_mnist
from swiftconv import mxnet
from swiftconv.dialects import load, unload
from swiftconv.mxnet.gluon import block

SESSIONS = sorted((Path(__file__).parent / "mxnet_texts").glob("*.txt"))


class Checker(doctest.OutputChecker):
    """Compares texts with tabs: doctest expands those of the expected text."""

    def check_output(self, want, got, optionflags):
        return super().check_output(want, got.expandtabs(), optionflags)


@pytest.fixture
def dialect(tmp_path, monkeypatch):
    monkeypatch.setenv("MXNET_HOME", str(tmp_path))
    monkeypatch.setattr(block, "_counts", {})
    write_fashion_mnist(tmp_path / "datasets" / "fashion-mnist")
    mxnet.np.random.seed(0)
    load(mxnet.DIALECT)
    yield
    unload(mxnet.DIALECT)


@pytest.mark.parametrize(
    "path",
    [pytest.param(each, marks=pytest.mark.section(each.stem, "mxnet"), id=each.stem) for each in SESSIONS],
)
def test_a_session_reads_as_in_mxnet(path, dialect, capsys):
    session = doctest.DocTestParser().get_doctest(path.read_text("utf-8"), {}, path.name, str(path), 0)
    runner = doctest.DocTestRunner(checker=Checker(), verbose=False)
    failed, tried = runner.run(session)
    assert tried and not failed, capsys.readouterr().out
