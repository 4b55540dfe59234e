"""Compiles a C program against swiftconv.h and runs it: the core works without Python."""

import shutil
from pathlib import Path

import pytest

import swift_tools


def test_c_program(tmp_path):
    swift = swift_tools.find_swift()
    root, scratch = swift_tools.ROOT, swift_tools.PACKAGE_SCRATCH
    compiler = shutil.which("clang", path=str(Path(swift).parent)) or shutil.which("cc")
    if compiler is None:
        pytest.fail("this test needs clang, which comes with Swift, or a C compiler called cc", pytrace=False)
    swift_tools.run(
        [swift, "build", "-c", "release", "--product", "SwiftConvABI", "--scratch-path", scratch], hosted=True
    )

    headers = root / "Sources" / "CSwiftConv" / "include"
    compiled, program = tmp_path / "abi_test.o", tmp_path / "abi_test"
    warnings = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic"]
    swift_tools.run([compiler, "-c", *warnings, f"-I{headers}", "-o", compiled, root / "python/tests/c/abi_test.c"])
    library = scratch / "release" / "libSwiftConvABI.a"
    swiftc = Path(swift).with_name("swiftc")
    swift_tools.run([swiftc, "-static-stdlib", "-use-ld=lld", "-o", program, compiled, library])
    assert "all checks passed" in swift_tools.run([program], timeout=60)
