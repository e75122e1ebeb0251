"""Values as people and JSON see them, written in SQL; see `engine.expression.values`."""

from __future__ import annotations

from engine.backends.sql.dialects.dialect import Dialect
from engine.expression.types import DAY, SECOND, Type

_UNITS = (
    (DAY, "d", "day"),
    (3_600 * SECOND, "h", "hour"),
    (60 * SECOND, "m", "minute"),
    (SECOND, "s", "second"),
)


def in_json(sql: Dialect, value: str, type_: Type, depth: int = 0) -> str:
    """The value in the form that the database writes in JSON as the engine does."""
    if type_.item is not None:
        item = sql.item(f"o{depth}", type_.item)
        inner = in_json(sql, item, type_.item, depth + 1)
        if inner == item:
            return value
        each = sql.each(value, f"o{depth}", inner)
        return f"CASE WHEN {value} IS NOT NULL THEN {each} END" if type_.optional else each
    match type_.kind:
        case "record":
            fields = [
                (name, in_json(sql, sql.field(value, name, field), field, depth))
                for name, field in type_.fields
            ]
            return f"CASE WHEN {value} IS NOT NULL THEN {sql.record(fields)} END"
        case "int":
            return sql.bigint(value)
        case "timestamp":
            return _moment(sql, value)
        case "duration":
            return _duration(sql, value)
        case "decimal":
            return _decimal(sql, value, type_.scale)
    return value


def in_words(sql: Dialect, value: str, type_: Type, depth: int = 0) -> str | None:
    """The value in a message; None if SQL writes it differently."""
    if type_.item is not None:
        inner = in_words(sql, sql.item(f"o{depth}", type_.item), type_.item, depth + 1)
        words = inner and sql.joined(value, f"o{depth}", inner)
        return words and f"CASE WHEN {value} IS NULL THEN 'nothing' ELSE COALESCE({words}, '') END"
    match type_.kind:
        case "double" | "record":
            return None
        case "bool":
            shown = f"CASE WHEN {value} THEN 'yes' ELSE 'no' END"
        case "duration":
            shown = _duration_words(sql, value)
        case _:
            shown = sql.as_text(in_json(sql, value, type_))
    return f"CASE WHEN {value} IS NULL THEN 'nothing' ELSE {shown} END"


def _moment(sql: Dialect, value: str) -> str:
    rest = f"((({value}) % 1000000 + 1000000) % 1000000)"
    fraction = f"CASE WHEN {rest} = 0 THEN '' ELSE '.' || {_padded(sql, rest, 6)} END"
    return f"({sql.clock(value)} || {fraction} || 'Z')"


def _padded(sql: Dialect, number: str, digits: int) -> str:
    return f"lpad({sql.as_text(number)}, {digits}, '0')"


def _duration(sql: Dialect, value: str) -> str:
    units = [
        (f"({value}) % {sql.whole(size)} = 0", f"{sql.as_text(sql.over(value, size))} || '{unit}'")
        for size, unit, _ in _UNITS
    ]
    written = sql.cases(units, f"{_milliseconds(sql, value)} || 'ms'")
    return f"CASE WHEN ({value}) IS NULL THEN NULL ELSE {written} END"


def _milliseconds(sql: Dialect, value: str) -> str:
    size = f"abs({value})"
    rest = sql.trim_end(f"('.' || {_padded(sql, f'({size} % 1000)', 3)})", "0")
    fraction = f"CASE WHEN {size} % 1000 = 0 THEN '' ELSE {rest} END"
    return (
        f"CASE WHEN ({value}) < 0 THEN '-' ELSE '' END || {sql.as_text(sql.over(size, 1000))} || {fraction}"
    )


def _duration_words(sql: Dialect, value: str) -> str:
    units = [
        (
            f"({value}) % {sql.whole(size)} = 0",
            f"{sql.as_text(sql.over(value, size))} || CASE WHEN ({value}) = {sql.whole(size)} THEN ' {word}' ELSE ' {word}s' END",
        )
        for size, _, word in _UNITS
    ]
    return sql.cases(units, f"{_milliseconds(sql, value)} || ' milliseconds'")


def _decimal(sql: Dialect, value: str, scale: int) -> str:
    """A decimal may be wider than 64 bits."""
    if not scale:
        return sql.as_text(value)
    sign, size = f"CASE WHEN ({value}) < 0 THEN '-' ELSE '' END", sql.wide(f"abs({value})")
    unit = sql.wide(str(10**scale))
    whole = sql.as_text(sql.wide_over(size, unit))
    return f"({sign} || {whole} || '.' || {_padded(sql, f'({size} % {unit})', scale)})"
