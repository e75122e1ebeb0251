"""Runs all benchmarks and prints the results. The exit code is non-zero only if two engines disagree, whatever the timings."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks import (
    backtest,
    bare,
    batch,
    builds,
    checked,
    cold_start,
    growth,
    many_cases,
    memory,
    older,
    pages,
    profiles,
    requests,
    stress,
    sweep,
    threads,
    whole,
)
from benchmarks.agreement import Disagreement
from benchmarks.plot import draw
from benchmarks.report import markdown, print_report
from benchmarks.result import Cell, Effort, Findings, Measure
from benchmarks.workloads import POLICIES

WIDTH = 130
TITLE = """\
# One run of the benchmark

Written by `make bench`, {date:%Y-%m-%d}, {machine}.
[Benchmarks](benchmarks.md) says what was measured and how, and why some targets are missed.

"""

MEASURES: dict[str, Measure] = {
    "policies": bare.measure_policies,
    "tables": bare.measure_tables,
    "checked": checked.measure,
    "whole": whole.measure,
    "older": older.measure,
    "batch": batch.measure,
    "backtest": backtest.measure,
    "requests": requests.measure,
    "builds": builds.measure,
    "pages": pages.measure,
    "profiles": profiles.measure,
    "growth": growth.measure,
    "sweep": sweep.measure,
    "cases": many_cases.measure,
    "cold": cold_start.measure,
    "memory": memory.measure,
    "threads": threads.measure,
    "stress": stress.measure,
}


def main(
    only: Annotated[list[str] | None, typer.Option(help=", ".join(MEASURES))] = None,
    inputs: Annotated[int, typer.Option(help="random inputs per policy")] = Effort.inputs,
    rounds: Annotated[int, typer.Option(help="number of timing rounds")] = Effort.rounds,
    decisions: Annotated[
        int, typer.Option(help="decisions in the memory test; each stress-test thread makes a tenth")
    ] = Effort.decisions,
    tables: Annotated[
        Path | None, typer.Option(help="write what was measured to this file, as Markdown")
    ] = None,
    plot: Annotated[Path | None, typer.Option(help="write a plot of the policy timings to this file")] = None,
) -> None:
    """Compare Comity with hand-written Python, other engines and its targets."""
    unknown = set(only or ()) - set(MEASURES)
    if unknown:
        raise typer.BadParameter(f"unknown measure {', '.join(sorted(unknown))}")
    console = Console()
    console.width = max(console.width, WIDTH)
    effort = Effort(inputs, rounds, decisions)
    findings: Findings = []
    for name in only or MEASURES:
        with console.status(f"measuring {name}"):
            try:
                findings += MEASURES[name](effort)
            except Disagreement as different:
                console.print(f"stopped, answers differ: {different}", style="red", markup=False)
                raise typer.Exit(1) from different
    print_report(console, findings)
    machine = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    console.print(machine)
    if tables is not None:
        tables.write_text(TITLE.format(date=datetime.now(UTC), machine=machine) + markdown(findings), "utf-8")
    if plot is not None:
        _write_plot(plot, findings)


def _write_plot(path: Path, findings: Findings) -> None:
    policies = {workload.name for workload in POLICIES}
    cells = [f for f in findings if isinstance(f, Cell) and f.section == bare.PEERS and f.column in policies]
    if not cells:
        raise typer.BadParameter("--plot requires the measure `policies`")
    path.write_text(draw(cells), "utf-8")


if __name__ == "__main__":
    typer.run(main)
