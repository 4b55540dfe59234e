"""Builds the Swift core and links it with the CPython extension into one self-contained file, `_core.abi3.so`.

Everything else about the package stands in pyproject.toml. The steps of `NativeBuild` are those a reader would type:
`swift build`, one `clang -c` for each C file, and one `swiftc -emit-library`.
"""

import functools
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.command.sdist import sdist

ROOT = Path(__file__).resolve().parent
C_SOURCES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "python" / "src").glob("*.c"))
OLDEST_SWIFT = (6, 2)
ON_MACOS = sys.platform == "darwin"  # The branches for macOS follow Apple's documentation; they are not tested.
LIMITED_API = "0x030B0000"  # CPython 3.11, the first whose stable interface has the buffer protocol

# Modules that are compiled for newer CPUs than the oldest one that is supported.
CPU_VARIANT = re.compile(r"^SwiftConvVectorAVX\w*$")


def fail(sentence):
    """Ends the build with one sentence instead of a traceback."""
    raise SystemExit(f"swiftconv: {sentence}")


def run(command, what, **options):
    """Runs a tool whose messages the user should see; `what` completes the sentence when it fails."""
    line = shlex.join(str(word) for word in command)
    print(line if len(line) <= 400 else f"{line[:400]} ...", flush=True)
    try:
        finished = subprocess.run(command, **options)
    except OSError as error:
        fail(f"{command[0]} could not be started ({error.strerror}).")
    if finished.returncode != 0:
        fail(f"{what}; the messages of {Path(command[0]).name} are above.")


def replace_file(source, destination):
    """Puts a file in place in one step: overwriting a library that a running process has loaded would crash it."""
    destination.parent.mkdir(parents=True, exist_ok=True)
    beside = destination.with_name(f"{destination.name}.{os.getpid()}.new")
    shutil.copyfile(source, beside)
    os.replace(beside, destination)


class Toolchain:
    """The Swift tools: those next to the `swift` that the variable SWIFT names, or that the PATH has."""

    def __init__(self):
        self.swift = self._find_swift()
        self._check_version()

    def tool(self, name):
        """The toolchain's own tool if it has it, otherwise the one on the PATH, otherwise None."""
        beside = Path(self.swift).with_name(name)
        return str(beside) if beside.exists() else shutil.which(name)

    @staticmethod
    def _find_swift():
        wanted = os.environ.get("SWIFT") or "swift"
        found = shutil.which(wanted)
        if found is None:
            fail(
                f"building needs the Swift compiler {OLDEST_SWIFT[0]}.{OLDEST_SWIFT[1]} or newer, and there is no "
                f"'{wanted}' here; install it from https://www.swift.org/install and put it on the PATH, or name it "
                "in the environment variable SWIFT."
            )
        return found

    def _check_version(self):
        try:
            finished = subprocess.run([self.swift, "--version"], capture_output=True, text=True)
        except OSError as error:
            fail(f"{self.swift} could not be started ({error.strerror}).")
        found = re.search(r"Swift version (\d+)\.(\d+)", finished.stdout + finished.stderr)
        if found is None:
            fail(f"{self.swift} does not say which version of Swift it is; name another one in the variable SWIFT.")
        version = (int(found[1]), int(found[2]))
        if version < OLDEST_SWIFT:
            fail(
                f"{self.swift} is Swift {version[0]}.{version[1]}, but building needs {OLDEST_SWIFT[0]}."
                f"{OLDEST_SWIFT[1]} or newer; get it from https://www.swift.org/install."
            )


