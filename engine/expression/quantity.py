"""Durations and timestamps as people write them, converted to and from the whole microseconds that the engine uses."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

from engine.expression.types import DAY, MAX_DURATION, MAX_TIMESTAMP, SECOND

_DURATION = re.compile(r"([0-9]{1,12})(d|h|m|s|ms)")
_UNITS = {"d": DAY, "h": 3600 * SECOND, "m": 60 * SECOND, "s": SECOND, "ms": 1000}
_TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse_duration(text: str) -> int | None:
    """Parse `90d`, `36h`, `15m`, `30s` or `250ms` to microseconds; None for anything else or beyond 100 years."""
    match = _DURATION.fullmatch(text)
    if not match:
        return None
    value = int(match[1]) * _UNITS[match[2]]
    return value if value <= MAX_DURATION else None


def format_duration(value: int) -> str:
    """Format with the largest single unit that is exact; inverse of `parse_duration` down to milliseconds."""
    for unit in ("d", "h", "m", "s"):
        if value % _UNITS[unit] == 0:
            return f"{value // _UNITS[unit]}{unit}"
    whole, rest = divmod(abs(value), 1000)
    sign = "-" if value < 0 else ""
    return f"{sign}{whole}{f'.{rest:03}'.rstrip('0') if rest else ''}ms"


_DECIMAL = re.compile(r"(-?)([0-9]{1,18})(?:\.([0-9]{1,18}))?")


def parse_decimal(text: str, scale: int) -> int | None:
    """Parse `12.50` to whole units of `10**-scale`; None for anything else or too many places."""
    match = _DECIMAL.fullmatch(text)
    if match is None or len(match[3] or "") > scale:
        return None
    return int(match[1] + match[2] + (match[3] or "").ljust(scale, "0"))


def format_decimal(units: int, scale: int) -> str:
    """Format with all decimal places; inverse of `parse_decimal`."""
    digits = str(abs(units)).rjust(scale + 1, "0")
    sign = "-" if units < 0 else ""
    return f"{sign}{digits[:-scale]}.{digits[-scale:]}" if scale else f"{sign}{digits}"


def parse_timestamp(text: str) -> int | None:
    """Parse RFC 3339 with an offset, from 1970 to 2200, to microseconds since 1970; None for anything else."""
    moment = timestamp(text)
    return None if moment is None else from_datetime(moment)


def timestamp(text: str) -> datetime | None:
    """Like `parse_timestamp`, as a datetime in UTC."""
    usual = text[4::3] == "--T::Z"  # of this form, `fromisoformat` accepts nothing that the pattern refuses
    if not usual and not _TIMESTAMP.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text if usual else text.upper())
        if moment.tzinfo is not UTC:
            moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if FIRST <= moment <= LAST else None


_SPELLED_UNITS = {
    name: _UNITS[unit] * times
    for unit, times, names in (
        ("ms", 1, "ms msec millis millisecond milliseconds"),
        ("s", 1, "s sec secs second seconds"),
        ("m", 1, "m min mins minute minutes"),
        ("h", 1, "h hr hrs hour hours"),
        ("d", 1, "d day days"),
        ("d", 7, "w wk week weeks"),
    )
    for name in names.split()
}
_AMOUNT = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,3})?)[ _-]?([a-z]+)(?:,? (?:and )?)?", re.IGNORECASE)
_ISO_DURATION = re.compile(
    r"P(?:([0-9]{1,9})W)?(?:([0-9]{1,9})D)?(?:T(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})S)?)?"
)
_CALENDAR = re.compile(r"[0-9. ]*(?:mo|mon|months?|y|yr|years?)|P[0-9]+[YM].*", re.IGNORECASE)


def mend_duration(text: str) -> str | None:
    """The corrected form of `30 days`, `1h30m` or `PT2H`; None if the meaning is ambiguous."""
    iso = _ISO_DURATION.fullmatch(text)
    if iso and any(iso.groups()):
        units = (7 * DAY, DAY, 3600 * SECOND, 60 * SECOND, SECOND)
        total = sum(int(n) * unit for n, unit in zip(iso.groups(), units, strict=True) if n)
        return format_duration(total) if total <= MAX_DURATION else None
    micros, at = Decimal(0), 0
    while at < len(text):
        match = _AMOUNT.match(text, at)
        if match is None or match[2].lower() not in _SPELLED_UNITS:
            return None
        micros += Decimal(match[1]) * _SPELLED_UNITS[match[2].lower()]
        at = match.end()
    whole = micros == micros.to_integral_value() and micros % 1000 == 0
    return format_duration(int(micros)) if at and whole and micros <= MAX_DURATION else None


NO_LENGTH = "months and years have no fixed length: write days, such as `days(30)` or `days(365)`"
"""For an expression; a value is written as `30d`."""


def why_no_duration(text: str, *, quote: bool = True) -> str:
    """What to write instead of an invalid duration. Without `quote`, the hint does not repeat the text."""
    mended = mend_duration(text.strip())
    if mended is not None and quote:
        return f"write `{mended}`"
    if _CALENDAR.fullmatch(text.strip()):
        return "months and years have no fixed length: write days, such as `30d` or `365d`"
    if re.fullmatch(r"[0-9]{1,12}", text):
        number = text if quote else "90"
        return f"add the unit, such as `{number}d` for days or `{number}h` for hours"
    if _DURATION.fullmatch(text):
        return "a duration is at most 100 years"
    if quote and text[:1] == "-" and parse_duration(text[1:]) is not None:
        return f"a duration is not negative: write `{text[1:]}`"
    return "write one whole number and one unit: `d`, `h`, `m`, `s` or `ms`, such as `90d`"


_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LOOSE = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{1,2}:[0-9]{2})(:[0-9]{2})?([.,][0-9]+)?[ ]?([Zz]|[+-][0-9]{2}:?[0-9]{2})?"
)
_SAMPLE = "2026-01-31T12:00:00.123456789"
_MONTH_NAMES = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_MONTHS = [name[:3].lower() for name in _MONTH_NAMES]
_OTHER_DATES = (
    re.compile(r"(?P<y>[0-9]{4})[./-](?P<m>[0-9]{1,2})[./-](?P<d>[0-9]{1,2})"),
    re.compile(r"(?P<d>[0-9]{1,2})\.(?P<m>[0-9]{1,2})\.(?P<y>[0-9]{4})"),
    re.compile(r"(?P<d>1[3-9]|2[0-9]|3[01])[/-](?P<m>[0-9]{1,2})[/-](?P<y>[0-9]{4})"),
    re.compile(r"(?P<m>[0-9]{1,2})[/-](?P<d>1[3-9]|2[0-9]|3[01])[/-](?P<y>[0-9]{4})"),
    re.compile(r"(?P<d>[0-9]{1,2})(?:\.|st|nd|rd|th)? (?P<word>[A-Za-z]{3,9})\.?,? (?P<y>[0-9]{4})"),
    re.compile(r"(?P<word>[A-Za-z]{3,9})\.? (?P<d>[0-9]{1,2})(?:st|nd|rd|th)?,? (?P<y>[0-9]{4})"),
)
"""Date formats in which the day is unambiguous; in `03/04/2026` it is not."""
_ZONED = re.compile(r"(?P<moment>.*[0-9]) ?\[?(?P<zone>[A-Za-z]+(?:/[A-Za-z_/-]+)?)\]?")
_SHAPE = "a moment such as `2026-01-31T00:00:00Z`, or with an offset such as `+01:00` for the `Z`"


def why_no_timestamp(text: str, *, quote: bool = True) -> str:
    """What to write instead of an invalid timestamp. Without `quote`, the hint does not repeat the text."""
    if quote and (missing := no_such_moment(text)):
        return missing[1]
    if _DATE.fullmatch(text):
        text = text if quote else _SAMPLE[:10]
        return f"add the time and the offset: `{text}T00:00:00Z`"
    match = _LOOSE.fullmatch(text)
    if match is None:
        return (quote and (_other_date(text) or _zoned(text))) or f"write {_SHAPE}"
    date, minutes, seconds, fraction, offset = match.groups()
    too_fine = fraction is not None and len(fraction) > 7
    if not quote:
        date, minutes, seconds = _SAMPLE[:10], _SAMPLE[11:16], _SAMPLE[16:19]
        fraction = fraction and (_SAMPLE[19:] if too_fine else _SAMPLE[19:26])
    shown = f"{date}T{minutes.zfill(5)}{seconds or ':00'}"
    if fraction and too_fine:
        return f"a moment has at most six decimals: `{shown}{fraction[:7]}{offset or 'Z'}`"
    if offset is None:
        return f"add the offset: `{shown}{fraction or ''}Z` for UTC"
    fraction = fraction and fraction.replace(",", ".")
    if not _TIMESTAMP.fullmatch(text):
        colon = offset if ":" in offset or offset in "Zz" else f"{offset[:3]}:{offset[3:]}"
        return f"write `{shown}{fraction or ''}{colon}`"
    try:
        datetime.fromisoformat(text.upper())
    except ValueError:
        return "there is no such day or time"
    return "a moment lies between 1970 and 2200"


_CLOCK = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:([Tt ])([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?(.*))?")


def no_such_moment(text: str) -> tuple[str, str] | None:
    """A message that a text names a nonexistent day or time, and what to write instead; None if it does not."""
    match = _CLOCK.fullmatch(text)
    if match is None:
        return None
    year, month, day = (int(match[i]) for i in (1, 2, 3))
    if not 1 <= month <= 12:
        return f"there is no month {match[2]}", "write a month from `01` to `12`"
    last = monthrange(year, month)[1] if year else 31
    rest = text[10:]
    if not 1 <= day <= last:
        name = f"{_MONTH_NAMES[month - 1]} {year}"
        word, edge = ("ends", last) if day else ("begins", 1)
        hint = f"{name} {word} with `{_mended(f'{text[:8]}{edge:02}{rest}')}`"
        return f"there is no {day} {name}", hint
    if match[5] == "24" and {match[6], match[7] or "00"} == {"00"} and year:
        after = date.fromisoformat(text[:10]) + timedelta(days=1 if year < 9999 else 0)
        hint = f"write `{_mended(f'{after}T00:00:00{match[8]}')}`"
        return "a day has no hour 24: it ends where the next one begins", hint
    for part, most, name in ((match[5], 23, "hour"), (match[6], 59, "minute"), (match[7], 59, "second")):
        if part and int(part) > most:
            return f"there is no {name} {part}", f"write one from `00` to `{most}`"
    return None


def _mended(text: str) -> str:
    """Complete a text whose day exists to a valid timestamp."""
    match = None if parse_timestamp(text) is not None else re.search("`([0-9][^`]+)`", why_no_timestamp(text))
    return match[1] if match else text


def _other_date(text: str) -> str | None:
    """How to write a date given in another format; None if the text is not a date or its day is ambiguous."""
    for pattern in _OTHER_DATES:
        if match := pattern.fullmatch(text):
            groups = match.groupdict()
            word = (groups.get("word") or "")[:3].lower()
            if word and word not in _MONTHS:
                return None
            month = _MONTHS.index(word) + 1 if word else int(groups["m"])
            day = f"{groups['y']}-{month:02}-{int(groups['d']):02}"
            return f"write `{day}T00:00:00Z`" if parse_timestamp(f"{day}T00:00:00Z") is not None else None
    return None


def _zoned(text: str) -> str | None:
    """How to write a timestamp that has a time zone name, such as `Europe/Berlin`, instead of an offset."""
    match = _ZONED.fullmatch(text)
    moment = _LOOSE.fullmatch(match["moment"]) if match else None
    if match is None or moment is None or moment[5] is not None:
        return None
    date, minutes, seconds, fraction, _ = moment.groups()
    shown = f"{date}T{minutes}{seconds or ':00'}{fraction or ''}"
    if match["zone"].upper() in ("UTC", "GMT"):
        return f"write `{shown}Z`"
    if "/" not in match["zone"]:
        return f"write the offset and not the name of the zone, such as `{shown}+01:00`"
    try:
        local = datetime.fromisoformat(shown).replace(tzinfo=ZoneInfo(match["zone"]))
        return f"the name of a zone is no offset: write `{local.isoformat()}`"
    except (ValueError, KeyError, OSError):
        return f"write the offset and not the name of the zone, such as `{shown}+01:00`"


def from_datetime(value: datetime) -> int | None:
    """Microseconds since 1970 of an aware datetime between 1970 and 2200; None for any other."""
    if value.tzinfo is not UTC and value.utcoffset() is None:
        return None
    since = value - _EPOCH
    micros = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    return micros if 0 <= micros <= MAX_TIMESTAMP else None


def to_datetime(value: int) -> datetime:
    return _EPOCH + timedelta(microseconds=value)


def format_timestamp(value: int) -> str:
    """Format as RFC 3339 in UTC, with microseconds only if they are nonzero."""
    return written_moment(to_datetime(value)).decode()[1:-1]


def written_moment(value: datetime) -> bytes:
    """An aware moment as JSON text: RFC 3339 in UTC."""
    return _moment_writer()(value if value.tzinfo is UTC else value.astimezone(UTC))


@cache
def _moment_writer() -> Callable[[datetime], bytes]:
    """msgspec takes a fiftieth of the time of `isoformat`. Importing it takes milliseconds, so not before it is needed."""
    import msgspec

    return msgspec.json.Encoder().encode


FIRST, LAST = to_datetime(0), to_datetime(MAX_TIMESTAMP)
"""The bounds of timestamps."""
