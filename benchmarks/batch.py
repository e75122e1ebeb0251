"""Deciding about a Parquet file with one query, relative to a loop of an older build over the same facts in memory."""

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
from benchmarks.older import WORKLOADS
from benchmarks.result import Effort, Findings, Note, Result
from benchmarks.workloads.workload import FROZEN, NOW, Workload
from engine import Bundle, load_bundle
from engine.backends.sql.dialects.duckdb import DUCKDB as sql
from engine.batch.run import Batch, run
from engine.expression.quantity import from_datetime
from engine.expression.types import Type
from engine.expression.values import to_json

REPEATED = 50
"""The file has each sample this many times, so that planning the query weighs little, as it does in a large batch."""
ROUNDS = 3
MOST = {"review_eligibility": 1 / 12, "moderation_profiles": 1 / 9, "retention": 1 / 30}
MOST_WHOLE = 1 / 5
WHOLE = ("outcome", "rule", "reason", "outputs", "errors")
_TYPES = {"bool": "BOOLEAN", "int": "BIGINT", "double": "DOUBLE", "timestamp": "TIMESTAMPTZ"}


def measure(effort: Effort) -> Findings:
    older = baseline()
    if older is None:
        return [Note(f"no commit {COMMIT} here, so no batch is compared with it")]
    before, now = older.load_bundle(FROZEN).bundle, load_bundle(FROZEN).bundle
    assert before is not None and now is not None
    findings: Findings = []
    with tempfile.TemporaryDirectory() as folder:
        for workload in WORKLOADS:
            findings += _compare(workload, workload.samples(effort.inputs), before, now, Path(folder))
    return findings


def _compare(workload: Workload, given: list[Any], before: Any, now: Bundle, folder: Path) -> Findings:
    name = workload.name
    file = _file(workload, given, now, folder)
    decide = partial(before.decide, name, now=NOW)
    _check(name, [decide(facts) for facts in given], _rows(now, name, file, folder))
    loop = over(decide, [(facts,) for facts in given])
    times = cpu_times(
        {
            "loop": lambda: [loop() for _ in range(REPEATED)],
            "short": lambda: _run(now, name, file, folder, ("outcome", "rule")),
            "whole": lambda: _run(now, name, file, folder, WHOLE),
        },
        ROUNDS,
    )
    section = f"a batch relative to a loop of build {COMMIT}"
    return [
        Result(
            section,
            f"{name}, facts check, outcome, rule",
            ratio(times, "short", "loop"),
            "{:.3f}×",
            MOST[name],
        ),
        Result(
            section,
            f"{name}, also reason, outputs, errors",
            ratio(times, "whole", "loop"),
            "{:.3f}×",
            MOST_WHOLE,
        ),
    ]


def _run(bundle: Bundle, policy: str, file: Path, folder: Path, columns: tuple[str, ...]) -> Path:
    moment = from_datetime(NOW)
    assert moment is not None
    out = folder / "decided.parquet"
    run(bundle, Batch(policy, [file], out, moment, columns))
    return out


def _rows(bundle: Bundle, policy: str, file: Path, folder: Path) -> list[tuple[str, str]]:
    out = _run(bundle, policy, file, folder, ("outcome", "rule"))
    with duckdb.connect() as connection:
        return connection.execute(f"SELECT outcome, rule FROM '{out}'").fetchall()


def _check(policy: str, expected: list[Any], rows: list[tuple[str, str]]) -> None:
    if [(d.outcome, d.rule) for d in expected] * REPEATED != rows:
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
