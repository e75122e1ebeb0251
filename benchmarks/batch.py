"""Deciding about many rows with one query, relative to a loop of an older build over the same facts in memory.

Checked facts are a table of DuckDB in memory, in the engine's own form, and the answers become another one. With the facts check,
`comity batch` reads a Parquet file and writes one. DuckDB has one thread, and the CPU time is that of the process.
"""

from __future__ import annotations

import json
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.agreement import Disagreement
from benchmarks.baseline import COMMIT, baseline
from benchmarks.clock import cpu_times, over, ratio
from benchmarks.result import Effort, Findings, Note, Result
from benchmarks.workloads import moderation, moderation_profiles, retention, review_eligibility
from benchmarks.workloads.workload import FROZEN, NOW, OWN, Workload
from engine import Bundle, load_bundle
from engine.backends.sql.dialects.duckdb import DUCKDB as sql
from engine.backends.sql.facts import Checked, check
from engine.batch.files import open_files
from engine.batch.run import Batch, run
from engine.batch.versions import write_versions
from engine.expression.quantity import from_datetime
from engine.expression.types import Type
from engine.expression.values import to_json

REPEATED = 250
"""A batch has this many rows of each sample, so that planning the query weighs little, as it does with a million rows."""
LOOPS = 10
"""The loop decides about each sample this many times in a round."""
ROUNDS = 3
MOST = {"review_eligibility": 1 / 12, "moderation": 1 / 9, "moderation_profiles": 1 / 9, "retention": 1 / 30}
MOST_WHOLE = 1 / 5
SHORT = ("outcome", "rule")
WHOLE = ("outcome", "rule", "reason", "outputs", "errors")
WORKLOADS = (
    (FROZEN, review_eligibility.WORKLOAD),
    (OWN, moderation.WORKLOAD),
    (FROZEN, moderation_profiles.WORKLOAD),
    (FROZEN, retention.WORKLOAD),
)
_TYPES = {"bool": "BOOLEAN", "int": "BIGINT", "double": "DOUBLE", "timestamp": "TIMESTAMPTZ"}


def measure(effort: Effort) -> Findings:
    older = baseline()
    if older is None:
        return [Note(f"no commit {COMMIT} here, so no batch is compared with it")]
    findings: Findings = []
    with tempfile.TemporaryDirectory() as folder:
        for policies, workload in WORKLOADS:
            before, now = older.load_bundle(policies).bundle, load_bundle(policies).bundle
            assert before is not None and now is not None
            findings += _compare(workload, workload.samples(effort.inputs), before, now, Path(folder))
    return findings


def _compare(workload: Workload, given: list[Any], before: Any, now: Bundle, folder: Path) -> Findings:
    name = workload.name
    file = _file(workload, given, now, folder)
    decide = partial(before.decide, name, now=NOW)
    expected = [(d.outcome, d.rule) for d in map(decide, given)] * REPEATED
    _check(name, expected, _rows(now, name, file, folder))
    loop = over(decide, [(facts,) for facts in given])
    with duckdb.connect(config={"threads": 1}) as connection:
        _store_checked(connection, now, name, file)
        query = f"CREATE OR REPLACE TABLE decided AS {_on_checked(now, name)}"
        _check(name, expected, connection.execute(query).execute("FROM decided").fetchall())
        times = cpu_times(
            {
                "loop": lambda: [loop() for _ in range(LOOPS)],
                "checked": lambda: connection.execute(query),
                "short": lambda: _run(now, name, file, folder, SHORT),
                "whole": lambda: _run(now, name, file, folder, WHOLE),
            },
            ROUNDS,
        )
    section = f"a row of a batch relative to a loop of build {COMMIT}"

    def result(what: str, contender: str, most: float | None) -> Result:
        a_row = ratio(times, contender, "loop") * LOOPS / REPEATED
        return Result(section, f"{name}, {what}", a_row, "{:.3f}×", most)

    return [
        result("outcome and rule of checked facts", "checked", MOST[name]),
        result("Parquet, facts check, outcome, rule", "short", None),
        result("Parquet, facts check, outcome, rule, reason, outputs, errors", "whole", MOST_WHOLE),
    ]


def _store_checked(connection: duckdb.DuckDBPyConnection, bundle: Bundle, policy: str, file: Path) -> None:
    """The table `facts`: each fact as the engine has it after the facts check."""
    files = open_files(connection, [file])
    facts = bundle.policies[policy].newest.validated.policy.facts
    columns = []
    for name, fact in facts.items():
        column = files.columns[name]
        columns.append(f"{check(sql, column.value, column.given, fact.type).value} AS {sql.name(name)}")
    connection.execute(f"CREATE TABLE facts AS SELECT {', '.join(columns)} FROM {files.relation}")


def _on_checked(bundle: Bundle, policy: str) -> str:
    versions = bundle.policies[policy]
    forms = {
        version.version: {name: Checked(sql.name(name), "TRUE") for name in version.validated.policy.facts}
        for version in versions.deciding
    }
    decided = write_versions(sql, versions, forms, "facts", Checked(sql.whole(_now()), "TRUE"), SHORT)
    columns = ", ".join(f"{decided.column(sql, name, 'NULL')} AS {name}" for name in SHORT)
    return f"SELECT {columns} FROM {decided.source}"


def _now() -> int:
    moment = from_datetime(NOW)
    assert moment is not None
    return moment


def _run(bundle: Bundle, policy: str, file: Path, folder: Path, columns: tuple[str, ...]) -> Path:
    out = folder / "decided.parquet"
    run(bundle, Batch(policy, [file], out, _now(), columns, threads=1))
    return out


def _rows(bundle: Bundle, policy: str, file: Path, folder: Path) -> list[tuple[str, str]]:
    out = _run(bundle, policy, file, folder, SHORT)
    with duckdb.connect() as connection:
        return connection.execute(f"SELECT outcome, rule FROM '{out}'").fetchall()


def _check(policy: str, expected: list[tuple[str, str]], rows: list[tuple[str, str]]) -> None:
    if expected != rows:
        raise Disagreement(f"{policy}: a batch decides differently")


def _file(workload: Workload, given: list[Any], bundle: Bundle, folder: Path) -> Path:
    """The facts as Parquet, with a column for each fact."""
    lines, file = folder / f"{workload.name}.jsonl", folder / f"{workload.name}.parquet"
    lines.write_text("".join(json.dumps(to_json(facts)) + "\n" for facts in given))
    facts = bundle.policies[workload.name].newest.validated.policy.facts
    columns = ", ".join(f"{name}: '{_type(fact.type)}'" for name, fact in facts.items())
    read = f"read_json('{lines}', format='newline_delimited', columns={{{columns}}})"
    with duckdb.connect() as connection:
        connection.execute("SET threads = 1")
        connection.execute(f"CREATE TABLE facts AS FROM {read}")
        connection.execute(f"COPY ({' UNION ALL '.join(['FROM facts'] * REPEATED)}) TO '{file}'")
    return file


def _type(type_: Type) -> str:
    if type_.item is not None:
        return f"{_type(type_.item)}[]"
    if type_.kind == "record":
        return "STRUCT(" + ", ".join(f"{sql.name(name)} {_type(field)}" for name, field in type_.fields) + ")"
    return _TYPES.get(type_.kind, "VARCHAR")