class NativeBuild:
    """The way from the sources to one shared library."""

    def __init__(self, toolchain, scratch):
        self.toolchain = toolchain
        self.scratch = scratch
        self.objects = scratch / "extension"
        self.objects.mkdir(parents=True, exist_ok=True)

    def build(self):
        baseline, variants = self._swift_objects()
        extension = [self._compile(source) for source in C_SOURCES]
        isolated = [self._isolate(name, objects) for name, objects in sorted(variants.items())]
        return self._link([*extension, *baseline, *isolated])

    def _swift_objects(self):
        """Compiles the Swift package. Returns the objects for every CPU, and those for newer ones by module."""
        command = [self.toolchain.swift, "build", "-c", "release", "--product", "SwiftConvABI"]
        command += ["--package-path", str(ROOT), "--scratch-path", str(self.scratch)]
        # A package manager's environment may carry flags for C compilers that SwiftPM would not understand.
        environment = {**os.environ, "SWIFTCONV_TUNED": "1", "SWIFTCONV_HOSTED": "1"}
        run(command, "the Swift core did not compile", env=environment)
        listing = self.scratch / "release" / "SwiftConvABI.product" / "Objects.LinkFileList"
        if not listing.exists():
            fail(f"swift build left no list of objects at {listing}; this version of SwiftPM is not known.")
        baseline, variants = [], {}
        for path in map(Path, shlex.split(listing.read_text())):
            folder = next(part for part in reversed(path.parts) if part.endswith(".build"))
            module = folder.removesuffix(".build")
            if CPU_VARIANT.match(module):
                variants.setdefault(module, []).append(str(path))
            else:
                baseline.append(str(path))
        return baseline, variants

    @functools.cached_property
    def _thread_id(self):
        """The symbol of the number that the Swift runtime remembers for each thread, or None; see module.c."""
        library = Path(self.toolchain.swift).resolve().parents[1] / "lib/swift_static/linux/libswiftCore.a"
        reader = self.toolchain.tool("llvm-nm") or shutil.which("nm")
        if reader is None or not library.exists():
            return None
        names = subprocess.run([reader, str(library)], capture_output=True, text=True).stdout
        found = re.search(r" W (_ZZN\w*ulock_get_tidEvE3tid)$", names, re.MULTILINE)
        return found and found[1]

    def _compile(self, source):
        """Compiles one C file of the extension."""
        compiler = self.toolchain.tool("clang") or shutil.which("cc")
        if compiler is None:
            fail("building needs clang, which comes with Swift, or another C compiler called cc.")
        target = self.objects / (Path(source).stem + ".o")
        command = [compiler, "-c", "-std=c11", "-O2", "-fPIC", "-fvisibility=hidden", "-ffunction-sections"]
        command += ["-Wall", "-Wextra", f"-DPy_LIMITED_API={LIMITED_API}"]
        if thread_id := self._thread_id:
            command.append(f'-DSWIFT_THREAD_ID="{thread_id}"')
        command += [f"-I{sysconfig.get_path('include')}", f"-I{ROOT / 'Sources' / 'CSwiftConv' / 'include'}"]
        run([*command, "-o", str(target), str(ROOT / source)], "the CPython extension did not compile")
        return str(target)

    def _isolate(self, module, objects):
        """Makes one object of a module for newer CPUs, with its inner symbols hidden from the others.

        The compiler emits generic code anew in each module that uses it, under the same name, for the linker to keep
        one. That one must not come from here, or an old CPU would meet instructions that it does not have.
        """
        merged = self.objects / f"{module}.o"
        linker, objcopy = self.toolchain.tool("ld.lld"), self.toolchain.tool("llvm-objcopy")
        if linker is None or objcopy is None:
            fail("building needs ld.lld and llvm-objcopy, which come with Swift.")
        command = [linker, "-r", "--force-group-allocation", "-o", str(merged), *objects]
        run(command, f"the objects of {module} could not be joined")
        run([objcopy, "--localize-hidden", str(merged)], f"the symbols of {module} could not be hidden")
        return str(merged)

    def _link(self, objects):
        """Links with the static Swift runtime and exports one symbol, `PyInit__core`."""
        output = self.objects / "_core.abi3.so"
        command = [self.toolchain.tool("swiftc"), "-emit-library", "-module-name", "_core", "-o", str(output)]
        if ON_MACOS:
            # The Swift runtime is part of the system there; Python's own symbols are found at import.
            flags = ["-dead_strip", "-x", "-undefined", "dynamic_lookup", "-exported_symbol", "_PyInit__core"]
        else:
            exports = self.objects / "exports.map"
            exports.write_text("{ global: PyInit__core; local: *; };\n")
            # Without a name of its own the library would carry the path of the build.
            flags = ["--gc-sections", "-s", f"--version-script={exports}", f"-soname={output.name}"]
            # Not gold: it keeps protected symbols of Swift visible against the list of exports.
            command += ["-static-stdlib", "-use-ld=lld"]
        for flag in flags:
            command += ["-Xlinker", flag]
        run([*command, *objects], "the extension could not be linked")
        return output


class BuildSwiftExtension(build_ext):
    """`build_ext` whose one extension comes from `NativeBuild`."""

    def build_extension(self, ext):
        # Beside the sources, so that a second build is quick, unless they cannot be written to.
        folder = ROOT / "build" if os.access(ROOT, os.W_OK) else Path(self.build_temp).resolve()
        scratch = folder / f"swift-{platform.machine()}"
        built = NativeBuild(Toolchain(), scratch).build()
        replace_file(built, Path(self.get_ext_fullpath(ext.name)))

    def copy_extensions_to_source(self):
        """What an editable install ends with."""
        for ext in self.extensions:
            built = Path(self.build_lib, self.get_ext_filename(ext.name))
            replace_file(built, ROOT / "python" / self.get_ext_filename(ext.name))


class SourceDistribution(sdist):
    """`sdist` with the folder Sources, whose symbolic links to folders MANIFEST.in would leave out."""

    def make_release_tree(self, base_dir, files):
        super().make_release_tree(base_dir, files)
        shutil.copytree(ROOT / "Sources", Path(base_dir, "Sources"))


setup(
    ext_modules=[Extension("swiftconv._core", C_SOURCES, py_limited_api=True)],
    cmdclass={"build_ext": BuildSwiftExtension, "sdist": SourceDistribution},
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
