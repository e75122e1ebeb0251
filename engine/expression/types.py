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
"""Of a decimal that is declared; a product has those of both sides."""
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
    """The least and the greatest number that something may be, in its smallest unit."""

    low: int
    high: int

    def within(self, most: int) -> bool:
        return -most <= self.low and self.high <= most

    def has_zero(self) -> bool:
        return self.low <= 0 <= self.high


@dataclass(frozen=True, slots=True)
class Type:
    """A type; `members` belong to an enum, `item` to a list, `fields` to a record, `optional` says that null is a value."""

    kind: Kind
    optional: bool = False
    members: tuple[str, ...] = ()
    item: Type | None = None
    fields: tuple[tuple[str, Type], ...] = ()
    max_length: int = MAX_STRING
    max_items: int = MAX_ITEMS
    minimum: int | float | None = None
    maximum: int | float | None = None
    """Of the values of a fact, parameter or column, in the smallest unit; an expression's type has them only where it is that
    one."""
    scale: int = 0
    """The decimal places of a decimal, whose values are whole numbers of the smallest unit."""

    def required(self) -> Type:
        return replace(self, optional=False) if self.optional else self

    def within(self, value: int | float) -> bool:
        """Whether a number keeps to the declared bounds."""
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
    """A decimal without places is an int."""
    return Type("decimal", scale=scale) if scale else INT


def article(type_: Type) -> str:
    """The type as a sentence names it: a string, an int, null."""
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
"""The stand-in for what could not be typed, so that checking goes on without complaining twice."""

SCALARS: dict[str, Type] = {t.kind: t for t in (BOOL, INT, DOUBLE, STRING, TIMESTAMP, DURATION)}
ORDERED = frozenset(["int", "decimal", "double", "timestamp", "duration"])
TEXTUAL = frozenset(["string", "enum"])


def unbounded(type_: Type) -> Type:
    """The type without the bounds of its values."""
    item = unbounded(type_.item) if type_.item is not None else None
    fields = tuple((name, unbounded(field)) for name, field in type_.fields)
    return replace(type_, minimum=None, maximum=None, item=item, fields=fields)


def fits(given: Type, wanted: Type) -> bool:
    """Whether a value of one type may stand where the other is declared, null aside."""
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
    """Whether `==` makes sense between two types, null aside."""
    if "error" in (left.kind, right.kind):
        return True
    if left.kind in TEXTUAL and right.kind in TEXTUAL:
        return not (left.kind == right.kind == "enum") or bool(set(left.members) & set(right.members))
    return left.kind == right.kind and left.kind not in ("list", "record") and left.scale == right.scale
