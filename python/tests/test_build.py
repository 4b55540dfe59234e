"""The installed binary stands on its own, and a build that cannot work says why in one sentence."""

import os
import re
import runpy
import shutil
import subprocess
import sys
import types
from pathlib import Path

import pytest

import swift_tools
import swiftconv
from swiftconv import _core

BINARY = Path(_core.__file__)
SETUP = swift_tools.ROOT / "setup.py"

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="looks at an ELF file")


def readelf(*options):
    if shutil.which("readelf") is None:
        pytest.skip("needs readelf, from the package binutils")
    return subprocess.run(["readelf", "-W", *options, BINARY], capture_output=True, text=True, check=True).stdout


def test_binary_serves_all_python_versions():
    assert BINARY.name == "_core.abi3.so"


def test_versions_agree():
    assert _core.info()["version"] == swiftconv.__version__


@on_linux
def test_needs_only_system_libraries():
    needed = re.findall(r"\(NEEDED\).*\[(.+)\]", readelf("-d"))
    assert needed
    for name in needed:
        assert re.match(r"(libc|libm|libstdc\+\+|libgcc_s|libpthread|libdl|ld-linux[\w-]*)\.so", name), name


@on_linux
def test_has_no_search_path():
    dynamic = readelf("-d")
    assert "RPATH" not in dynamic
    assert "RUNPATH" not in dynamic


@on_linux
def test_exports_one_symbol():
    lines = [line.split() for line in readelf("--dyn-syms").splitlines()]
    defined = [line[7] for line in lines if len(line) == 8 and line[0].rstrip(":").isdigit() and line[6] != "UND"]
    assert defined == ["PyInit__core"]


def test_contains_no_path_of_the_build():
    contents = BINARY.read_bytes()
    swift = shutil.which("swift")
    places = [str(swift_tools.ROOT), str(Path.home())]
    if swift is not None:
        places.append(str(Path(swift).resolve().parents[2]))
    for place in places:
        if len(place) > 4:  # not "/" or "/usr"
            assert place.encode() + b"/" not in contents, place


def test_imports_without_swift():
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LD_", "SWIFT"))}
    environment["PATH"] = "/nonexistent"
    command = [sys.executable, "-c", "import swiftconv as sc; print((sc.ones(2) + 1).tolist())"]
    finished = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert finished.stdout == "[2.0, 2.0]\n", finished.stderr


# ---- Builds that cannot work ---------------------------------------------------------------------------------------


@pytest.fixture
def setup_names(monkeypatch):
    """What setup.py defines, with setuptools replaced: it need not be installed here, and nothing must be built."""
    if not SETUP.exists():
        pytest.skip("setup.py is not here")
    fakes = {
        "setuptools": {"Extension": lambda *args, **options: None, "setup": lambda **options: None},
        "setuptools.command": {},
        "setuptools.command.build_ext": {"build_ext": object},
        "setuptools.command.sdist": {"sdist": object},
    }
    for name, contents in fakes.items():
        module = types.ModuleType(name)
        vars(module).update(contents)
        monkeypatch.setitem(sys.modules, name, module)
    return runpy.run_path(str(SETUP))


def fake_swift(folder, script):
    path = folder / "swift"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def sentence_of(action):
    with pytest.raises(SystemExit) as caught:
        action()
    text = str(caught.value)
    assert text.startswith("swiftconv: ")
    assert text.endswith(".")
    assert "\n" not in text
    return text


def test_missing_swift(setup_names, monkeypatch):
    monkeypatch.setenv("SWIFT", "no-such-swift")
    text = sentence_of(setup_names["Toolchain"])
    assert "no-such-swift" in text
    assert "https://www.swift.org/install" in text


def test_old_swift(setup_names, monkeypatch, tmp_path):
    monkeypatch.setenv("SWIFT", fake_swift(tmp_path, "echo Swift version 5.10.1"))
    assert "is Swift 5.10, but building needs 6.2 or newer" in sentence_of(setup_names["Toolchain"])


def test_something_else_called_swift(setup_names, monkeypatch, tmp_path):
    monkeypatch.setenv("SWIFT", fake_swift(tmp_path, "echo OpenStack client"))
    assert "does not say which version of Swift it is" in sentence_of(setup_names["Toolchain"])


def test_swift_that_fails_to_compile(setup_names, monkeypatch, tmp_path):
    script = 'if [ "$1" = --version ]; then echo Swift version 6.3; else echo error: broken; exit 1; fi'
    monkeypatch.setenv("SWIFT", fake_swift(tmp_path, script))
    build = setup_names["NativeBuild"](setup_names["Toolchain"](), tmp_path / "scratch")
    assert "the Swift core did not compile" in sentence_of(build.build)
