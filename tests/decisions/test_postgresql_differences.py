"""Where PostgreSQL answers differently from Comity: a column of the table in docs/batch.md, whose rows are those of
tests/engine/batch/test_differences.py."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

RAISES = "raises"
ANSWERS: dict[str, tuple[str, Any]] = {
    "null equals null": ("NULL = NULL", None),
    "some item of an empty list": ("(SELECT bool_or(x = 1) FROM unnest(ARRAY[]::int[]) x)", None),
    "every item of an empty list": ("(SELECT bool_and(x = 1) FROM unnest(ARRAY[]::int[]) x)", None),
    "not in a list with a null": ("NOT (5 = ANY(ARRAY[1, NULL]))", None),
    "a day across a change of clocks, in hours": (
        "(extract(epoch FROM t + interval '1 day') - extract(epoch FROM t))::int / 3600 "
        "FROM (SELECT timestamptz '2026-03-28 12:00:00+00' AS t) x",
        23,
    ),
    "a month is 30 days": ("interval '1 month' = interval '30 days'", True),
    "a moment finer than a microsecond": (
        "timestamp '2026-01-01 00:00:00.1234567' = timestamp '2026-01-01 00:00:00.123457'",
        True,
    ),
    "NaN equals itself": ("'NaN'::float8 = 'NaN'::float8", True),
    "NaN is above every number": ("'NaN'::float8 > 1e300::float8", True),
    "0.1 + 0.2 is 0.3": ("0.1 + 0.2 = 0.3", True),
    "the largest whole number, plus one": ("9223372036854775807 + 1", RAISES),
    "a whole number equals a double": ("9007199254740993 = 9007199254740992::float8", True),
    "a text equals a number": ("1 = '01'", True),
    "a text that reads as a number": ("'1_000'::int", 1000),
    "white space that trim removes": ("length(trim(E'\\u00a0x\\t'))", 3),
    "a dot matches a line end": ("E'a\\nb' ~ 'a.b'", True),
    "size of a text with a null character": ("length('a' || chr(0) || 'b')", RAISES),
    "2.5 to a whole number": ("ARRAY[2.5::int, 2.5::float8::int]", [3, 2]),
    "-7 divided by 2": ("-7 / 2", -3),
    "division by zero": ("1 / 0", RAISES),
    "the sum of nothing": ("(SELECT sum(x) FROM unnest(ARRAY[]::int[]) x)", None),
    "the type of a sum": ("pg_typeof(sum(x))::text FROM unnest(ARRAY[1, 2]::bigint[]) x", "numeric"),
    "the smaller of a number and null": ("least(NULL, 2)", 2),
    "equality of lists with a null": ("ARRAY[1, NULL] = ARRAY[1, NULL]", True),
    "JSON of another type than declared": (
        """(SELECT x FROM jsonb_to_record('{"x": 1, "x": 2}') AS r(x text))""",
        "2",
    ),
}


@pytest.mark.postgresql
@pytest.mark.django_db
def test_differences() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TimeZone = 'Europe/Berlin'")
        assert {name: _answer(cursor, sql) for name, (sql, _) in ANSWERS.items()} == {
            name: expected for name, (_, expected) in ANSWERS.items()
        }


def _answer(cursor: Any, sql: str) -> Any:
    try:
        with transaction.atomic():
            cursor.execute(f"SELECT {sql}")
            return cursor.fetchone()[0]
    except DatabaseError:
        return RAISES
