"""Make Markdown tables from the JSON that `bench.py` writes.

    python python/benchmarks/table.py results/one_thread.json > results/one_thread.md

Times of the other libraries stand beside swiftconv's, with their ratio.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

OURS = "swiftconv"


def time_text(seconds: float) -> str:
    if seconds < 1e-4:
        return f"{seconds * 1e6:.3g} µs"
    return f"{seconds * 1e3:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


def cells(row: dict[str, Any], peers: list[str]) -> list[str]:
    """The name, our time and speed, and every peer's time with how many times ours that is."""
    seconds = row["seconds"]
    ours = seconds[OURS]
    fastest = min(seconds.values())
    texts = {name: time_text(value) for name, value in seconds.items()}
    bold = {name: f"**{text}**" if seconds[name] == fastest else text for name, text in texts.items()}
    speed = f"{row['flops'] / ours / 1e9:.1f}" if row["flops"] > 1e5 else ""
    others = [f"{bold[name]} ({seconds[name] / ours:.2f}×)" if name in seconds else "" for name in peers]
    return [row["name"], bold[OURS], speed, *others]


def tables(report: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in report["versions"].items())
    threads = f"{report['threads']} thread{'s' if report['threads'] > 1 else ''}"
    lines = [
        f"{report['cpu']}, {report['instruction_set']}, {threads}; {report['clock']} per call, median of "
        f"{report['rounds']} rounds; {report['date']}.",
        f"{versions}, Python {report['python']}.",
        f"Made by `{report['command']}`.",
        "",
        "In parentheses: how many times swiftconv's time it is; above 1, swiftconv is faster. The fastest is bold.",
    ]
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in report["rows"]:
        groups.setdefault(row["group"], []).append(row)
    for group, rows in groups.items():
        peers = [name for name in report["versions"] if name != OURS and any(name in row["seconds"] for row in rows)]
        head = [group, OURS, "GFLOP/s", *peers]
        lines += ["", f"| {' | '.join(head)} |", f"|---|{'--:|' * (len(head) - 1)}"]
        lines += [f"| {' | '.join(cells(row, peers))} |" for row in rows]
    slower = [row for row in report["rows"] if min(row["seconds"].values()) < row["seconds"][OURS]]
    lines += ["", f"Rows: {len(report['rows'])}; swiftconv is not the fastest in {len(slower)} of them."]
    return "\n".join(lines)


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: table.py results.json")
    print(tables(json.loads(Path(sys.argv[1]).read_text())))


if __name__ == "__main__":
    main()
