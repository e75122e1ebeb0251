"""Corrections for durations and timestamps in other formats."""

import pytest

from engine.expression.quantity import mend_duration, parse_duration, why_no_duration, why_no_timestamp


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("30 days", "30d"), ("1 day", "1d"), ("2w", "14d"), ("2 weeks", "14d"), ("1h30m", "90m"), ("1 hour 30 minutes", "90m"),
        ("1 day and 2 hours", "26h"), ("1.5h", "90m"), ("0.5 days", "12h"), ("P30D", "30d"), ("PT1H30M", "90m"), ("P1W", "7d"),
        ("90 min", "90m"), ("36H", "36h"), ("500 millis", "500ms"), ("3_days", "3d"),
    ],
)  # fmt: skip
def test_a_duration_in_other_words_is_mended(text: str, mended: str):
    assert mend_duration(text) == mended
    assert parse_duration(mended) is not None
    assert why_no_duration(text) == f"write `{mended}`"


@pytest.mark.parametrize(
    "text", ["", "soon", "30", "30%", "1 month", "1 fortnight", "-3d", "1.0001s", "900000d", "P", "d"]
)
def test_what_is_not_clear_is_not_mended(text: str):
    assert mend_duration(text) is None
    assert (
        "write" in why_no_duration(text)
        or "unit" in why_no_duration(text)
        or "years" in why_no_duration(text)
    )


SHAPE = "write a moment such as `2026-01-31T00:00:00Z`, or with an offset such as `+01:00` for the `Z`"
NAMELESS = "write the offset and not the name of the zone, such as `2026-06-10T12:00:00+01:00`"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2026-06-10", "add the time and the offset: `2026-06-10T00:00:00Z`"),
        ("2026-06-10T12:00:00", "add the offset: `2026-06-10T12:00:00Z` for UTC"),
        ("2026-06-10 12:00", "add the offset: `2026-06-10T12:00:00Z` for UTC"),
        ("2026-06-10 12:00:00Z", "write `2026-06-10T12:00:00Z`"),
        ("2026-06-10T12:00:00+0200", "write `2026-06-10T12:00:00+02:00`"),
        ("2026-06-10T12:00:00.1234567Z", "a moment has at most six decimals: `2026-06-10T12:00:00.123456Z`"),
        ("2026-02-30T12:00:00Z", "February 2026 ends with `2026-02-28T12:00:00Z`"),
        ("2026-06-10T25:00:00Z", "write one from `00` to `23`"),
        ("2026-02-30", "February 2026 ends with `2026-02-28T00:00:00Z`"),
        ("2026-06-00T12:00:00Z", "June 2026 begins with `2026-06-01T12:00:00Z`"),
        ("2026-13-01", "write a month from `01` to `12`"),
        ("2026-12-31T24:00:00Z", "write `2027-01-01T00:00:00Z`"),
        ("2026-06-10T12:60:00Z", "write one from `00` to `59`"),
        ("1969-12-31T23:59:59Z", "a moment lies between 1970 and 2200"),
        ("10.06.2026", "write `2026-06-10T00:00:00Z`"),
        ("2026/6/10", "write `2026-06-10T00:00:00Z`"),
        ("25/6/2026", "write `2026-06-25T00:00:00Z`"),
        ("6/25/2026", "write `2026-06-25T00:00:00Z`"),
        ("10 June 2026", "write `2026-06-10T00:00:00Z`"),
        ("June 10th, 2026", "write `2026-06-10T00:00:00Z`"),
        ("10/06/2026", SHAPE),
        ("31.02.2026", SHAPE),
        ("tomorrow", SHAPE),
        ("2026-06-10 12:00 UTC", "write `2026-06-10T12:00:00Z`"),
        (
            "2026-06-10 12:00 Europe/Berlin",
            "the name of a zone is no offset: write `2026-06-10T12:00:00+02:00`",
        ),
        ("2026-06-10 12:00 Nowhere/Land", NAMELESS),
        ("2026-06-10T12:00:00 CET", NAMELESS),
    ],
)
def test_why_a_text_is_no_moment(text: str, why: str):
    assert why_no_timestamp(text) == why


@pytest.mark.parametrize(
    "text",
    [
        "1987-06-05",
        "1987-06-05T01:02:03",
        "1987-06-05T01:02:03.1234567Z",
        "1987-06-05 01:02:03+0900",
        "1987/06-05",
        "05.06.1987",
        "1987-06-05 01:02 Europe/Berlin",
    ],
)
def test_without_quoting_nothing_of_a_moment_is_repeated(text: str):
    assert not {"1987", "06-05", "01:02"} & {
        part for part in ("1987", "06-05", "01:02") if part in why_no_timestamp(text, quote=False)
    }


@pytest.mark.parametrize("text", ["77 days", "77", "77h77m", "77 months"])
def test_without_quoting_nothing_of_a_duration_is_repeated(text: str):
    assert "77" not in why_no_duration(text, quote=False)
