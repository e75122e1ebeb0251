"""Run a batch: read files, decide about every row, and write one file."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillRunning
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from duckdb.func import FunctionNullHandling, PythonUDFType

from documents.diagnostics import Diagnostic
from engine.backends.sql.dialects.duckdb import DUCKDB as sql
from engine.batch.files import BadFiles, Column, Files, first_line, format_of, open_files
from engine.batch.query import ENGINE, engine_type, write_query
from engine.batch.rows import Rows
from engine.bundle import Bundle
from engine.expression.quantity import format_timestamp

MEMORY = "1GB"
TICK = 0.2
"""Seconds between two reports of progress."""
_AS = {
    # Each thread keeps a row group in memory.
    "parquet": "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20480",
    "csv": "FORMAT csv, HEADER",
    "json": "FORMAT json",
}


@dataclass(frozen=True)
class Batch:
    """What to decide about. `now` is a moment in microseconds, or the name of a column."""

    policy: str
    facts: Sequence[Path]
    out: Path
    now: int | str
    columns: Sequence[str]
    keep: Sequence[str] | None = None
    """The columns to copy; by default those that are not facts."""
    memory: str = MEMORY
    threads: int | None = None
    """By default, one for each core."""


@dataclass(frozen=True)
class Done:
    rows: int
    by_engine: int
    """Rows that the engine decided one by one."""
    refused: int
    """Rows without valid facts, or without a version in force."""
    not_expressible: dict[int, tuple[Diagnostic, ...]]
    missing: tuple[str, ...]


def run(bundle: Bundle, batch: Batch, progress: Callable[[float], None] = lambda _: None) -> Done:
    """Write `batch.out`, completely or not at all. `progress` gets percentages. Raises BadFiles, and OSError for `batch.out`."""
    kind = format_of(batch.out)
    folder = batch.out.resolve().parent
    with tempfile.TemporaryDirectory(prefix=".comity-batch-", dir=folder) as work:
        connection = connect(Path(work), batch.memory, batch.threads)
        try:
            facts = {n for v in bundle.policies[batch.policy].deciding for n in v.validated.policy.facts}
            files = open_files(connection, batch.facts, facts | {str(batch.now)})
            now = _now(batch.now, files)
            keep = _kept(bundle, batch, files)
            rows = Rows(bundle, batch.policy, files.format)
            query = write_query(
                bundle.policies[batch.policy], files, now, keep, batch.columns, as_json=kind == "json"
            )
            _add_engine(connection, bundle, batch, files, rows)
            written = Path(work, "out")
            copy = f"COPY ({_for(kind, query.text, batch.columns)}) TO {sql.text(str(written))} ({_AS[kind]})"
            count = _execute(connection, copy, progress)
        except duckdb.Error as error:
            raise BadFiles(first_line(error)) from None
        finally:
            connection.close()
        written.replace(batch.out)
    return Done(count, rows.decided, rows.refused, query.not_expressible, query.missing)


def connect(work: Path, memory: str = MEMORY, threads: int | None = None) -> duckdb.DuckDBPyConnection:
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory,
        "temp_directory": str(work / "spilled"),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "preserve_insertion_order": "true",
    }
    if threads is not None:
        settings["threads"] = threads
    connection = duckdb.connect(config=settings)
    connection.execute("SET TimeZone = 'UTC'")  # no configuration option in DuckDB 2
    return connection


def _now(given: int | str, files: Files) -> Column | int:
    if isinstance(given, int):
        return given
    column = files.columns.get(given)
    if column is None:
        known = ", ".join(f"`{name}`" for name in files.columns)
        raise BadFiles(f"`--now {given}` is neither a moment nor a column of the files, which have {known}")
    return column


def _kept(bundle: Bundle, batch: Batch, files: Files) -> list[str]:
    facts = {n for v in bundle.policies[batch.policy].deciding for n in v.validated.policy.facts}
    if batch.keep is not None:
        unknown = [name for name in batch.keep if name not in files.columns]
        if unknown:
            raise BadFiles(f"`--keep {unknown[0]}` is no column of the files")
    keep = (
        list(batch.keep) if batch.keep is not None else [name for name in files.columns if name not in facts]
    )
    taken = sorted({name.lower() for name in keep} & set(batch.columns))
    if taken:
        raise BadFiles(
            f"the files have a column `{taken[0]}` already: rename it, or list the columns to copy with `--keep`"
        )
    return keep


def _add_engine(
    connection: duckdb.DuckDBPyConnection, bundle: Bundle, batch: Batch, files: Files, rows: Rows
) -> None:
    facts = sorted({n for v in bundle.policies[batch.policy].deciding for n in v.validated.policy.facts})
    row = connection.sql(f"SELECT {files.row(facts)} AS given FROM {files.relation} LIMIT 0").types[0]
    fixed = format_timestamp(batch.now) if isinstance(batch.now, int) else None

    def decide(given: Any, now: str | None) -> dict[str, Any]:
        return rows.decide(given, fixed or now)

    connection.create_function(
        ENGINE, decide, [row, connection.type("VARCHAR")], connection.type(engine_type()), type=PythonUDFType.NATIVE,
        null_handling=FunctionNullHandling.SPECIAL,
    )  # fmt: skip


def _for(kind: str, query: str, columns: Sequence[str]) -> str:
    """CSV has no lists: they are written as JSON."""
    lists = [name for name in columns if name in ("obligations", "matched")]
    if kind != "csv" or not lists:
        return query
    replaced = ", ".join(f"to_json({name}) AS {name}" for name in lists)
    return f"SELECT * REPLACE ({replaced}) FROM ({query})"


def _execute(connection: duckdb.DuckDBPyConnection, statement: str, progress: Callable[[float], None]) -> int:
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(lambda: connection.execute(statement).fetchone())
        while True:
            try:
                answer = running.result(timeout=TICK)
                break
            except StillRunning:
                progress(max(0.0, connection.query_progress()))
            except KeyboardInterrupt:
                connection.interrupt()
                raise
    progress(100.0)
    assert answer is not None
    return int(answer[0])
