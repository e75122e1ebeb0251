"""Measure everything and print it. The exit code says whether peers agreed, never how fast they were."""

from __future__ import annotations

import platform
from typing import Annotated

import typer
from rich.console import Console

from benchmarks import bare, checked, cold_start, hammer, memory, threads, whole
from benchmarks.agreement import Disagreement
from benchmarks.report import print_report
from benchmarks.result import Effort, Findings, Measure

WIDTH = 130

MEASURES: dict[str, Measure] = {
    "policies": bare.measure_policies,
    "tables": bare.measure_tables,
    "checked": checked.measure,
    "whole": whole.measure,
    "cold": cold_start.measure,
    "memory": memory.measure,
    "threads": threads.measure,
    "hammer": hammer.measure,
}


def main(
    only: Annotated[list[str] | None, typer.Option(help=", ".join(MEASURES))] = None,
    inputs: Annotated[int, typer.Option(help="random facts of each policy")] = Effort.inputs,
    rounds: Annotated[int, typer.Option(help="how often contenders take turns")] = Effort.rounds,
    decisions: Annotated[int, typer.Option(help="decisions of the memory test")] = Effort.decisions,
) -> None:
    """Comity beside hand-written Python and beside its targets."""
    unknown = set(only or ()) - set(MEASURES)
    if unknown:
        raise typer.BadParameter(f"unknown measure {', '.join(sorted(unknown))}")
    console = Console()
    console.width = max(console.width, WIDTH)
    effort = Effort(inputs, rounds, decisions)
    found: Findings = []
    for name in only or MEASURES:
        with console.status(f"measuring {name}"):
            try:
                found += MEASURES[name](effort)
            except Disagreement as different:
                console.print(f"stopped, answers differ: {different}", style="red", markup=False)
                raise typer.Exit(1) from different
    print_report(console, found)
    console.print(f"Python {platform.python_version()} on {platform.system()} {platform.machine()}")


if __name__ == "__main__":
    typer.run(main)
