"""The types of facts, parameters and expressions, and the bounds of their values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

Kind = Literal[
    "bool",
    "int",
    "decimal",
    "double",
    "string",
    "enum",
    "timestamp",
    "duration",
    "list",
    "record",
    "null",
    "error",
]

MAX_INT = 2**53
MAX_DOUBLE = 1e300
MAX_PLACES = 9
"""The maximum for a declared decimal; a product has the places of both factors."""
MAX_PRODUCT_PLACES = 18
MAX_STRING = 8_192
MAX_ITEMS = 1_000
SECOND = 1_000_000
DAY = 86_400 * SECOND
MAX_DURATION = 100 * 366 * DAY
"""Durations and timestamps are whole microseconds; timestamps count from 1970-01-01T00:00:00Z."""
MAX_TIMESTAMP = 7_258_118_400 * SECOND
"""2200-01-01T00:00:00Z."""


class Interval(NamedTuple):
    """The minimum and maximum of a number, in its smallest unit."""

    low: int
    high: int

    def within(self, most: int) -> bool:
        return -most <= self.low and self.high <= most

    def has_zero(self) -> bool:
        return self.low <= 0 <= self.high


@dataclass(frozen=True, slots=True)
class Type:
    """A type. `members` is for enums, `item` for lists, `fields` for records; `optional` says that the value may be null."""

    kind: Kind
    optional: bool = False
    members: tuple[str, ...] = ()
    item: Type | None = None
    fields: tuple[tuple[str, Type], ...] = ()
    max_length: int = MAX_STRING
    max_items: int = MAX_ITEMS
    minimum: int | float | None = None
    maximum: int | float | None = None
    """The bounds of a fact, parameter or column, in the smallest unit. The type of an expression has them only if it is a plain
    fact, parameter or column."""
    scale: int = 0
    """The number of decimal places; values of a decimal are whole numbers of its smallest unit."""

    def required(self) -> Type:
        return replace(self, optional=False) if self.optional else self

    def within(self, value: int | float) -> bool:
        """Whether a number is within the declared bounds."""
        return (self.minimum is None or value >= self.minimum) and (
            self.maximum is None or value <= self.maximum
        )

    def field(self, name: str) -> Type | None:
        return next((t for n, t in self.fields if n == name), None)

    def __str__(self) -> str:
        return _describe(self) + ("?" if self.optional else "")


def _describe(type_: Type) -> str:
    if type_.kind == "enum":
        return "enum [" + ", ".join(type_.members) + "]"
    if type_.kind == "list":
        return f"list of {'records' if type_.item and type_.item.kind == 'record' else type_.item}"
    if type_.kind == "decimal":
        return f"decimal with {type_.scale} place{'' if type_.scale == 1 else 's'}"
    return type_.kind


def decimal(scale: int) -> Type:
    """A decimal type; without places it is an int."""
    return Type("decimal", scale=scale) if scale else INT


def article(type_: Type) -> str:
    """The type with its article, for use in a sentence: a string, an int, null."""
    word = str(type_)
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}" if type_.kind != "null" else "null"


BOOL = Type("bool")
INT = Type("int")
DOUBLE = Type("double")
STRING = Type("string")
TIMESTAMP = Type("timestamp")
DURATION = Type("duration")
NULL = Type("null", optional=True)
ERROR = Type("error")
"""The type of what could not be typed, so that checking continues without reporting the same problem twice."""

SCALARS: dict[str, Type] = {t.kind: t for t in (BOOL, INT, DOUBLE, STRING, TIMESTAMP, DURATION)}
ORDERED = frozenset(["int", "decimal", "double", "timestamp", "duration"])
TEXTUAL = frozenset(["string", "enum"])


def unbounded(type_: Type) -> Type:
    """The type without its bounds."""
    item = unbounded(type_.item) if type_.item is not None else None
    fields = tuple((name, unbounded(field)) for name, field in type_.fields)
    return replace(type_, minimum=None, maximum=None, item=item, fields=fields)


def fits(given: Type, wanted: Type) -> bool:
    """Whether a value of the type `given` fits the declared type `wanted`, ignoring null."""
    if "error" in (given.kind, wanted.kind):
        return True
    if given.kind == "enum" and wanted.kind == "enum":
        return set(given.members) <= set(wanted.members)
    if given.item is not None and wanted.item is not None:
        return fits(given.item, wanted.item) and (wanted.item.optional or not given.item.optional)
    if given.kind == "record":
        return unbounded(given).fields == unbounded(wanted).fields
    if given.kind == "enum" and wanted.kind == "string":
        return True
    return given.kind == wanted.kind and given.scale == wanted.scale


def comparable(left: Type, right: Type) -> bool:
    """Whether `==` makes sense between two types, ignoring null."""
    if "error" in (left.kind, right.kind):
        return True
    if left.kind in TEXTUAL and right.kind in TEXTUAL:
        return not (left.kind == right.kind == "enum") or bool(set(left.members) & set(right.members))
    return left.kind == right.kind and left.kind not in ("list", "record") and left.scale == right.scale
