"""The files that a batch reads: their columns as SQL, and the form in which values arrive."""

from __future__ import annotations

import glob
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb

from engine.backends.sql.dialects.duckdb import DUCKDB as sql
from engine.backends.sql.facts import TEXT, Given

FORMATS = {".parquet": "parquet", ".csv": "csv", ".jsonl": "json", ".ndjson": "json"}
LONGEST_LINE = 16 * 1024 * 1024
_LINES = f"max_line_size={LONGEST_LINE}, buffer_size={2 * LONGEST_LINE}"
"""By default, DuckDB takes a buffer of sixteen lines of the greatest length."""
_WHOLE = {
    "tinyint",
    "smallint",
    "integer",
    "bigint",
    "hugeint",
    "utinyint",
    "usmallint",
    "uinteger",
    "ubigint",
}
_SEEN = 1_000
"""The lines of JSON in whose keys columns to copy are looked for."""


class BadFiles(Exception):
    """The files cannot be read as a batch; the message says why, and what to do."""


@dataclass(frozen=True)
class Column:
    """`value` is the value as SQL over a row of the files, in the form `given`."""

    value: str
    given: Given


@dataclass(frozen=True)
class Files:
    format: str
    relation: str
    columns: dict[str, Column]
    """Every column that the files have. Lines of JSON can have others."""
    read: Mapping[str, Column] = field(default_factory=dict)
    """Names of JSON that the relation has as columns."""

    def reading(self, names: Collection[str]) -> Files:
        """With these names of JSON as columns of the relation, since the check of a fact asks for its value many times."""
        if self.format != "json" or not names:
            return self
        columns = {name: f"j{number}" for number, name in enumerate(names)}
        values = [(column, _of_line(name)) for name, column in columns.items()]
        read = {name: Column(column, Given("json")) for name, column in columns.items()}
        return replace(self, relation=sql.stage(self.relation, values, "read"), read=read)

    def column(self, name: str) -> Column | None:
        if name in self.read:
            return self.read[name]
        if self.format == "json":
            return Column(_of_line(name), Given("json"))
        return self.columns.get(name)

    def row(self, names: Sequence[str]) -> str:
        """The row for the engine: the line of JSON, or a record of these columns in their portable forms."""
        if self.format == "json":
            return "line"
        known = [(name, portable(self.columns[name])) for name in names if name in self.columns]
        return sql.record(known or [("", "NULL::VARCHAR")])


def _of_line(name: str) -> str:
    path = sql.text("$." + '"' + name.replace('"', '\\"') + '"')
    return f"NULLIF(json_extract(CASE WHEN json_valid(line) THEN line END, {path})::VARCHAR, 'null')"


