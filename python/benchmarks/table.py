"""Make Markdown tables, and a plot, from the JSON that `bench.py` writes.

    python python/benchmarks/table.py results/latest.json > results/latest.md
    python python/benchmarks/table.py --summary --plot speed.svg results/1.json results/2.json results/3.json
    python python/benchmarks/table.py --readme README.md results/*.json

Of several files, the targets are counted over all of them, and the rows are those of the last one.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cases import TARGETS, Target

OURS = "swiftconv"
# Below this many operations a call is overhead, and its speed says nothing.
SMALL = 1e5
# Groups where arithmetic is the limit, so that a second thread should nearly double the speed.
COMPUTE_BOUND = ("3x3", "3x3 gradients", "few channels", "matrix", "other", "lenet", "resnet18")
SCALING = 1.8
# Seconds that make a second thread worth waking.
LONG = 2e-4
MIB = 1 << 20
# Ways of calling PyTorch, and ourselves.
NOT_PEERS = (OURS, "torch_cl", "torch_malloc", "torch_compile")
MARKS = ("<!-- speed -->", "<!-- end of speed -->")
# What a convolution may need beyond its inputs and results.
LAYER_MEMORY = 64
Row = dict[str, Any]


def time_text(seconds: float) -> str:
    if seconds < 1e-4:
        return f"{seconds * 1e6:.3g} µs"
    return f"{seconds * 1e3:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


def mean(ratios: list[float]) -> float:
    """The geometric mean."""
    return math.exp(sum(map(math.log, ratios)) / len(ratios))


def ratio(row: Row, peers: tuple[str, ...]) -> float | None:
    """How many times our time the best of some peers needs (of all without `peers`)."""
    times = [t for name, t in row["seconds"].items() if name != OURS and (not peers or name in peers)]
    return min(times) / row["seconds"][OURS] if times else None


def ratios(run: dict[str, Any], group: str, target: Target) -> dict[str, float]:
    """The ratio of each row of a group."""
    found = {row["name"]: ratio(row, target.peers) for row in run["rows"] if row["group"] == group}
    return {name: value for name, value in found.items() if value is not None}


def threads_text(count: int) -> str:
    return f"{count} thread{'s' * (count > 1)}"


def table(head: list[str], rows: list[list[str]]) -> list[str]:
    """Lines of a table whose first column is text."""
    return ["", f"| {' | '.join(head)} |", f"|---|{'--:|' * (len(head) - 1)}", *(f"| {' | '.join(r)} |" for r in rows)]


def span(values: list[float]) -> str:
    """The smallest and the largest of several runs."""
    texts = [f"{value:.2f}×" for value in (min(values), max(values))]
    return texts[0] if texts[0] == texts[1] else f"{texts[0][:-1]}–{texts[1]}"


def verdict(results: list[bool]) -> str:
    if len(results) > 1:
        return f"{sum(results)} of {len(results)}"
    return "yes" if results[0] else "**no**"


def summary(reports: list[dict[str, Any]]) -> list[str]:
    """What must hold, and whether it does."""
    head = ["work", "threads", "must", "best other's time ÷ ours", "worst row", "holds"]
    rows = []
    for group, target in TARGETS.items():
        must = f"{target.mean:.1f}×" + (f", every row {target.row:.1f}×" if target.row else "")
        for position, last in enumerate(reports[-1]["runs"]):
            runs = [report["runs"][position] for report in reports if position < len(report["runs"])]
            measured = [values for run in runs if (values := ratios(run, group, target))]
            if measured:
                means = [mean(list(values.values())) for values in measured]
                value, worst = min((value, name) for values in measured for name, value in values.items())
                held = verdict([holds(run, group, target) for run in runs])
                rows.append([target.title, str(last["threads"]), must, span(means), f"{value:.2f}× {worst}", held])
    return table(head, rows)


def holds(run: dict[str, Any], group: str, target: Target) -> bool:
    values = list(ratios(run, group, target).values())
    return bool(values) and mean(values) >= target.mean and min(values) >= target.row


def speedups(report: dict[str, Any], group: str) -> dict[str, float]:
    """How many times faster two threads are than one, in each row of a group that takes a while."""
    runs = {run["threads"]: run["rows"] for run in report["runs"]}
    one = {row["name"]: row["seconds"][OURS] for row in runs.get(1, []) if row["group"] == group}
    two = {row["name"]: row["seconds"][OURS] for row in runs.get(2, []) if row["group"] == group}
    return {name: one[name] / seconds for name, seconds in two.items() if one.get(name, 0) > LONG}


def scaling(reports: list[dict[str, Any]]) -> list[str]:
    """How many times faster two threads are than one."""
    rows = []
    for group in COMPUTE_BOUND:
        if measured := [found for report in reports if (found := speedups(report, group))]:
            means = [mean(list(found.values())) for found in measured]
            value, worst = min((value, name) for found in measured for name, value in found.items())
            held = verdict([average >= SCALING for average in means])
            rows.append([TARGETS[group].work, span(means), f"{value:.2f}× {worst}", held])
    note = f"Two threads over one, rows of at least {time_text(LONG)}; must be {SCALING}×:"
    return ["", note, *table(["work", "mean", "worst row", "holds"], rows)] if rows else []


def memory(report: dict[str, Any]) -> list[str]:
    """What convolutions and training steps need beyond what there was before their calls."""
    measured = [row for run in report["runs"] for row in run["memory"]]
    layers = {row["name"]: row["peak"][OURS] - row["results"] for row in measured if "torch" not in row["peak"]}
    lines = []
    if layers:
        most = max(layers, key=layers.get)
        held = verdict([layers[most] <= LAYER_MEMORY * MIB])
        text = f"a convolution, beyond inputs and results, largest of {len(layers)} rows: {most}"
        lines.append([text, f"at most {LAYER_MEMORY}", f"{layers[most] / MIB:.0f}", "", held])
    for row in measured:
        if "torch" in row["peak"]:
            ours, torch = (row["peak"][name] for name in (OURS, "torch"))
            held = verdict([ours <= torch])
            lines.append([row["name"], "at most PyTorch's", f"{ours / MIB:.0f}", f"{torch / MIB:.0f}", held])
    return table(["peak memory of three calls, MiB", "must be", OURS, "torch", "holds"], lines) if lines else []


def share(row: Row, limits: dict[str, float]) -> str:
    """The share of the machine's limit that counts for a row."""
    ours = row["seconds"][OURS]
    if limits and row["bytes"] and not (row["flops"] / limits["multiply_add"] > row["bytes"] / limits["copy"]):
        return f"{row['bytes'] / ours / limits['copy']:.0%} copy"
    return f"{row['flops'] / ours / limits['multiply_add']:.0%} FMA" if limits and row["flops"] > SMALL else ""


