"""The notebooks as pages: each is run in a kernel of its own, and its cells and what they show become Markdown."""

from __future__ import annotations

import base64
import os
import re
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import nbclient
import nbformat

FOLDER = Path(__file__).resolve().parents[1] / "python" / "notebooks"
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
MAGIC = re.compile(r"^[%!]", re.MULTILINE)


def run(path: Path) -> Any:
    """Return the notebook with what its cells show; as it is kept, when SWIFTCONV_DOCS_NOTEBOOKS is 0."""
    notebook = nbformat.read(path, as_version=4)
    if os.environ.get("SWIFTCONV_DOCS_NOTEBOOKS") == "0":
        return notebook
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "IPYTHONDIR": folder,
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            "PYTHONPATH": str(FOLDER.parent) if has_extension() else os.environ.get("PYTHONPATH", ""),
        }
        nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": folder}}).execute(
            env=environment
        )
    return notebook


def has_extension() -> bool:
    """Whether the package in the sources can be imported, and not only an installed one."""
    return any((FOLDER.parent / "swiftconv").glob("_core*.so"))


def fenced(text: str, language: str) -> str:
    """A block of code, fenced so that fences within it do no harm."""
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", text) or [""]))
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def shown(output: Any, name: str, pictures: dict[str, bytes]) -> str:
    """The Markdown of something that a cell shows; a picture is added to the others under its name."""
    if output.output_type == "stream":
        return fenced(COLOURS.sub("", output.text), "text")
    if output.output_type == "error":
        return fenced(f"{output.ename}: {output.evalue}", "text")
    for kind, ending in (("image/png", "png"), ("image/svg+xml", "svg")):
        if kind in output.data:
            data = output.data[kind]
            file = f"{name}-{len(pictures) + 1}.{ending}"
            pictures[file] = base64.b64decode(data) if ending == "png" else data.encode()
            return f"![]({file}){{ .shown }}"
    if "text/html" in output.data:
        # A blank line would end the block of HTML, and an indented line would be code.
        lines = (line.strip() for line in output.data["text/html"].splitlines())
        return f'<div class="shown">{" ".join(filter(None, lines))}</div>'
    return fenced(output.data.get("text/plain", ""), "text")


def page(path: Path) -> tuple[str, dict[str, bytes]]:
    """The Markdown of a notebook's page, and the pictures on it by name."""
    parts: list[str] = []
    pictures: dict[str, bytes] = {}
    for cell in run(path).cells:
        if cell.cell_type == "markdown":
            parts.append(cell.source)
        elif cell.cell_type == "code":
            parts.append(fenced(cell.source, "ipython" if MAGIC.search(cell.source) else "python"))
            parts += [shown(output, path.stem, pictures) for output in cell.outputs]
    return "\n\n".join(parts) + "\n", pictures


@cache
def pages() -> dict[str, tuple[str, dict[str, bytes]]]:
    """All pages by the names of the notebooks, which run side by side."""
    paths = sorted(FOLDER.glob("*.ipynb"))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip((path.stem for path in paths), pool.map(page, paths), strict=True))
