"""python -m ml.benchmark DATA: measure quality and speed. The exit code does not depend on the results."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.result import Result
from detectors.labelled import Labelled, read_labelled
from detectors.lexicon_reader import read_lexicon
from detectors.signal import CATEGORIES
from detectors.standard import standard
from ml.benchmark.contenders import MODES, Contender, contenders
from ml.benchmark.curves import draw_curves
from ml.benchmark.disguises import blocked_when_plain, measure_passes, stopped_by_pass
from ml.benchmark.rule_counts import count_rules
from ml.benchmark.shares import Verdict
from ml.benchmark.sources import read_sources
from ml.benchmark.speed import measure_speed
from ml.benchmark.tables import category_table, group_table, pass_table, profile_table, rule_table
from ml.training.parts import is_learned

ROOT = Path(__file__).parents[2]
WIDTH = 150
THREATS = 100
"""The number of threats to try in each disguise."""
LINES = 2_000
"""The number of harmless lines to try with each pass alone."""


def main(
    data: Annotated[Path, typer.Argument(help="a CSV file, or a folder of those and of published data sets")],
    most: Annotated[int, typer.Option(help="number of texts drawn at random from each group")] = 500,
    few: Annotated[
        int, typer.Option(help="texts of each group for the word filters, which take 0.1 s each")
    ] = 20,
    curves: Annotated[Path, typer.Option(help="folder for the plots of the curves")] = ROOT
    / "var"
    / "moderation",
    policies: Annotated[Path, typer.Option(help="folder of the profiles and the lexicon")] = ROOT
    / "policies",
    models: Annotated[Path, typer.Option(help="folder that `make models` filled")] = ROOT / "var" / "models",
    harmless: Annotated[Path | None, typer.Option(help="a file of harmless lines, one text each")] = None,
) -> None:
    """Compare the shipped pipeline with two word filters: recall, false alarms, curves and speed."""
    console = Console()
    console.width = max(console.width, WIDTH)
    everything = read_sources(data) if data.is_dir() else read_labelled(data)
    lines = harmless.read_text("utf-8").splitlines() if harmless else []
    for table in rule_tables(policies / "lexicon", everything, lines):
        console.print(table)
    verdicts = judge(contenders(policies, models), draw_rows(everything, most), few, console)
    console.print(profile_table(verdicts))
    for mode in MODES:
        console.print(category_table(verdicts, mode))
    for mode in MODES:
        console.print(group_table(verdicts, mode))
    curves.mkdir(parents=True, exist_ok=True)
    fresh = {name: [one for one in of if not is_learned(one[0])] for name, of in verdicts.items()}
    drawn = [name for name in CATEGORIES if draw_curves(fresh, name, curves / f"{name}.svg")]
    console.print(f"curves of {', '.join(drawn) or 'no category'} in {curves}")
    console.print(_speed_table(measure_speed(policies, models)))


def judge(
    contenders: Sequence[Contender], rows: list[Labelled], few: int, console: Console
) -> dict[str, list[Verdict]]:
    """The verdicts by the name of the contender. Slow contenders judge a sample with `few` texts of each group."""
    sample = draw_rows(rows, few)
    return {
        contender.name: [
            (row, contender.judge(row.text))
            for row in track(
                sample if contender.slow else rows, contender.name, console=console, transient=True
            )
        ]
        for contender in contenders
    }


def rule_tables(lexicon: Path, rows: list[Labelled], harmless: list[str]) -> list[Table]:
    """Measure each rule and each normalizing pass on all labelled texts and harmless lines."""
    read = read_lexicon(lexicon)
    counts = count_rules(standard(read), read, rows, harmless)
    threats = [row.text for row in rows if row.category == "threat" and row.dispute == "block"]
    worth = measure_passes(read, blocked_when_plain(read, threats)[:THREATS])
    stopped = stopped_by_pass(read, harmless[:LINES])
    costs = Table(
        "pass",
        "harmless lines blocked or held by it alone",
        title=f"of {len(harmless[:LINES])} harmless lines",
    )
    for name, number in stopped.items():
        costs.add_row(name, str(number))
    return [rule_table(counts), pass_table(worth), costs]


def draw_rows(rows: list[Labelled], most: int) -> list[Labelled]:
    """A reproducible sample, in the original order."""
    chance, groups = Random(1), dict[tuple[str, str], list[int]]()
    for place, row in enumerate(rows):
        groups.setdefault((row.group, row.part), []).append(place)
    chosen = [
        place
        for places in groups.values()
        for place in (chance.sample(places, most) if len(places) > most else places)
    ]
    return [rows[place] for place in sorted(chosen)]


def _speed_table(results: list[Result]) -> Table:
    table = Table("speed", "", "measured", "target", "")
    for result in results:
        table.add_row(result.section, result.what, result.shown, result.target, result.verdict)
    table.columns[2].justify = "right"
    return table


if __name__ == "__main__":
    typer.run(main)
