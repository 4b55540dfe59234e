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


def test_another_package_can_depend_on_it():
    swift = swift_tools.find_swift()
    package = swift_tools.ROOT / "Tests" / "Dependent"
    scratch = swift_tools.BUILD / "swift-dependent"
    # As others build it: SwiftPM refuses the flags of the tuned kernels in a dependency.
    command = [swift, "run", "--quiet", "--package-path", package, "--scratch-path", scratch]
    output = swift_tools.run(command, tuned=False)  # what the compiler may have to say, and then the program's
    assert output.endswith((package / "expected.txt").read_text("utf-8"))
