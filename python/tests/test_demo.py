"""``python -m swiftconv``: the chapter from end to end."""

import re
import subprocess
import sys

import numpy as np
import pytest

from swiftconv import demo

Image = pytest.importorskip("PIL.Image", reason="the demonstration needs Pillow")
# Importing this makes the list of fonts, about which the first figure of a machine would print a line.
pytest.importorskip("matplotlib.font_manager", reason="the demonstration needs matplotlib")


def run(*arguments, cwd=None, code=None):
    command = [sys.executable, *(("-c", code) if code else ("-m", "swiftconv")), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=cwd)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    return run(cwd=folder), folder / "swiftconv-chapter.png"


def test_numbers(finished):
    process, _ = finished
    assert process.returncode == 0, process.stderr
    assert "[[19. 25.]\n [37. 43.]]" in process.stdout
    assert "[ 0.,  1.,  0.,  0.,  0., -1.,  0.]" in process.stdout
    assert "finds 0 edges" in process.stdout
    assert not process.stderr


def test_kernel_is_learned(finished):
    process, _ = finished
    losses = [float(each) for each in re.findall(r"step +\d+, loss ([\d.]+)", process.stdout)]
    assert len(losses) == 5
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < losses[0] / 20
    left, right = map(
        float, re.search(r"learned kernel \[([-\d.]+), ([-\d.]+)\], wanted \[1, -1\]", process.stdout).groups()
    )
    assert abs(left - 1) < 0.2
    assert abs(right + 1) < 0.2


def test_figure(finished):
    process, figure = finished
    assert f"Figure: {figure.resolve()}" in process.stdout
    with Image.open(figure) as picture:
        assert min(picture.size) > 1000
        assert len(picture.convert("RGB").getcolors(1 << 24)) > 500


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "1", "I;16", "CMYK"])
def test_kinds_of_images(tmp_path, mode):
    photo = tmp_path / "photo.tiff"
    Image.new("L", (37, 23), 128).convert(mode).save(photo)
    pixels = demo._read_photo(photo)
    assert pixels.shape == (23, 37)
    assert pixels.dtype == np.uint8


def test_own_image(tmp_path):
    Image.new("L", (37, 23), 128).save(tmp_path / "photo.png")
    process = run("--image", tmp_path / "photo.png", "--out", tmp_path / "figure.png")
    assert process.returncode == 0, process.stderr
    assert "37 x 23 pixels" in process.stdout


@pytest.mark.parametrize(
    ("name", "content"),
    [("missing.png", None), ("text.png", b"not an image"), ("empty.png", b""), ("folder", "folder")],
)
def test_bad_image(tmp_path, name, content):
    photo = tmp_path / name
    if content == "folder":
        photo.mkdir()
    elif content is not None:
        photo.write_bytes(content)
    process = run("--image", photo, "--out", tmp_path / "figure.png")
    assert process.returncode == 2
    assert process.stderr.startswith(f"swiftconv: cannot open {photo}")
    assert process.stderr.count("\n") == 1


def test_tiny_image(tmp_path):
    Image.new("L", (1, 5)).save(tmp_path / "tiny.png")
    process = run("--image", tmp_path / "tiny.png")
    assert process.returncode == 2
    assert "too small" in process.stderr


def test_figure_that_cannot_be_saved(tmp_path):
    for out in (tmp_path / "no" / "such.png", tmp_path / "figure.xyz"):
        process = run("--out", out)
        assert process.returncode == 2
        assert process.stderr.startswith("swiftconv: cannot save the figure")
        assert process.stderr.count("\n") == 1


@pytest.mark.parametrize("missing", ["matplotlib", "PIL"])
def test_missing_package(missing):
    code = f"import sys; sys.modules[{missing!r}] = None; from swiftconv.__main__ import main; sys.exit(main([]))"
    process = run(code=code)
    assert process.returncode == 2
    assert process.stderr.count("\n") == 1
    assert 'pip install "swiftconv[demo]"' in process.stderr


def test_help():
    process = run("--help")
    assert process.returncode == 0
    for word in ("--image", "--out", "info", "cross-correlation"):
        assert word in process.stdout


def test_wrong_argument():
    assert run("dance").returncode == 2
