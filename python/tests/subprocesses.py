"""Running Python code in a process of its own: for what could end a process, and for what is measured per process."""

import os
import subprocess
import sys
import textwrap

# A function for such code: the most memory that the process has had, in bytes. Not getrusage's on Linux: a child begins
# with what its parent had there, which hides what the child takes.
MOST_MEMORY = """
def most_memory():
    try:
        with open("/proc/self/status") as status:
            return next(1024 * int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    except OSError:
        import resource
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
"""


def run_python(code, *arguments, timeout=120, **environment):
    """Run code and return the finished process, with its output as text."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=timeout,
        env={**os.environ, **environment},
    )


def check_python(code, *arguments, timeout=120, **environment):
    """Run code that must end well, and return what it printed."""
    process = run_python(code, *arguments, timeout=timeout, **environment)
    assert process.returncode == 0, f"exit status {process.returncode}\n{process.stdout}\n{process.stderr}"
    return process.stdout
