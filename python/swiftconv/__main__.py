"""``python -m swiftconv``: the chapter from end to end; ``python -m swiftconv info``: what this build is."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m swiftconv",
        description="Convolutions for images, computed in Swift: cross-correlation, edges, and a learned kernel. "
        "Prints the numbers and saves one figure.",
        epilog="'info' prints the version, the Swift compiler, the CPU's features, the threads and NumPy's version.",
    )
    parser.add_argument("command", nargs="?", choices=("demo", "info"), default="demo", help="what to do (demo)")
    parser.add_argument("--image", type=Path, metavar="FILE", help="a photograph to find edges in, instead of a sample")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        default=Path("swiftconv-chapter.png"),
        help="where to save the figure (./swiftconv-chapter.png)",
    )
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    given = _parser().parse_args(arguments)
    if given.command == "info":
        from ._config import show_config

        show_config()
        return 0
    from .demo import DemoError, run

    try:
        run(given.image, given.out)
    except DemoError as error:
        print(f"swiftconv: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