def cells(row: Row, peers: list[str], limits: dict[str, float]) -> list[str]:
    """The name, our time, speed and share of the limit, and every peer's time with how many times ours that is."""
    seconds = row["seconds"]
    fastest = min(seconds.values())
    texts = {n: f"**{time_text(t)}**" if t == fastest else time_text(t) for n, t in seconds.items()}
    speed = f"{row['flops'] / seconds[OURS] / 1e9:.1f}" if row["flops"] > SMALL else ""
    others = [f"{texts[n]} ({seconds[n] / seconds[OURS]:.2f}×)" if n in seconds else "" for n in peers]
    return [row["name"], texts[OURS], speed, share(row, limits), *others]


def details(run: dict[str, Any]) -> Iterator[str]:
    """All rows of a run."""
    groups: dict[str, list[Row]] = {}
    for row in run["rows"]:
        groups.setdefault(row["group"], []).append(row)
    limits = run["limits"]
    yield from ["", f"## {threads_text(run['threads']).capitalize()}", ""]
    if limits:
        flops, copied = limits["multiply_add"] / 1e9, limits["copy"] / 1e9
        yield f"Multiply-adds: {flops:.0f} GFLOP/s at most; copying: {copied:.0f} GB/s."
    for group, rows in groups.items():
        peers = [name for name in run["versions"] if name != OURS and any(name in row["seconds"] for row in rows)]
        head = [TARGETS[group].work, OURS, "GFLOP/s", "of limit", *peers]
        yield from table(head, [cells(row, peers, limits) for row in rows])


