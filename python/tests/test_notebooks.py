"""Every notebook runs from its first cell to its last, in a fresh kernel, and shows pictures."""

import os
from pathlib import Path

import pytest

import swiftconv

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")
for package in ("ipykernel", "sklearn", "matplotlib"):
    pytest.importorskip(package)

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook(path, tmp_path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert all(not cell.get("outputs") for cell in notebook.cells), "notebooks are kept without what they show"
    environment = {
        **os.environ,
        "IPYTHONDIR": str(tmp_path / "ipython"),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYTHONPATH": str(Path(swiftconv.__file__).parents[1]),
    }
    client = nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}})
    client.execute(env=environment)
    shown = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    pictures = [output for output in shown if "image/png" in output.get("data", {})]
    assert shown
    for output in shown:
        text = output.get("data", {}).get("text/plain", "")
        assert "image/png" in output.get("data", {}) or not text.startswith("<Figure"), "a picture that nobody sees"
    if path.stem[:2] in ("01", "02", "03"):
        assert len(pictures) >= 4


def test_there_are_notebooks():
    assert len(NOTEBOOKS) >= 5
