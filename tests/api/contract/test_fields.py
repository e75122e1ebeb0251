"""The timestamp format, and the limits of ids."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from api.contract.fields import MAX_ID, Id, Moment, Text, render_moment

MOMENT = TypeAdapter(Moment)
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (NOON, "2026-01-31T12:00:00.000000Z"),
        (NOON.replace(microsecond=7), "2026-01-31T12:00:00.000007Z"),
        (NOON.astimezone(timezone(timedelta(hours=-5))), "2026-01-31T12:00:00.000000Z"),
    ],
)
def test_moment_is_written_in_utc_to_the_microsecond(moment: datetime, written: str) -> None:
    assert render_moment(moment) == written
    assert MOMENT.dump_python(moment, mode="json") == written


@pytest.mark.parametrize(
    "written",
    [
        "2026-01-31T12:00:00Z",
        "2026-01-31t12:00:00z",
        "2026-01-31T13:00:00.000000+01:00",
        "2026-01-31T12:00:00.0Z",
    ],
)
def test_moment_is_read_with_any_offset(written: str) -> None:
    assert MOMENT.validate_python(written) == NOON


@pytest.mark.parametrize(
    "value",
    [
        "2026-01-31T12:00:00",
        "2026-01-31 12:00:00Z",
        "2026-01-31",
        "2026-02-30T12:00:00Z",
        "2026-01-31T24:00:00Z",
        "2026-01-31T12:00:00+2500",
        "0001-01-01T00:00:00+14:00",
        "٢٠٢٦-01-31T12:00:00Z",
        "now",
        "",
        1_769_860_800,
        True,
        None,
    ],
)
def test_anything_else_is_no_moment(value: Any) -> None:
    with pytest.raises(ValidationError, match="RFC 3339"):
        MOMENT.validate_python(value)


@pytest.mark.parametrize("value", [0, -1, MAX_ID + 1, True, 1.0, "1", None])
def test_anything_but_a_positive_integer_is_no_id(value: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Id).validate_python(value, strict=True)


@pytest.mark.parametrize(
    "text", [" ", "\t\r\n", "\u00a0\u3000", "\u200b\u200d", "\ufeff", "\u0007", "\u202e", "\U000e0041"]
)
def test_text_that_nobody_can_see_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="Text should not be blank"):
        TypeAdapter(Text).validate_python(text)


@pytest.mark.parametrize("text", [" a ", "\U0001f44d", "👩\u200d👩", "\u0301", "\u0645\u200c", "."])
def test_text_is_kept_as_it_was_written(text: str) -> None:
    assert TypeAdapter(Text).validate_python(text) == text
