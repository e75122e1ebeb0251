"""Where Polars answers differently from Comity: a column of the table in docs/batch.md, whose rows are those of
tests/engine/batch/test_differences.py."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from tests.engine.batch.test_differences import DIFFERENCES

RAISES = "raises"
SPRING = pl.lit(datetime(2026, 3, 28, 12, tzinfo=UTC)).dt.convert_time_zone("Europe/Berlin")
"""The day before clocks change."""


def one(expression: Any) -> Any:
    """The value of an expression; of several, a list."""
    row = pl.select(expression).row(0)
    return row[0] if len(row) == 1 else list(row)


def hours_until(later: pl.Expr) -> Any:
    return one((later - SPRING).dt.total_hours())


def read(text: str, *fields: str) -> Any:
    """Fields of JSON, read as text and as whole numbers in turn."""
    types: list[Any] = [pl.String, pl.Int64]
    return one(pl.lit(text).str.json_decode(pl.Struct(dict(zip(fields, types, strict=False)))))


EMPTY = pl.Series([], dtype=pl.Boolean)
ANSWERS: dict[str, list[tuple[Callable[[], Any], Any]]] = {
    "null equals null": [(lambda: one(pl.lit(None) == pl.lit(None)), None)],
    "some item of an empty list": [(lambda: EMPTY.any(), False)],
    "every item of an empty list": [(lambda: EMPTY.all(), True)],
    "not in a list with a null": [(lambda: one(~pl.lit(5).is_in([1, None])), True)],
    "a day across a change of clocks, in hours": [
        (lambda: hours_until(SPRING + pl.duration(days=1)), 24),
        (lambda: hours_until(SPRING.dt.offset_by("1d")), 23),
    ],
    "a month is 30 days": [(lambda: one(SPRING.dt.offset_by("1mo") == SPRING.dt.offset_by("30d")), False)],
    "a moment finer than a microsecond": [
        (
            lambda: one(pl.lit("2026-01-01 00:00:00.1235999").str.to_datetime(time_unit="us").dt.microsecond()),
            123_599,
        )
    ],
    "NaN equals itself": [(lambda: one(pl.lit(float("nan")) == pl.lit(float("nan"))), True)],
    "NaN is above every number": [
        (lambda: one(pl.lit(float("nan")) > 1e300), True),
        (lambda: pl.Series([float("nan"), 1.0]).max(), 1.0),
    ],
    "0.1 + 0.2 is 0.3": [
        (lambda: one(pl.lit(0.1) + pl.lit(0.2) == 0.3), False),
        (lambda: pl.sql("SELECT 0.1 + 0.2 = 0.3 AS x", eager=True).item(), True),
    ],
    "the largest whole number, plus one": [
        (lambda: one(pl.lit(2**63 - 1, dtype=pl.Int64) + pl.lit(1, dtype=pl.Int64)), -(2**63))
    ],
    "a whole number equals a double": [(lambda: one(pl.lit(2**53 + 1) == pl.lit(2.0**53)), True)],
    "a text equals a number": [(lambda: one(pl.lit("1") == pl.lit(1)), RAISES)],
    "a text that reads as a number": [
        (lambda: one(pl.lit("1_000").cast(pl.Int64)), RAISES),
        (lambda: one(pl.lit("+1").cast(pl.Int64)), 1),
    ],
    "white space that trim removes": [(lambda: one(pl.lit("\u00a0x\t").str.strip_chars()), "x")],
    "lower case beyond ASCII": [(lambda: one(pl.lit("\u00c9A").str.to_lowercase()), "\u00e9a")],
    r"\w matches a letter beyond ASCII": [(lambda: one(pl.lit("\u00e9").str.contains(r"^\w$")), True)],
    "a dot matches a line end": [(lambda: one(pl.lit("a\nb").str.contains("a.b")), False)],
    "size of a text with a null character": [(lambda: one(pl.lit("a\0b").str.len_chars()), 3)],
    "2.5 to a whole number": [(lambda: one(pl.lit(2.5).cast(pl.Int64)), 2)],
    "-7 divided by 2": [(lambda: one([(pl.lit(-7) // 2).alias("a"), (pl.lit(-7) / 2).alias("b")]), [-4, -3.5])],
    "division by zero": [
        (lambda: one(pl.lit(1) // pl.lit(0)), None),
        (lambda: one(pl.lit(1) / pl.lit(0)), float("inf")),
    ],
    "the sum of nothing": [(lambda: pl.Series([], dtype=pl.Int64).sum(), 0)],
    "the type of a sum": [
        (lambda: pl.DataFrame({"x": [1, 2]}, schema={"x": pl.Int64}).sum().dtypes, [pl.Int64])
    ],
    "the smaller of a number and null": [(lambda: one(pl.min_horizontal(pl.lit(None), pl.lit(2))), 2)],
    "equality of lists with a null": [
        (lambda: one(pl.lit(pl.Series([[1, None]])) == pl.lit(pl.Series([[1, None]]))), True)
    ],
    "JSON of another type than declared": [
        (lambda: read('{"x": 1}', "x"), {"x": "1"}),
        (lambda: read('{"x": "a", "x": "b"}', "x"), {"x": "a"}),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", DIFFERENCES)
def test_difference(name: str) -> None:
    for ask, expected in ANSWERS[name]:
        assert answer(ask) == expected


def answer(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except pl.exceptions.PolarsError:
        return RAISES
