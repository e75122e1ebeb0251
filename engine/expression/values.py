"""The forms of a value: in Python, in JSON and YAML, and as text for people.

Inside the engine, timestamps and durations are whole microseconds, so the type is needed to interpret a number. In JSON, a
timestamp is RFC 3339 and a duration has a single unit, such as `60h`; in a sentence it is `60 hours`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from engine.expression.quantity import (
    format_decimal,
    format_duration,
    format_timestamp,
    to_datetime,
    written_moment,
)
from engine.expression.types import Type

Show = Callable[[Any], Any]


def show(value: Any, type_: Type) -> Any:
    """Convert one value; to convert many of the same type, call `shown_as` once."""
    return value if shown_as_it_is(type_) else shown_as(type_)(value)


def shown_as_it_is(type_: Type) -> bool:
    return type_.kind not in ("decimal", "timestamp", "duration", "list", "record")


def shown_as(type_: Type) -> Show:
    """A function that converts values of a type. It always copies lists and records, so that callers cannot change the facts
    through them."""
    shown = _present(type_)
    return (lambda value: None if value is None else shown(value)) if type_.optional else shown


def _present(type_: Type) -> Show:
    if type_.kind == "timestamp":
        return format_timestamp
    if type_.kind == "duration":
        return format_duration
    if type_.kind == "decimal":
        return lambda value: format_decimal(value, type_.scale)
    if type_.item is not None:
        return _list(type_.item)
    if type_.kind == "record":
        return _record(type_)
    return lambda value: value


def _list(item: Type) -> Show:
    if shown_as_it_is(item):
        return list
    shown = shown_as(item)
    return lambda value: [shown(v) for v in value]


def _record(type_: Type) -> Show:
    """The fields in the order in which the policy declares them."""
    fields = [(name, None if shown_as_it_is(t) else shown_as(t)) for name, t in type_.fields]
    return lambda value: {
        name: value[name] if shown is None else shown(value[name]) for name, shown in fields
    }


def to_python(value: Any, type_: Type) -> Any:
    """Convert an engine value to a Python type: microseconds to datetime or timedelta, units to Decimal, lists to tuples."""
    if value is None:
        return None
    if type_.item is not None:
        item = type_.item
        return tuple(to_python(v, item) for v in value)
    if type_.kind == "record":
        return {name: to_python(value[name], field) for name, field in type_.fields}
    if type_.kind == "decimal":
        return Decimal(format_decimal(value, type_.scale))
    if type_.kind == "timestamp":
        return to_datetime(value)
    if type_.kind == "duration":
        return timedelta(microseconds=value)
    return value


def to_json(value: object) -> object:
    """Timestamps as RFC 3339 in UTC, durations as `90d`, decimals as text, tuples as lists; anything else unchanged."""
    if isinstance(value, datetime):
        return written_moment(value).decode()[1:-1]
    if isinstance(value, timedelta):
        return format_duration(value // timedelta(microseconds=1))
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, tuple | list):
        return [to_json(v) for v in value]
    if isinstance(value, Mapping):
        return {name: to_json(v) for name, v in value.items()}
    return value


def format_value(value: object, type_: Type) -> str:
    """A plain value in YAML syntax."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and type_.kind in _FORMATS:
        return _FORMATS[type_.kind](value, type_)
    return str(value)


_FORMATS: Mapping[str, Callable[[int, Type], str]] = {
    "duration": lambda value, _: format_duration(value),
    "timestamp": lambda value, _: format_timestamp(value),
    "decimal": lambda value, type_: format_decimal(value, type_.scale),
}


def show_value(value: object, type_: Type) -> str:
    """A value as text for people."""
    if value is None:
        return "nothing"
    if type_.kind == "duration" and isinstance(value, int):
        return duration_words(value)
    if type_.kind in ("timestamp", "decimal") and isinstance(value, int):
        return _FORMATS[type_.kind](value, type_)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple | list):
        return ", ".join(show_value(v, type_.item or type_) for v in value) or "none"
    return str(value)


_WORDS = {"d": "day", "h": "hour", "m": "minute", "s": "second"}


def duration_words(value: int) -> str:
    text = format_duration(value)
    number, unit = text[:-1], text[-1]
    if text.endswith("ms"):
        return f"{text[:-2]} milliseconds"
    return f"{number} {_WORDS[unit]}{'' if number == '1' else 's'}"
