"""Runs the tests of the Swift package, so that one `pytest` runs everything."""

import swift_tools

SCRATCH = swift_tools.BUILD / "swift-tests"  # apart from the package's own build, which has other flags


def test_swift_package():
    swift = swift_tools.find_swift()
    options = ["-c", "release", "--scratch-path", SCRATCH]
    swift_tools.run([swift, "build", "--build-tests", *options])
    output = swift_tools.run([swift, "test", "--skip-build", *options])
    summary = [line for line in output.splitlines() if "Test run with" in line or "Executed" in line]
    print("\n".join(summary))
    assert summary, f"swift test ran no tests:\n{output[-2000:]}"
