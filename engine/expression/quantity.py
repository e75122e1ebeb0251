"""Durations and timestamps as people write them, and the whole microseconds that the engine computes with."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from engine.expression.types import DAY, MAX_DURATION, MAX_TIMESTAMP, SECOND

_DURATION = re.compile(r"([0-9]{1,12})(d|h|m|s|ms)")
_UNITS = {"d": DAY, "h": 3600 * SECOND, "m": 60 * SECOND, "s": SECOND, "ms": 1000}
_TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def parse_duration(text: str) -> int | None:
    """`90d`, `36h`, `15m`, `30s` or `250ms` in microseconds; None for anything else or beyond 100 years."""
    match = _DURATION.fullmatch(text)
    if not match:
        return None
    value = int(match[1]) * _UNITS[match[2]]
    return value if value <= MAX_DURATION else None


def format_duration(value: int) -> str:
    """The largest single unit that says the duration exactly; inverse of `parse_duration` down to milliseconds."""
    for unit in ("d", "h", "m", "s"):
        if value % _UNITS[unit] == 0:
            return f"{value // _UNITS[unit]}{unit}"
    whole, rest = divmod(abs(value), 1000)
    sign = "-" if value < 0 else ""
    return f"{sign}{whole}{f'.{rest:03}'.rstrip('0') if rest else ''}ms"


def parse_timestamp(text: str) -> int | None:
    """RFC 3339 with an offset, 1970 to 2200, in microseconds since 1970; None for anything else."""
    if not _TIMESTAMP.fullmatch(text):
        return None
    try:
        return from_datetime(datetime.fromisoformat(text.upper()))
    except (ValueError, OverflowError):
        return None


def from_datetime(value: datetime) -> int | None:
    """Microseconds since 1970 of an aware datetime between 1970 and 2200; None for any other."""
    if value.utcoffset() is None:
        return None
    micros = (value - _EPOCH) // _MICROSECOND
    return micros if 0 <= micros <= MAX_TIMESTAMP else None


def to_datetime(value: int) -> datetime:
    return _EPOCH + value * _MICROSECOND


def format_timestamp(value: int) -> str:
    """RFC 3339 in UTC, with microseconds only where there are some."""
    return to_datetime(value).isoformat().replace("+00:00", "Z")
