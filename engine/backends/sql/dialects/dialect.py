"""What a dialect of SQL has to spell, and the spellings that all of them share.

Inside a query, moments and durations are whole microseconds in 64 bits, decimals whole units. Values of lists and records have
the dialect's own form, which only the dialect takes apart.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any

from engine.expression.types import Type


class Dialect(ABC):
    title: str
    types = {"bool": "BOOLEAN", "double": "DOUBLE", "string": "VARCHAR", "enum": "VARCHAR"}
    words = "VARCHAR"
    """The type of a text."""
    wide_type: str
    """Whole numbers of at least 38 digits."""
    most_digits = 37
    """The digits of a number that can be computed exactly."""
    columnar = False
    """Whether a test is asked of many rows at once, so that many branches cost more than many tests."""

    def text(self, value: str) -> str:
        return "'" + value.replace("'", "''") + "'"

    def name(self, value: str) -> str:
        return '"' + value.replace('"', '""') + '"'

    def cast(self, value: str, to: str) -> str:
        return f"({value})::{to}"

    def as_text(self, value: str) -> str:
        return self.cast(value, self.words)

    def bigint(self, value: str) -> str:
        return self.cast(value, "BIGINT")

    def wide(self, value: str) -> str:
        return self.cast(value, self.wide_type)

    @abstractmethod
    def sql_type(self, type_: Type) -> str:
        """The type of a value inside the query."""

    def literal(self, value: Any, type_: Type) -> str:
        """A value of the engine. Each literal has its type: a bare `0.1` is a DECIMAL, and a bare `1` has 32 bits."""
        if value is None:
            return "NULL" if type_.kind == "null" else self.cast("NULL", self.sql_type(type_))
        if type_.item is not None:
            item = type_.item
            return self.listed((self.literal(v, item) for v in value), item)
        if type_.kind == "bool":
            return "TRUE" if value else "FALSE"
        if type_.kind == "double":
            return self.double(value)
        if type_.kind in ("string", "enum"):
            return self.text(value)
        return self.whole(value)

    def double(self, value: float) -> str:
        return self.cast(self.text(repr(float(value))), self.types["double"])

    def whole(self, value: int) -> str:
        return self.cast(str(value), "BIGINT" if abs(value) < 2**63 else self.wide_type)

    def cases(self, branches: Iterable[tuple[str, str]], otherwise: str) -> str:
        written = " ".join(f"WHEN {condition} THEN {value}" for condition, value in branches)
        return f"CASE {written} ELSE {otherwise} END" if written else otherwise

    def stage(self, source: str, columns: Sequence[tuple[str, str]], name: str) -> str:
        """What can stand behind FROM: the rows of `source` with more columns, each computed once. The name is unique."""
        added = ", ".join(f"{value} AS {self.name(column)}" for column, value in columns)
        return f"(SELECT *, {added} FROM {source})"

    # Lists and records

    @abstractmethod
    def listed(self, items: Iterable[str], item: Type) -> str: ...

    @abstractmethod
    def record(self, fields: Sequence[tuple[str, str]]) -> str: ...

    @abstractmethod
    def field(self, record: str, of: str, type_: Type) -> str: ...

    def item(self, variable: str, type_: Type) -> str:
        """The item of a loop, within its body."""
        return variable

    @abstractmethod
    def matching(self, items: str, variable: str, condition: str) -> str: ...

    @abstractmethod
    def each(self, items: str, variable: str, value: str) -> str: ...

    @abstractmethod
    def count(self, items: str) -> str: ...

    def counted(self, items: str, variable: str, condition: str) -> str:
        """How many items match."""
        return self.count(self.matching(items, variable, condition))

    @abstractmethod
    def bits(self, items: str, variable: str, value: str) -> str:
        """The bits that are set in the number of some item."""

    @abstractmethod
    def has(self, items: str, value: str, type_: Type) -> str:
        """Whether a list has an item, which is not null."""

    @abstractmethod
    def total(self, items: str, type_: Type) -> str:
        """The sum of the items, or NULL if there is none."""

    @abstractmethod
    def least(self, items: str, type_: Type) -> str: ...

    @abstractmethod
    def greatest(self, items: str, type_: Type) -> str: ...

    @abstractmethod
    def joined(self, items: str, variable: str, value: str) -> str:
        """The texts of the items with commas between them; NULL or empty if there is none."""

    # Lists of texts as columns of the result

    @abstractmethod
    def texts(self, values: Iterable[str]) -> str: ...

    @abstractmethod
    def not_null(self, values: Iterable[str]) -> str:
        """The texts that are not null."""

    @abstractmethod
    def ordered(self, values: Sequence[tuple[str, str]]) -> str:
        """The texts whose place is not null, in the order of their places."""

    @abstractmethod
    def pick(self, values: Iterable[str], position: str) -> str:
        """The text at a position, counted from zero."""

    @abstractmethod
    def json(self, fields: Sequence[tuple[str, str]]) -> str:
        """A column of the result: an object of JSON with these fields, null ones included."""

    def json_constant(self, value: str) -> str:
        return self.text(value)

    # Texts

    def starts_with(self, text: str, start: str) -> str:
        return f"starts_with({text}, {start})"

    def ends_with(self, text: str, end: str) -> str:
        return f"ends_with({text}, {end})"

    def contains(self, text: str, part: str) -> str:
        return f"contains({text}, {part})"

    @abstractmethod
    def trim(self, text: str, characters: str) -> str: ...

    @abstractmethod
    def trim_end(self, text: str, characters: str) -> str: ...

    @abstractmethod
    def number(self, digits: str, to: str) -> str:
        """A text that has the shape of a number as a value of a type; it may be NULL, but never fails, if it has not."""

    def matches(self, text: str, pattern: str) -> str | None:
        """Whether a pattern of RE2 matches somewhere; None if this cannot be written."""
        return None

    @abstractmethod
    def shaped(self, text: str, pattern: str) -> str:
        """Whether a plain pattern of ours matches the whole text."""

    @abstractmethod
    def fits(self, text: str, most: int) -> str:
        """Whether a text certainly has at most so many characters, and no null character."""

    # Numbers and moments

    @abstractmethod
    def over(self, dividend: str, divisor: int) -> str:
        """64 bits divided by a positive constant, cut toward zero."""

    @abstractmethod
    def wide_over(self, dividend: str, divisor: str) -> str:
        """Two wide numbers divided, cut toward zero."""

    @abstractmethod
    def both(self, first: str, second: str) -> str:
        """Whether both are true; the second one may fail if the first one is not true."""

    def within(self, value: str, low: int, high: int, readable: str) -> str:
        """Whether a number is readable and within bounds."""
        bounds = f"{value} BETWEEN {self.whole(low)} AND {self.whole(high)}"
        return bounds if readable == "TRUE" else self.both(readable, bounds)

    @abstractmethod
    def units(self, amount: str, scale: int) -> tuple[str, str]:
        """An exact amount in units of the last of so many places, and whether it has no more places."""

    @abstractmethod
    def finite(self, moment: str) -> str: ...

    @abstractmethod
    def micros(self, moment: str) -> str:
        """The microseconds since 1970 of a finite moment."""

    @abstractmethod
    def clock(self, micros: str) -> str:
        """The date and the time of day in UTC to the second, as `2026-01-31T23:59:59`."""

    @abstractmethod
    def read_clock(self, text: str) -> tuple[str, str]:
        """The microseconds of a text such as `2026-01-31T23:59:59.5` with any offset behind it, which is ignored, and whether it
        can be read. The text has the right shape."""
