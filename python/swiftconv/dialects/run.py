"""``python -m swiftconv.<dialect> script.py [arguments]``: run a script with a dialect loaded."""

from __future__ import annotations

import os
import sys
from types import ModuleType, TracebackType

from .switch import Dialect, load


def main(dialect: Dialect, arguments: list[str] | None = None) -> int:
    """Run the script that the command line names, as ``python script.py`` would.

    Parameters
    ----------
    dialect : Dialect
        The dialect to load first.
    arguments : list of str, optional
        The script and its arguments; those of the process if not given.

    Returns
    -------
    int
        The exit status.
    """
    given = sys.argv[1:] if arguments is None else arguments
    if not given or given[0] in ("-h", "--help"):
        print(f"usage: python -m swiftconv.{dialect.name} script.py [arguments]", file=sys.stderr)
        return 0 if given else 2
    path = given[0]
    try:
        with open(path, "rb") as file:
            source = file.read()
    except OSError as error:
        print(f"swiftconv.{dialect.name}: cannot open {path!r}: {error.strerror}", file=sys.stderr)
        return 2
    load(dialect)
    return _run(path, source, given)


def _run(path: str, source: bytes, given: list[str]) -> int:
    module = ModuleType("__main__")
    module.__file__ = path
    module.__builtins__ = __builtins__  # type: ignore[attr-defined]
    sys.modules["__main__"] = module
    sys.argv = list(given)
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    try:
        exec(compile(source, path, "exec"), vars(module))
    except SystemExit:
        raise
    except BaseException as error:
        shown = _from_script(error.__traceback__)
        sys.excepthook(type(error), error.with_traceback(shown), shown)
        return 130 if isinstance(error, KeyboardInterrupt) else 1
    return 0


def _from_script(traceback: TracebackType | None) -> TracebackType | None:
    """Leave out this module's own frames, which say nothing to the script's author."""
    here = __file__
    while traceback is not None and traceback.tb_frame.f_code.co_filename == here:
        traceback = traceback.tb_next
    return traceback
