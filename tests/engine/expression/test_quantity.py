"""Durations and timestamps as people write them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from engine.expression.quantity import (
    format_duration,
    format_timestamp,
    from_datetime,
    parse_duration,
    parse_timestamp,
    to_datetime,
)
from engine.expression.types import DAY, MAX_DURATION, MAX_TIMESTAMP, SECOND, Type
from engine.expression.values import format_value


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("0s", 0),
        ("250ms", 250_000),
        ("30s", 30 * SECOND),
        ("15m", 900 * SECOND),
        ("36h", 36 * 3_600 * SECOND),
        ("90d", 90 * DAY),
        ("007d", 7 * DAY),
        ("36600d", MAX_DURATION),
        ("36601d", None),
        ("999999999999d", None),
        ("9999999999999ms", None),
        ("-1d", None),
        ("+1d", None),
        ("1.5d", None),
        ("1 d", None),
        ("1D", None),
        ("1w", None),
        ("d", None),
        ("90", None),
        ("", None),
        ("1d\n", None),
        ("1d1h", None),
        ("\u0663d", None),
    ],
)
def test_parse_duration(text: str, micros: int | None) -> None:
    assert parse_duration(text) == micros


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        (0, "0d"),
        (DAY, "1d"),
        (DAY + 3_600 * SECOND, "25h"),
        (90 * SECOND, "90s"),
        (120 * SECOND, "2m"),
        (250_000, "250ms"),
        (1_234_567_891, "1234567.891ms"),
        (1, "0.001ms"),
        (100, "0.1ms"),
        (-DAY, "-1d"),
        (-1_500, "-1.5ms"),
        (10_000_000_001, "10000000.001ms"),
    ],
)
def test_format_duration_says_it_exactly(micros: int, text: str) -> None:
    assert format_duration(micros) == text


@pytest.mark.parametrize("text", ["1d", "25h", "90s", "250ms", "36600d", "1440001m"])
def test_format_duration_is_the_inverse_of_parse_duration(text: str) -> None:
    micros = parse_duration(text)
    assert micros is not None
    assert parse_duration(format_duration(micros)) == micros


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("1970-01-01T00:00:00Z", datetime(1970, 1, 1, tzinfo=UTC)),
        ("2024-02-29T12:00:00Z", datetime(2024, 2, 29, 12, tzinfo=UTC)),
        ("2026-01-01t00:00:00z", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01T00:00:00.5Z", datetime(2026, 1, 1, 0, 0, 0, 500_000, UTC)),
        ("2026-01-01T00:00:00.000001+00:00", datetime(2026, 1, 1, 0, 0, 0, 1, UTC)),
        ("2026-10-25T02:30:00+02:00", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("2026-01-01T00:00:00-12:00", datetime(2026, 1, 1, 12, tzinfo=UTC)),
        ("2200-01-01T00:00:00Z", datetime(2200, 1, 1, tzinfo=UTC)),
        ("1970-01-01T00:00:00+00:01", None),
        ("2200-01-01T00:00:00.000001Z", None),
        ("2026-01-01", None),
        ("2026-01-01T00:00Z", None),
        ("2026-01-01T00:00:00", None),
        ("2026-01-01 00:00:00Z", None),
        ("2026-02-29T00:00:00Z", None),
        ("2026-01-01T24:00:00Z", None),
        ("2026-01-01T00:00:60Z", None),
        ("2026-01-01T00:00:00.1234567Z", None),
        ("2026-01-01T00:00:00+24:00", None),
        ("0000-01-01T00:00:00Z", None),
        ("2026-01-01T00:00:00Z ", None),
        ("2026-W01-1T00:00:00Z", None),
    ],
)
def test_parse_timestamp(text: str, moment: datetime | None) -> None:
    assert parse_timestamp(text) == (None if moment is None else from_datetime(moment))


@pytest.mark.parametrize(
    ("moment", "micros"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), 0),
        (datetime(1970, 1, 1, 1, tzinfo=timezone(timedelta(hours=1))), 0),
        (datetime(2200, 1, 1, tzinfo=UTC), MAX_TIMESTAMP),
        (datetime(2200, 1, 1, 0, 0, 0, 1, UTC), None),
        (datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC), None),
        (datetime.max.replace(tzinfo=timezone(-timedelta(hours=23))), None),
        (datetime.min.replace(tzinfo=timezone(timedelta(hours=23))), None),
        (datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None), None),
    ],
)
def test_from_datetime(moment: datetime, micros: int | None) -> None:
    assert from_datetime(moment) == micros


def test_to_datetime_is_exact_to_the_microsecond() -> None:
    assert [from_datetime(to_datetime(m)) for m in (0, 1, MAX_TIMESTAMP - 1)] == [0, 1, MAX_TIMESTAMP - 1]


def test_format_timestamp_has_fractions_only_where_there_are_some() -> None:
    assert [format_timestamp(m) for m in (0, 1)] == ["1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000001Z"]


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [(True, "bool", "true"), (5, "int", "5"), (DAY, "duration", "1d"), (0, "timestamp", "1970-01-01T00:00:00Z")],
)  # fmt: skip
def test_format_value_as_yaml_writes_it(value: object, kind: str, text: str) -> None:
    assert format_value(value, Type(kind)) == text
