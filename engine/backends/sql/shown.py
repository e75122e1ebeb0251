"""Values as people and JSON see them, written in SQL; see `engine.expression.values`."""

from __future__ import annotations

from engine.backends.sql import spelling as sql
from engine.expression.types import DAY, SECOND, Type

_UNITS = (
    (DAY, "d", "day"),
    (3_600 * SECOND, "h", "hour"),
    (60 * SECOND, "m", "minute"),
    (SECOND, "s", "second"),
)


def in_json(value: str, type_: Type, depth: int = 0) -> str:
    """The value in the form that `to_json` writes as the engine does."""
    if type_.item is not None:
        inner = in_json(f"o{depth}", type_.item, depth + 1)
        return value if inner == f"o{depth}" else sql.each(value, f"o{depth}", inner)
    match type_.kind:
        case "record":
            fields = [(name, in_json(sql.field(value, name), field, depth)) for name, field in type_.fields]
            return f"CASE WHEN {value} IS NOT NULL THEN {sql.record(fields)} END"
        case "int":
            return f"({value})::BIGINT"
        case "timestamp":
            return _moment(value)
        case "duration":
            return _duration(value)
        case "decimal":
            return _decimal(value, type_.scale)
    return value


def in_words(value: str, type_: Type, depth: int = 0) -> str | None:
    """The value in a message; None if SQL writes it differently."""
    if type_.item is not None:
        inner = in_words(f"o{depth}", type_.item, depth + 1)
        words = inner and f"list_aggregate({sql.each(value, f'o{depth}', inner)}, 'string_agg', ', ')"
        return words and f"CASE WHEN {value} IS NULL THEN 'nothing' ELSE COALESCE({words}, '') END"
    match type_.kind:
        case "double" | "record":
            return None
        case "bool":
            shown = f"CASE WHEN {value} THEN 'yes' ELSE 'no' END"
        case "duration":
            shown = _duration_words(value)
        case _:
            shown = f"({in_json(value, type_)})::VARCHAR"
    return f"CASE WHEN {value} IS NULL THEN 'nothing' ELSE {shown} END"


def _moment(value: str) -> str:
    clock = f"strftime(make_timestamp({value}), '%Y-%m-%dT%H:%M:%S')"
    rest = f"((({value}) % 1000000 + 1000000) % 1000000)"
    fraction = f"CASE WHEN {rest} = 0 THEN '' ELSE '.' || lpad({rest}::VARCHAR, 6, '0') END"
    return f"({clock} || {fraction} || 'Z')"


def _duration(value: str) -> str:
    units = [(f"({value}) % {size} = 0", f"({value}) // {size} || '{unit}'") for size, unit, _ in _UNITS]
    written = sql.cases(units, f"{_milliseconds(value)} || 'ms'")
    return f"CASE WHEN ({value}) IS NULL THEN NULL ELSE {written} END"


def _milliseconds(value: str) -> str:
    rest = f"rtrim('.' || lpad((abs({value}) % 1000)::VARCHAR, 3, '0'), '0')"
    fraction = f"CASE WHEN abs({value}) % 1000 = 0 THEN '' ELSE {rest} END"
    return f"CASE WHEN ({value}) < 0 THEN '-' ELSE '' END || abs({value}) // 1000 || {fraction}"


def _duration_words(value: str) -> str:
    units = [
        (
            f"({value}) % {size} = 0",
            f"({value}) // {size} || CASE WHEN ({value}) = {size} THEN ' {word}' ELSE ' {word}s' END",
        )
        for size, _, word in _UNITS
    ]
    return sql.cases(units, f"{_milliseconds(value)} || ' milliseconds'")


def _decimal(value: str, scale: int) -> str:
    sign = f"CASE WHEN ({value}) < 0 THEN '-' ELSE '' END"
    if not scale:
        return f"({value})::VARCHAR"
    places = f"lpad((abs({value}) % {10**scale})::VARCHAR, {scale}, '0')"
    return f"({sign} || abs({value}) // {10**scale} || '.' || {places})"