def format_of(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise BadFiles(f"`{path}` must end in .parquet, .csv, .jsonl or .ndjson")
    return FORMATS[suffix]


def open_files(
    connection: duckdb.DuckDBPyConnection, paths: Sequence[Path], facts: Collection[str] = ()
) -> Files:
    """`facts` are the columns that will be read as facts. Raises BadFiles."""
    formats = {format_of(path) for path in paths}
    if len(formats) > 1:
        raise BadFiles("the files must have one format: convert them, or run one batch for each format")
    (format,) = formats
    listed = "[" + ", ".join(sql.text(glob.escape(str(path))) for path in paths) + "]"
    try:
        if format == "json":
            return _json(connection, listed)
        if format == "parquet":
            _refuse_moments(connection, listed, facts)
            relation = f"read_parquet({listed}, union_by_name=true)"
        else:
            relation = (
                f"read_csv({listed}, header=true, all_varchar=true, delim=',', quote='\"', escape='\"', skip=0, "
                f"comment='', nullstr='', allow_quoted_nulls=false, union_by_name=true, {_LINES})"
            )
        described = connection.sql(f"SELECT * FROM {relation} LIMIT 0")
        pairs = list(zip(described.columns, described.types, strict=True))
    except duckdb.Error as error:
        raise BadFiles(first_line(error)) from None
    cells = format == "csv"
    columns = {
        name: Column(f"g{n}", Given("cell") if cells else given(type_))
        for n, (name, type_) in enumerate(pairs)
    }
    # Under names of our own, the columns cannot be mistaken for those that the query adds.
    renamed = ", ".join(f"{sql.name(name)} AS {column.value}" for name, column in columns.items())
    return Files(format, f"(SELECT {renamed} FROM {relation})", columns)


def first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _json(connection: duckdb.DuckDBPyConnection, listed: str) -> Files:
    """Read lines as text: whether a line is JSON is asked of each by itself. Strict JSON holds no control character, so that the
    delimiter occurs in no valid line."""
    relation = (
        f"(SELECT line FROM read_csv({listed}, header=false, auto_detect=false, columns={{'line': 'VARCHAR'}}, delim=chr(1), "
        f"quote='', escape='', new_line='\\n', {_LINES}, strict_mode=false) WHERE trim(line) <> '')"
    )
    seen = f"SELECT unnest(json_keys(line)) FROM (SELECT line FROM {relation} WHERE json_valid(line) LIMIT {_SEEN})"
    names = [name for (name,) in connection.execute(f"SELECT DISTINCT * FROM ({seen})").fetchall()]
    files = Files("json", relation, {})
    files.columns.update((name, column) for name in sorted(names) if (column := files.column(name)))
    return files


def _refuse_moments(connection: duckdb.DuckDBPyConnection, listed: str, facts: Collection[str]) -> None:
    """The engine counts microseconds, and never cuts a moment. In INT96, which Spark writes by default, a moment has no zone."""
    schema = f"SELECT file_name, name, type, logical_type FROM parquet_schema({listed})"
    for file, name, stored, type_ in connection.execute(schema).fetchall():
        if "NANOS=Nano" in str(type_):
            raise BadFiles(f"`{file}`: the column `{name}` is in nanoseconds: write it in microseconds")
        if stored == "INT96" and name in facts:
            raise BadFiles(
                f"`{file}`: the column `{name}` is INT96, which has no zone: write it as TIMESTAMP_MICROS "
                "(in Spark, the setting `spark.sql.parquet.outputTimestampType`)"
            )


def given(type_: Any) -> Given:
    """The form of the values of a column's type."""
    kind = str(type_.id)
    if kind == "list":
        return Given("list", item=given(dict(type_.children)["child"]))
    if kind == "struct":
        return Given("record", fields=tuple((name, given(field)) for name, field in type_.children))
    if kind in _WHOLE:
        return Given("whole")
    if kind == "decimal":
        return Given("exact", places=dict(type_.children)["scale"])
    forms = {
        "boolean": "bool",
        "float": "float",
        "double": "float",
        "timestamp with time zone": "moment",
    }
    if kind in forms:
        return Given(forms[kind])  # type: ignore[arg-type]
    return TEXT if kind == "varchar" else Given("other")


def portable(column: Column) -> str:
    """The value in a form that the engine's facts check reads: moments as RFC 3339, and other types as text."""
    return _portable(column.value, column.given, 0)


def _portable(value: str, given: Given, depth: int) -> str:
    if given.kind == "moment":
        clock = f"strftime(make_timestamp(epoch_us({value})), '%Y-%m-%dT%H:%M:%S.%fZ')"
        return f"CASE WHEN isfinite({value}) THEN {clock} ELSE {value}::VARCHAR END"
    if given.kind == "list" and given.item is not None:
        inner = _portable(f"p{depth}", given.item, depth + 1)
        return value if inner == f"p{depth}" else sql.each(value, f"p{depth}", inner)
    if given.kind == "record":
        parts = [(name, f"struct_extract({value}, {sql.text(name)})", form) for name, form in given.fields]
        written = [(name, _portable(part, form, depth)) for name, part, form in parts]
        if all(text == part for (_, text), (_, part, _) in zip(written, parts, strict=True)):
            return value
        return f"CASE WHEN {value} IS NOT NULL THEN {sql.record(written)} END"
    return f"{value}::VARCHAR" if given.kind == "other" else value
