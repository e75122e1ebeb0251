"""Which recorded decisions a version would make again: one query about the facts and the answers, as they were stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import duckdb

from engine.backends.backend import NotExpressible
from engine.backends.sql.dialects.duckdb import DUCKDB as sql
from engine.backends.sql.policy import write_policy
from engine.backends.sql.stages import Stages
from engine.batch.files import Files
from engine.batch.query import facts_of, types_of
from engine.compiled import CompiledPolicy
from engine.expression.types import MAX_TIMESTAMP, Type

MEMORY = "256MB"
SAID = ("outcome", "status", "obligations", "outputs")
_COLUMNS = {"id": "BIGINT", "line": "VARCHAR", "answer": "VARCHAR", "said": "VARCHAR", "moment": "VARCHAR"}


class Recorded(NamedTuple):
    """Facts and answer are JSON without spaces, with each name once, in order. Without an answer, only the outcome is known."""

    id: int
    facts: str
    answer: str | None
    outcome: str
    moment: str
    """As a database writes it, in UTC if without a zone."""


class SameDecisions:
    def __init__(self) -> None:
        self.connection = duckdb.connect(config={"memory_limit": MEMORY, "threads": 1})
        self.connection.execute("SET TimeZone = 'UTC'")
        self._queries: dict[str, str | None] = {}

    def among(self, records: Sequence[tuple[Any, ...]], version: CompiledPolicy) -> set[int]:
        """The ids of records of which it is certain that the version decides the same. Of others, nothing is said.

        A record is a `Recorded`, or a tuple like it, of which the garbage collector has less to look at.
        """
        if version.digest not in self._queries:
            self._queries[version.digest] = _query(version)
        query = self._queries[version.digest]
        if query is None or not records:
            return set()
        columns = dict(zip(_COLUMNS, map(list, zip(*records, strict=True)), strict=True))
        return {id_ for id_, same in self.connection.execute(query, columns).fetchall() if same}


def _query(version: CompiledPolicy) -> str | None:
    """Not with WHERE: DuckDB would write out every column in the condition, and those that it reads in each of them."""
    columns = ", ".join(f"unnest(${name}::{type_}[]) AS {name}" for name, type_ in _COLUMNS.items())
    now = "epoch_us(TRY_CAST(moment AS TIMESTAMPTZ)) AS now"
    relation = f"(SELECT id, line, answer, said, {now} FROM (SELECT {columns}))"
    files = Files("json", relation, {}).reading(list(types_of(version)))
    types = {name: _sorted(type_) for name, type_ in types_of(version).items()}
    stages = Stages("v_", sql)
    try:
        written = write_policy(version, facts_of(types, files, once=True), SAID, stages, sort_outputs=True)
    except NotExpressible:
        return None
    same = (
        "json_extract(answer, '$.inexact') IS NULL",
        f"{written.columns['status']} IS NOT DISTINCT FROM json_extract_string(answer, '$.status')",
        f"to_json({written.columns['obligations']})::VARCHAR = json_extract(answer, '$.obligations')::VARCHAR",
        f"{written.columns['outputs']} = json_extract(answer, '$.outputs')::VARCHAR",
    )
    return (
        f"SELECT id, now BETWEEN 0 AND {MAX_TIMESTAMP} AND {sql.name(written.certain)} AND {written.columns['outcome']} = said "
        f"AND (answer IS NULL OR ({' AND '.join(same)})) FROM {stages.over(files.relation)}"
    )


def _sorted(type_: Type) -> Type:
    """The type with the fields of records in the order in which they are stored."""
    if type_.item is not None:
        return replace(type_, item=_sorted(type_.item))
    return replace(type_, fields=tuple(sorted((name, _sorted(field)) for name, field in type_.fields)))