def commits(reports: list[dict[str, Any]]) -> str:
    found = dict.fromkeys(report["commit"] for report in reports)
    return f"commit{'s' * (len(found) > 1)} {', '.join(found)}"


def document(reports: list[dict[str, Any]], is_short: bool) -> str:
    report = reports[-1]
    versions = ", ".join(f"{name} {version}" for name, version in report["runs"][0]["versions"].items())
    clocks = "; ".join(f"{threads_text(run['threads'])}: {run['clock']}" for run in report["runs"])
    lines = [
        f"{report['cpu']}, {report['processors']} processors, {report['instruction_set']}; {report['date']}, "
        f"{commits(reports)}. Median of {report['rounds']} rounds; {clocks}.",
        f"{versions}, Python {report['python']}.",
        f"Made by `{report['command']}`.",
        *summary(reports),
        *scaling(reports),
        *memory(report),
    ]
    if not is_short:
        lines += ["", "In parentheses: how many times swiftconv's time it is; above 1, swiftconv is faster."]
        for run in report["runs"]:
            lines += details(run)
    return "\n".join(lines)


def short(reports: list[dict[str, Any]]) -> str:
    """What must hold, with a column for each number of threads: for the page that introduces the project."""
    report = reports[-1]
    rows = []
    for group, target in TARGETS.items():
        spans = []
        for position in range(len(report["runs"])):
            means = [
                mean(list(found.values())) for r in reports if (found := ratios(r["runs"][position], group, target))
            ]
            spans.append(span(means) if means else "")
        if any(spans):
            rows.append([target.title, f"{target.mean:.1f}×", *spans])
    counts = [threads_text(run["threads"]) for run in report["runs"]]
    peers = [f"{name} {version}" for name, version in report["runs"][0]["versions"].items() if name not in NOT_PEERS]
    where = f"{report['cpu']}, {report['instruction_set']}, {report['date']}, {commits(reports)}"
    return "\n".join([f"{where}; {', '.join(peers)}.", *table(["work", "goal", *counts], rows), ""])


def replaced(page: str, text: str) -> str:
    """The page with a text between its marks."""
    before, rest = page.split(MARKS[0])
    return f"{before}{MARKS[0]}\n\n{text}\n{MARKS[1]}{rest.split(MARKS[1])[1]}"


def plot(report: dict[str, Any], path: Path) -> None:
    """The mean ratio of each group, with its worst and best row, and what it must be."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(8, 5), layout="constrained")
    groups = [g for g in TARGETS if any(row["group"] == g for row in report["runs"][0]["rows"])]
    height = 0.8 / len(report["runs"])
    for position, run in enumerate(report["runs"]):
        for place, group in enumerate(groups):
            values = list(ratios(run, group, TARGETS[group]).values())
            if not values:
                continue
            y = place + (position + 0.5) * height - 0.4
            axes.barh(
                y,
                mean(values),
                height,
                color=f"C{position}",
                label=threads_text(run["threads"]) if place == 0 else None,
            )
            axes.plot([min(values), max(values)], [y, y], color="black", linewidth=1)
            axes.plot([TARGETS[group].mean] * 2, [place - 0.4, place + 0.4], color="C3", linewidth=2)
    axes.set_yticks(range(len(groups)), [TARGETS[g].title.replace("`", "").replace("; ", "\n") for g in groups])
    axes.invert_yaxis()
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}×")
    axes.set_xlabel("best other library's time ÷ swiftconv's\n(black: worst to best row; red: what must hold)")
    axes.legend()
    figure.savefig(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("json", nargs="+", type=Path, help="results of bench.py")
    parser.add_argument("--summary", action="store_true", help="only what must hold")
    parser.add_argument("--readme", type=Path, help="a page that gets the short table between its marks")
    parser.add_argument("--plot", type=Path, help="where to draw the summary")
    options = parser.parse_args()
    reports = [json.loads(path.read_text()) for path in options.json]
    if options.readme:
        options.readme.write_text(replaced(options.readme.read_text("utf-8"), short(reports)), "utf-8")
    else:
        print(document(reports, options.summary))
    if options.plot:
        plot(reports[-1], options.plot)


if __name__ == "__main__":
    main()
