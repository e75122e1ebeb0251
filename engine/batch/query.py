"""The query of a batch: every row of the files with the columns of its decision."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from documents.diagnostics import Diagnostic
from engine.backends.backend import NotExpressible
from engine.backends.sql import spelling as sql
from engine.backends.sql.facts import Checked, check
from engine.backends.sql.policy import Written, write_policy
from engine.backends.sql.stages import Stages
from engine.batch.files import Column, Files, portable
from engine.bundle import Versions
from engine.compiled import CompiledPolicy
from engine.expression.types import TIMESTAMP
from engine.policy.in_force import latest_number

TYPES = dict.fromkeys(("outcome", "rule", "reason", "message", "status", "outputs", "errors"), "VARCHAR") | {
    "obligations": "VARCHAR[]",
    "matched": "VARCHAR[]",
    "version": "BIGINT",
}
ENGINE = "comity_engine"
"""The function in the database that calls the engine."""
JSON = ("outputs", "errors")


@dataclass(frozen=True)
class Query:
    text: str
    """Without the columns that are copied."""
    not_expressible: dict[int, tuple[Diagnostic, ...]]
    """Why the engine decides every row of a version, by its number."""
    missing: tuple[str, ...]
    """Required facts that no file has."""


def write_query(
    versions: Versions,
    files: Files,
    now: Column | int,
    keep: Sequence[str],
    wanted: Sequence[str],
    *,
    as_json: bool,
) -> Query:
    """`now` is a column, or a moment in microseconds for all rows. With `as_json`, JSON is no text: only lines of JSON are
    written so, since other readers of Parquet take a JSON column for bytes."""
    at = Checked(sql.whole(now), "TRUE") if isinstance(now, int) else check(now.value, now.given, TIMESTAMP)
    text_of_now = "NULL::VARCHAR" if isinstance(now, int) else _text_of(now)
    deciding = versions.deciding
    forms = {version.version: _facts(version, files) for version in deciding}
    written: dict[int, Written] = {}
    problems: dict[int, tuple[Diagnostic, ...]] = {}
    queries: list[Stages] = []
    for version in deciding:
        own = Stages(f"v{version.version}_")
        try:
            written[version.version] = write_policy(version, forms[version.version], wanted, own)
            queries.append(own)
        except NotExpressible as error:
            problems[version.version] = error.diagnostics
    source = f"SELECT *, {at.value} AS now, {at.valid} AS now_valid FROM {files.relation}"
    source = f"SELECT *, {_version(versions, forms)} AS version FROM ({source})"
    for own in queries:
        source = own.query(source)
    certain = sql.cases(((f"version = {n}", sql.name(w.certain)) for n, w in written.items()), "FALSE")
    source = f"SELECT *, now_valid AND COALESCE({certain}, FALSE) AS certain FROM ({source})"
    facts = sorted({name for version in deciding for name in version.validated.policy.facts})
    asked = f"CASE WHEN NOT certain THEN {ENGINE}({files.row(facts)}, {text_of_now}) ELSE NULL END"
    source = f"SELECT *, {asked} AS engine FROM ({source})"
    columns = [f"{_copied(files, name, as_json)} AS {sql.name(name)}" for name in keep]
    columns += [f"{_decided(name, written, as_json)} AS {name}" for name in wanted]
    missing = tuple(
        name
        for name in facts
        if files.column(name) is None
        and any(
            name in v.validated.policy.facts and not v.validated.policy.facts[name].type.optional
            for v in deciding
        )
    )
    return Query(f"SELECT {', '.join(columns)} FROM ({source})", problems, missing)


def _facts(version: CompiledPolicy, files: Files) -> dict[str, Checked]:
    facts: dict[str, Checked] = {}
    for name, fact in version.validated.policy.facts.items():
        column = files.column(name)
        if column is not None:
            facts[name] = check(column.value, column.given, fact.type)
        else:
            absent = "TRUE" if fact.type.optional else "FALSE"
            facts[name] = Checked(sql.literal(None, fact.type), absent)
    first = next(iter(facts), None)
    if files.format == "json" and first is not None:
        # Strict JSON refuses a name that occurs twice; SQL would read one of its values.
        keys = "json_keys(CASE WHEN json_valid(line) THEN line END)"
        once = f"COALESCE(len(list_distinct({keys})) = len({keys}), FALSE)"
        facts[first] = Checked(facts[first].value, f"({once} AND {facts[first].valid})")
    return facts


def _version(versions: Versions, forms: dict[int, dict[str, Checked]]) -> str:
    """The number of the version that decides, or NULL; see `Versions.choose`."""
    by_now = []
    for period in versions.periods:
        number = latest_number(versions.periods, period.start)
        fact = None if number is None else versions.by_number[number].validated.policy.in_force_by
        moment = "now"
        if number is not None and fact is not None:
            began = forms[number][fact]
            moment = f"CASE WHEN {began.valid} THEN least(now, {began.value}) ELSE NULL END"
        by_now.append((period.start, moment))
    branches = [(f"now >= {sql.whole(start)}", moment) for start, moment in reversed(by_now)]
    moment = sql.cases(_merged(branches), "now")
    numbers = [
        (f"({moment}) >= {sql.whole(p.start)}", "NULL" if p.version is None else sql.whole(p.version))
        for p in reversed(versions.periods)
    ]
    return sql.cases(numbers, "NULL::BIGINT")


def _merged(branches: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Without branches whose successor has the same value; the last one also stands for earlier moments."""
    return [b for n, b in enumerate(branches) if n == len(branches) - 1 or branches[n + 1][1] != b[1]]


def _text_of(now: Column) -> str:
    if now.given.kind == "json":
        return f"json_extract_string({now.value}, '$')"
    return portable(now)


def _copied(files: Files, name: str, as_json: bool) -> str:
    value = files.columns[name].value
    if files.format != "json":
        return value
    return f"{value}::JSON" if as_json else f"json_extract_string({value}, '$')"


def _decided(name: str, written: dict[int, Written], as_json: bool) -> str:
    branches = [(f"version = {number}", one.columns[name]) for number, one in written.items()]
    by_sql = branches[0][1] if len(branches) == 1 else sql.cases(branches, f"NULL::{TYPES[name]}")
    value = f"CASE WHEN certain THEN {by_sql} ELSE {sql.field('engine', name)} END"
    return f"({value})::JSON" if as_json and name in JSON else value


def engine_type(columns: Collection[str] = tuple(TYPES)) -> str:
    return "STRUCT(" + ", ".join(f"{name} {TYPES[name]}" for name in columns) + ")"
