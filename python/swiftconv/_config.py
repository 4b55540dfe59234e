"""What this build is, and how many threads it uses."""

from __future__ import annotations

import platform
from operator import index

from . import _core
from ._version import __version__


def get_num_threads() -> int:
    """Return how many threads a computation may use, the calling one included.

    Example
    -------
    >>> sc.get_num_threads() >= 1
    True
    """
    return _core.num_threads()


def set_num_threads(count: int) -> None:
    """Set how many threads a computation may use.

    Results do not depend on this number. At first it is the value of the environment variable
    ``SWIFTCONV_NUM_THREADS``, or else the number of CPUs that the process may use.

    Parameters
    ----------
    count : int
        1 or more.

    Raises
    ------
    ValueError
        When `count` is not positive.

    Example
    -------
    >>> sc.set_num_threads(sc.get_num_threads())
    """
    number = index(count)
    if number < 1:
        raise ValueError(f"set_num_threads: expected 1 or more threads, got {number}")
    _core.set_num_threads(number)


def config_text() -> str:
    """Return the lines that `show_config` prints."""
    import numpy

    info = _core.info()
    rows = {
        "swiftconv": __version__,
        "Swift": info["swift_version"],
        "kernels": info["isa"],
        "CPU features": info["cpu_features"] or "none known",
        "threads": str(info["num_threads"]),
        "tensor memory": f"{info['memory_current']:,} bytes now, {info['memory_peak']:,} at most",
        "Python": platform.python_version(),
        "NumPy": numpy.__version__,
    }
    width = max(map(len, rows))
    return "\n".join(f"{name:<{width}}  {value}" for name, value in rows.items())


def show_config() -> None:
    """Print the version, the Swift compiler, the instruction set picked for this CPU, and the number of threads.

    Example
    -------
    >>> sc.show_config()  # doctest: +ELLIPSIS
    swiftconv ...
    Swift ...
    kernels ...
    threads ...
    NumPy ...
    """
    print(config_text())
