"""The query of a batch: every row of the files with the columns of its decision."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from documents.diagnostics import Diagnostic
from engine.backends.sql.dialects.duckdb import DUCKDB as sql
from engine.backends.sql.facts import Checked, check, check_fact
from engine.batch.files import Column, Files, portable
from engine.batch.versions import Decided, write_versions
from engine.bundle import Versions
from engine.compiled import CompiledPolicy
from engine.expression.types import TIMESTAMP, Type

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
    at = (
        Checked(sql.whole(now), "TRUE")
        if isinstance(now, int)
        else check(sql, now.value, now.given, TIMESTAMP)
    )
    text_of_now = "NULL::VARCHAR" if isinstance(now, int) else _text_of(now)
    deciding = versions.deciding
    facts = sorted({name for version in deciding for name in version.validated.policy.facts})
    files = files.reading(facts)
    forms = {version.version: facts_of(types_of(version), files) for version in deciding}
    decided = write_versions(sql, versions, forms, files.relation, at, wanted)
    asked = f"CASE WHEN NOT certain THEN {ENGINE}({files.row(facts)}, {text_of_now}) ELSE NULL END"
    source = sql.stage(decided.source, [("engine", asked)], "asked")
    columns = [f"{_copied(files, name, as_json)} AS {sql.name(name)}" for name in keep]
    columns += [f"{_decided(name, decided, as_json)} AS {name}" for name in wanted]
    missing = tuple(
        name
        for name in facts
        if files.column(name) is None
        and any(
            name in v.validated.policy.facts and not v.validated.policy.facts[name].type.optional
            for v in deciding
        )
    )
    return Query(f"SELECT {', '.join(columns)} FROM {source}", decided.not_expressible, missing)


def types_of(version: CompiledPolicy) -> dict[str, Type]:
    return {name: fact.type for name, fact in version.validated.policy.facts.items()}


def facts_of(declared: Mapping[str, Type], files: Files, *, once: bool = False) -> dict[str, Checked]:
    """`once` says that no name occurs twice in a line."""
    facts: dict[str, Checked] = {}
    for name, type_ in declared.items():
        column = files.column(name)
        if column is not None:
            facts[name] = check_fact(sql, column.value, column.given, type_)
        else:
            facts[name] = Checked(sql.literal(None, type_), "TRUE" if type_.optional else "FALSE")
    first = next(iter(facts), None)
    if files.format == "json" and first is not None and not once:
        # Strict JSON refuses a name that occurs twice; SQL would read one of its values.
        keys = "json_keys(CASE WHEN json_valid(line) THEN line END)"
        distinct = f"COALESCE(len(list_distinct({keys})) = len({keys}), FALSE)"
        facts[first] = replace(facts[first], valid=f"({distinct} AND {facts[first].valid})")
    return facts


def _text_of(now: Column) -> str:
    if now.given.kind == "json":
        return f"json_extract_string({now.value}, '$')"
    return portable(now)


def _copied(files: Files, name: str, as_json: bool) -> str:
    value = files.columns[name].value
    if files.format != "json":
        return value
    return f"{value}::JSON" if as_json else f"json_extract_string({value}, '$')"


def _decided(name: str, decided: Decided, as_json: bool) -> str:
    by_sql = decided.column(sql, name, f"NULL::{TYPES[name]}")
    value = f"CASE WHEN certain THEN {by_sql} ELSE struct_extract(engine, '{name}') END"
    return f"({value})::JSON" if as_json and name in JSON else value


def engine_type(columns: Collection[str] = tuple(TYPES)) -> str:
    return "STRUCT(" + ", ".join(f"{name} {TYPES[name]}" for name in columns) + ")"
