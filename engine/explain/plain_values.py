"""A default value of each type, and whether a value fits a type."""

from __future__ import annotations

from typing import Any

from engine.expression.types import MAX_DOUBLE, MAX_INT, MAX_TIMESTAMP, Type


def plain_value(type_: Type, now: int) -> Any:
    """A default value of a type, within its bounds."""
    value = _plain_value(type_, now)
    if value is None or (type_.minimum is None and type_.maximum is None):
        return value
    low = value if type_.minimum is None else max(value, type_.minimum)
    return low if type_.maximum is None else min(low, type_.maximum)


def _plain_value(type_: Type, now: int) -> Any:
    if type_.optional:
        return None
    match type_.kind:
        case "enum":
            return type_.members[0]
        case "bool":
            return False
        case "string":
            return ""
        case "double":
            return 0.0
        case "timestamp":
            return now
        case "list":
            return []
        case "record":
            return {name: plain_value(field, now) for name, field in type_.fields}
    return 0


def fits(value: Any, type_: Type) -> bool:
    if value is None:
        return type_.optional
    match type_.kind:
        case "record":
            return all(fits(value[name], field) for name, field in type_.fields)
        case "int" | "decimal" | "double" | "timestamp" | "duration" if not type_.within(value):
            return False
        case "enum":
            return value in type_.members
        case "int" | "decimal":
            return -MAX_INT <= int(value) <= MAX_INT
        case "double":
            return -MAX_DOUBLE <= float(value) <= MAX_DOUBLE
        case "timestamp":
            return 0 <= int(value) <= MAX_TIMESTAMP
        case "duration":
            return bool(value >= 0)
        case "string":
            return len(value) <= type_.max_length
    return True
