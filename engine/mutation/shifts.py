"""Shift a literal by one unit up and down: the last digit of a number, one day of `90d`, one second of a timestamp."""

from __future__ import annotations

import re
from decimal import Decimal

from engine.expression.quantity import format_timestamp, parse_timestamp
from engine.expression.types import SECOND

_DURATION = re.compile(r"([0-9]+)([a-z]+)")


def shifted(text: str, kind: str) -> list[str]:
    """The shifted values of a literal; empty for kinds without units."""
    match kind:
        case "bool":
            return ["false" if text == "true" else "true"]
        case "int":
            value = int(text, 0)
            return [str(value - 1), str(value + 1)]
        case "double" | "decimal":
            return _double(Decimal(text))
        case "duration":
            return _duration(text)
        case "timestamp":
            return _timestamp(text)
    return []


def _double(value: Decimal) -> list[str]:
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    unit = Decimal((0, (1,), exponent))
    return [format(value - unit, "f"), format(value + unit, "f")]


def _duration(text: str) -> list[str]:
    match = _DURATION.fullmatch(text)
    if match is None:
        return []
    value, unit = int(match[1]), match[2]
    return [f"{n}{unit}" for n in (value - 1, value + 1) if n >= 0]


def _timestamp(text: str) -> list[str]:
    value = parse_timestamp(text)
    return [] if value is None else [format_timestamp(value - SECOND), format_timestamp(value + SECOND)]
