"""How DuckDB spells literals, types and lists: the seam at which another database would differ."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.expression.types import Type

_TYPES = {"bool": "BOOLEAN", "double": "DOUBLE", "string": "VARCHAR", "enum": "VARCHAR"}


def text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def name(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


def sql_type(type_: Type) -> str:
    """The type of a value inside the query: moments and durations are whole microseconds, decimals whole units."""
    if type_.item is not None:
        return f"{sql_type(type_.item)}[]"
    if type_.kind == "record":
        return "STRUCT(" + ", ".join(f"{name(n)} {sql_type(t)}" for n, t in type_.fields) + ")"
    return _TYPES.get(type_.kind, "BIGINT")


def literal(value: Any, type_: Type) -> str:
    """A value of the engine. Each literal has its type: a bare `0.1` is a DECIMAL, and a bare `1` has 32 bits."""
    if value is None:
        return "NULL" if type_.kind == "null" else f"NULL::{sql_type(type_)}"
    if type_.item is not None:
        item = type_.item
        return listed((literal(v, item) for v in value), item)
    if type_.kind == "bool":
        return "TRUE" if value else "FALSE"
    if type_.kind == "double":
        return f"{text(repr(float(value)))}::DOUBLE"
    if type_.kind in ("string", "enum"):
        return text(value)
    return whole(value)


def whole(value: int) -> str:
    return f"({value})::{'BIGINT' if abs(value) < 2**63 else 'HUGEINT'}"


def listed(items: Iterable[str], item: Type) -> str:
    written = ", ".join(items)
    return f"[{written}]" if written else f"[]::{sql_type(item)}[]"


def field(record: str, of: str) -> str:
    return f"struct_extract({record}, {text(of)})"


def record(fields: Iterable[tuple[str, str]]) -> str:
    return "{" + ", ".join(f"{text(n)}: {value}" for n, value in fields) + "}"


def matching(items: str, variable: str, condition: str) -> str:
    return f"list_filter({items}, lambda {variable}: {condition})"


def each(items: str, variable: str, value: str) -> str:
    return f"list_transform({items}, lambda {variable}: {value})"


def count(items: str) -> str:
    return f"len({items})"


def cases(branches: Iterable[tuple[str, str]], otherwise: str) -> str:
    written = " ".join(f"WHEN {condition} THEN {value}" for condition, value in branches)
    return f"CASE {written} ELSE {otherwise} END" if written else otherwise
