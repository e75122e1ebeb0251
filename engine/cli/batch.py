"""`comity batch`: decide about every row of files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from documents.plurals import counted
from engine.backends.sql.policy import COLUMNS
from engine.batch import extra
from engine.cli import text
from engine.cli.app import (
    PoliciesOption,
    app,
    bundle_of,
    console,
    error_console,
    existing,
    moment,
    no_policy,
    writing,
    wrong_use,
)
from engine.expression.quantity import from_datetime, parse_timestamp

DEFAULT = ("outcome", "rule", "reason", "outputs", "errors")


@app.command()
def batch(
    policy: Annotated[str, typer.Argument(help="Policy name.")],
    facts: Annotated[
        list[Path],
        typer.Option("--facts", metavar="FILE", help="Parquet, CSV or lines of JSON; may be repeated."),
    ],
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="The file to write, in any of these formats.")
    ],
    now: Annotated[
        str | None,
        typer.Option(
            "--now", metavar="TIME|COLUMN", help="Decide as of this time, or that of a column; default now."
        ),
    ] = None,
    columns: Annotated[
        str, typer.Option("--columns", metavar="NAMES", help=f"What to write: any of {', '.join(COLUMNS)}.")
    ] = ",".join(DEFAULT),
    keep: Annotated[
        str | None,
        typer.Option("--keep", metavar="NAMES", help="Columns to copy; default all that are not facts."),
    ] = None,
    memory: Annotated[str, typer.Option("--memory", help="How much memory the database may take.")] = "1GB",
    policies: PoliciesOption = Path("policies"),
) -> None:
    """Decide about every row of files, and write one row for each, in the same order."""
    if not extra.is_installed():
        wrong_use(f"`comity batch` needs a database: {extra.INSTALL}")
    from engine.batch.files import BadFiles
    from engine.batch.run import Batch, run

    wanted = text.names(columns)
    unknown = next((name for name in wanted if name not in COLUMNS), None)
    if unknown is not None or not wanted:
        wrong_use(f"`--columns {unknown or ''}`: the columns are {', '.join(COLUMNS)}")
    bundle = bundle_of(policies)
    if policy not in bundle.policies:
        no_policy(policy, bundle.policies)
    asked = Batch(
        policy, existing(facts), out, _moment(now), wanted, None if keep is None else text.names(keep), memory
    )
    try:
        with writing(), _bar() as bar:
            done = run(bundle, asked, bar)
    except BadFiles as error:
        error_console().print(f"comity: {error}")
        raise typer.Exit(1) from None
    for number, diagnostics in sorted(done.not_expressible.items()):
        error_console().print(f"version {number} was decided by the compiler, row by row:")
        text.diagnostics(error_console(), [replace(d, severity="warning") for d in diagnostics])
    for name in done.missing:
        error_console().print(
            f"comity: no file has the fact `{name}`, so that rows which need it are refused"
        )
    rows = f"{counted(done.rows, 'row')} decided, {done.refused:,} of them refused"
    console().print(f"{rows}; {done.by_engine:,} went through the engine one by one")


def _moment(now: str | None) -> int | str:
    """A moment in microseconds, or the name of a column."""
    if now is None:
        present = from_datetime(moment(None))
        assert present is not None
        return present
    micros = parse_timestamp(now)
    return now if micros is None else micros


class _Bar:
    """Called with percentages."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.task = progress.add_task("deciding", total=100)

    def __call__(self, percent: float) -> None:
        self.progress.update(self.task, completed=percent)


@contextmanager
def _bar() -> Iterator[_Bar]:
    """A progress bar on a terminal."""
    parts = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    console = error_console()
    with Progress(*parts, console=console, transient=True, disable=not console.is_terminal) as progress:
        yield _Bar(progress)
