"""Running cells in a real IPython kernel, and the text that each of them shows."""

import os
from pathlib import Path

import numpy
import pytest

import swiftconv
from swiftconv.data import write_idx


def run_cells(cells, folder, timeout=300):
    """Run cells in one kernel, started in a folder; return for each the printed text and the displayed value.

    Figures are left out. A cell that fails raises nbclient's CellExecutionError, with the traceback.
    """
    pytest.importorskip("ipykernel")
    nbclient = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    # A kernel's start writes to the home folder; tests leave that alone.
    environment = {**os.environ, "IPYTHONDIR": str(Path(folder) / ".ipython")}
    environment["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    # The kernel works in another folder, and must import the package that is under test.
    places = [str(Path(swiftconv.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, places))
    client = nbclient.NotebookClient(notebook, timeout=timeout, resources={"metadata": {"path": str(folder)}})
    client.execute(env=environment)
    return [cell_text(cell) for cell in notebook.cells]


def cell_text(cell):
    """The text that a cell shows: what it prints, then its value."""
    text = ""
    for output in cell.outputs:
        if output.output_type == "stream" and output.name == "stdout":
            text += output.text
        elif output.output_type == "execute_result":
            text += output.data["text/plain"]
    return text.rstrip("\n")


def write_fashion_mnist(folder, train=640, test=128, seed=0):
    """Write IDX files of synthetic pictures: each class has a bright row of its own."""
    folder.mkdir(parents=True)
    rng = numpy.random.default_rng(seed)
    for kind, count in (("train", train), ("t10k", test)):
        labels = rng.integers(0, 10, count).astype(numpy.uint8)
        images = rng.integers(0, 40, (count, 28, 28)).astype(numpy.uint8)
        images[numpy.arange(count), 2 * labels + 4] = 250
        write_idx(folder / f"{kind}-images-idx3-ubyte", images)
        write_idx(folder / f"{kind}-labels-idx1-ubyte", labels)
