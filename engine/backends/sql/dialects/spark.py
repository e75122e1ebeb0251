"""How Spark 4 spells it: lists are ARRAY, records are STRUCT.

Casts are TRY_CAST, since Spark may compute a branch of CASE that it does not take, and then fail under ANSI.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from engine.backends.sql.dialects.tables import TableDialect
from engine.backends.sql.facts import TEXT, Given
from engine.expression.types import DAY, Type

_COLUMNS = {"bool": "boolean", "int": "bigint", "double": "double", "timestamp": "timestamp"}
_GIVEN = {
    "bool": Given("bool"),
    "int": Given("whole"),
    "double": Given("float"),
    "decimal": Given("exact"),
    "timestamp": Given("moment"),
}


class Spark(TableDialect):
    title = "Spark"
    words = "STRING"
    wide_type = "DECIMAL(38, 0)"
    most_digits = 32  # of a quotient: Spark keeps six decimal places
    types = {"bool": "BOOLEAN", "double": "DOUBLE", "string": "STRING", "enum": "STRING"}
    present = "current_timestamp()"

    def text(self, value: str) -> str:
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"

    def name(self, value: str) -> str:
        return "`" + value.replace("`", "``") + "`"

    def cast(self, value: str, to: str) -> str:
        return f"TRY_CAST({value} AS {to})"

    def sql_type(self, type_: Type) -> str:
        if type_.item is not None:
            return f"ARRAY<{self.sql_type(type_.item)}>"
        if type_.kind == "record":
            fields = ", ".join(f"{self.name(name)}: {self.sql_type(field)}" for name, field in type_.fields)
            return f"STRUCT<{fields}>"
        return self.types.get(type_.kind, "BIGINT")

    def listed(self, items: Iterable[str], item: Type) -> str:
        written = ", ".join(items)
        return f"array({written})" if written else f"CAST(array() AS ARRAY<{self.sql_type(item)}>)"

    def record(self, fields: Sequence[tuple[str, str]]) -> str:
        return f"named_struct({', '.join(f'{self.text(name)}, {value}' for name, value in fields)})"

    def field(self, record: str, of: str, type_: Type) -> str:
        return f"({record}).{self.name(of)}"

    def matching(self, items: str, variable: str, condition: str) -> str:
        return f"filter({items}, {variable} -> {condition})"

    def each(self, items: str, variable: str, value: str) -> str:
        return f"transform({items}, {variable} -> {value})"

    def count(self, items: str) -> str:
        return f"array_size({items})"

    def bits(self, items: str, variable: str, value: str) -> str:
        return f"aggregate({items}, 0L, (found, {variable}) -> found | COALESCE({value}, 0L))"

    def has(self, items: str, value: str, type_: Type) -> str:
        return f"COALESCE(array_contains({items}, {value}), FALSE)"

    def total(self, items: str, type_: Type) -> str:
        added = self.wide("total + m")
        return f"aggregate({items}, {self.wide('0')}, (total, m) -> {added})"

    def least(self, items: str, type_: Type) -> str:
        return f"array_min({items})"

    def greatest(self, items: str, type_: Type) -> str:
        return f"array_max({items})"

    def joined(self, items: str, variable: str, value: str) -> str:
        return f"array_join({self.each(items, variable, value)}, ', ')"

    def texts(self, values: Iterable[str]) -> str:
        return f"CAST(array({', '.join(values)}) AS ARRAY<STRING>)"

    def not_null(self, values: Iterable[str]) -> str:
        return f"filter({self.texts(values)}, m -> m IS NOT NULL)"

    def ordered(self, values: Sequence[tuple[str, str]]) -> str:
        pairs = ", ".join(self.record((("at", place), ("of", value))) for place, value in values)
        return f"transform(array_sort(filter(array({pairs}), o -> o.at IS NOT NULL)), o -> o.of)"

    def pick(self, values: Iterable[str], position: str) -> str:
        return f"get({self.texts(values)}, {self.cast(position, 'INT')})"

    def json(self, fields: Sequence[tuple[str, str]]) -> str:
        return f"to_json({self.record(fields)}, map('ignoreNullFields', 'false'))"

    def starts_with(self, text: str, start: str) -> str:
        return f"startswith({text}, {start})"

    def ends_with(self, text: str, end: str) -> str:
        return f"endswith({text}, {end})"

    def trim(self, text: str, characters: str) -> str:
        return f"trim(BOTH {self.text(characters)} FROM {text})"

    def trim_end(self, text: str, characters: str) -> str:
        return f"trim(TRAILING {self.text(characters)} FROM {text})"

    def number(self, digits: str, to: str) -> str:
        return self.cast(digits, to)

    def shaped(self, text: str, pattern: str) -> str:
        whole = rf"^({pattern})\z"
        return f"rlike({text}, {self.text(whole)})"

    def fits(self, text: str, most: int) -> str:
        return f"length({text}) <= {most} AND NOT contains({text}, decode(X'00', 'UTF-8'))"

    def over(self, dividend: str, divisor: int) -> str:
        return f"(({dividend}) div {self.whole(divisor)})"

    def wide_over(self, dividend: str, divisor: str) -> str:
        return self.wide(f"({dividend} - {dividend} % {divisor}) / {divisor}")

    def both(self, first: str, second: str) -> str:
        return f"{first} AND {second}"

    def units(self, amount: str, scale: int) -> tuple[str, str]:
        units = f"{amount} * {10**scale}"
        return units, f"{units} = floor({units})"

    def finite(self, moment: str) -> str:
        return "TRUE"

    def micros(self, moment: str) -> str:
        return f"unix_micros({moment})"

    def clock(self, micros: str) -> str:
        """Without `date_format`, which writes the time of the session's zone."""
        rest = f"pmod({micros}, {DAY}L)"
        date = f"date_add(DATE '1970-01-01', {self.cast(f'(({micros}) - {rest}) div {DAY}L', 'INT')})"
        parts = [f"{rest} div 3600000000L", f"{rest} div 60000000L % 60L", f"{rest} div 1000000L % 60L"]
        time = " || ':' || ".join(f"lpad({self.as_text(part)}, 2, '0')" for part in parts)
        return f"{self.as_text(date)} || 'T' || {time}"

    def read_clock(self, text: str) -> tuple[str, str]:
        def part(start: int) -> str:
            return self.number(f"substr({text}, {start}, 2)", "BIGINT")

        days = f"unix_date({self.cast(f'left({text}, 10)', 'DATE')})"
        seconds = f"({days} * 86400L + {part(12)} * 3600L + {part(15)} * 60L + {part(18)})"
        digits = f"rpad(regexp_extract({text}, '[.]([0-9]+)', 1), 6, '0')"
        return f"({seconds} * 1000000L + {self.number(digits, 'BIGINT')})", "TRUE"

    def column_types(self, type_: Type) -> tuple[str, ...]:
        if type_.kind == "decimal":
            return (f"decimal(38,{type_.scale})",)
        return (self._inner(type_),)

    def _inner(self, type_: Type) -> str:
        if type_.item is not None:
            return f"array<{self._inner(type_.item)}>"
        if type_.kind == "record":
            return f"struct<{','.join(f'{name}:{self._inner(field)}' for name, field in type_.fields)}>"
        return _COLUMNS.get(type_.kind, "string")

    def given(self, column: str, type_: Type) -> tuple[str, Given]:
        return column, _form(type_, inside=False)

    def has_type(self, column: str, types: Sequence[str]) -> str:
        """A decimal may have fewer digits, and fewer places."""
        (accepted,) = types
        if accepted.startswith("decimal"):
            return f"typeof({column}) RLIKE '^decimal[(][0-9]+,[0-{accepted[-2]}][)]$'"
        return f"typeof({column}) = {self.text(accepted)}"

    def rows(self, table: str, columns: Mapping[str, str]) -> str:
        named = "".join(f", {self.name(column)} AS {alias}" for column, alias in columns.items())
        return f"(SELECT struct(*) AS kept{named} FROM {table})"

    def result(self, table: str, source: str, keep: Sequence[str] | None, columns: Mapping[str, str]) -> str:
        kept = ["kept.*"] if keep is None else [f"kept.{self.name(column)}" for column in keep]
        return f"SELECT {', '.join([*kept, *(f'{value} AS {name}' for name, value in columns.items())])}\nFROM {source}"


def _form(type_: Type, *, inside: bool) -> Given:
    """The form of a column, or of a value inside a list or a record, where a decimal is text."""
    if type_.item is not None:
        return Given("list", item=_form(type_.item, inside=True))
    if type_.kind == "record":
        return Given(
            "record", fields=tuple((name, _form(field, inside=True)) for name, field in type_.fields)
        )
    if inside and type_.kind == "decimal":
        return TEXT
    return _GIVEN.get(type_.kind, TEXT)


SPARK = Spark()
