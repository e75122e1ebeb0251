"""Values of the engine as JSON shows them: moments in RFC 3339, durations as YAML writes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.expression.quantity import format_duration, format_timestamp
from engine.expression.types import Type

Show = Callable[[Any], Any]


def show(value: Any, type_: Type) -> Any:
    """One value; whoever shows many of a type asks `shown_as` once."""
    return value if shown_as_it_is(type_) else shown_as(type_)(value)


def shown_as_it_is(type_: Type) -> bool:
    return type_.kind not in ("timestamp", "duration", "list", "record")


def shown_as(type_: Type) -> Show:
    """A function that shows values of a type. Lists and records are always new ones, so that nobody changes the facts by them."""
    shown = _present(type_)
    return (lambda value: None if value is None else shown(value)) if type_.optional else shown


def _present(type_: Type) -> Show:
    if type_.kind == "timestamp":
        return format_timestamp
    if type_.kind == "duration":
        return format_duration
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
