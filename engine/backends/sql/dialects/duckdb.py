"""How DuckDB spells it: lists are LIST, records are STRUCT."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.backends.sql.dialects.dialect import Dialect
from engine.expression.types import Type


class DuckDB(Dialect):
    title = "DuckDB"
    wide_type = "HUGEINT"
    columnar = True

    def sql_type(self, type_: Type) -> str:
        if type_.item is not None:
            return f"{self.sql_type(type_.item)}[]"
        if type_.kind == "record":
            return "STRUCT(" + ", ".join(f"{self.name(n)} {self.sql_type(t)}" for n, t in type_.fields) + ")"
        return self.types.get(type_.kind, "BIGINT")

    def listed(self, items: Iterable[str], item: Type) -> str:
        written = ", ".join(items)
        return f"[{written}]" if written else f"[]::{self.sql_type(item)}[]"

    def record(self, fields: Sequence[tuple[str, str]]) -> str:
        return "{" + ", ".join(f"{self.text(n)}: {value}" for n, value in fields) + "}"

    def field(self, record: str, of: str, type_: Type) -> str:
        return f"struct_extract({record}, {self.text(of)})"

    def matching(self, items: str, variable: str, condition: str) -> str:
        return f"list_filter({items}, lambda {variable}: {condition})"

    def each(self, items: str, variable: str, value: str) -> str:
        return f"list_transform({items}, lambda {variable}: {value})"

    def count(self, items: str) -> str:
        return f"len({items})"

    def bits(self, items: str, variable: str, value: str) -> str:
        return f"list_bit_or({self.each(items, variable, value)})"

    def has(self, items: str, value: str, type_: Type) -> str:
        return f"list_contains({items}, {value})"

    def total(self, items: str, type_: Type) -> str:
        return f"list_sum({items})"

    def least(self, items: str, type_: Type) -> str:
        return f"list_min({items})"

    def greatest(self, items: str, type_: Type) -> str:
        return f"list_max({items})"

    def joined(self, items: str, variable: str, value: str) -> str:
        return f"list_aggregate({self.each(items, variable, value)}, 'string_agg', ', ')"

    def texts(self, values: Iterable[str]) -> str:
        return f"[{', '.join(values)}]::VARCHAR[]"

    def not_null(self, values: Iterable[str]) -> str:
        return f"list_filter({self.texts(values)}, lambda m: m IS NOT NULL)"

    def ordered(self, values: Sequence[tuple[str, str]]) -> str:
        pairs = ", ".join(self.record((("at", place), ("of", value))) for place, value in values)
        placed = f"list_filter([{pairs}], lambda o: struct_extract(o, 'at') IS NOT NULL)"
        return f"list_transform(list_sort({placed}), lambda o: struct_extract(o, 'of'))"

    def pick(self, values: Iterable[str], position: str) -> str:
        return f"list_extract([{', '.join(values)}], {position} + 1)"

    def json(self, fields: Sequence[tuple[str, str]]) -> str:
        return f"to_json({self.record(fields)})::VARCHAR"

    def trim(self, text: str, characters: str) -> str:
        return f"trim({text}, {self.text(characters)})"

    def trim_end(self, text: str, characters: str) -> str:
        return f"rtrim({text}, {self.text(characters)})"

    def number(self, digits: str, to: str) -> str:
        return f"TRY_CAST({digits} AS {to})"

    def matches(self, text: str, pattern: str) -> str | None:
        return f"regexp_matches({text}, {self.text(pattern)})"

    def shaped(self, text: str, pattern: str) -> str:
        return f"regexp_full_match({text}, {self.text(pattern)})"

    def fits(self, text: str, most: int) -> str:
        # Bytes are never fewer than characters, and cheaper to count.
        return f"strlen({text}) <= {most} AND NOT contains({text}, chr(0))"

    def over(self, dividend: str, divisor: int) -> str:
        return f"({dividend}) // {divisor}"

    def wide_over(self, dividend: str, divisor: str) -> str:
        return f"({dividend} // {divisor})"

    def both(self, first: str, second: str) -> str:
        return f"{first} AND {second}"

    def within(self, value: str, low: int, high: int, readable: str) -> str:
        return super().within(f"TRY({value})", low, high, readable)

    def units(self, amount: str, scale: int) -> tuple[str, str]:
        units = f"{amount} * {10**scale}"
        return units, f"TRY({units} = trunc({units}))"

    def finite(self, moment: str) -> str:
        return f"isfinite({moment})"

    def micros(self, moment: str) -> str:
        return f"epoch_us({moment})"

    def clock(self, micros: str) -> str:
        return f"strftime(make_timestamp({micros}), '%Y-%m-%dT%H:%M:%S')"

    def read_clock(self, text: str) -> tuple[str, str]:
        clock = f"regexp_replace({text}, '(Z|[+-][0-9:]+)$', '')"
        return f"epoch_us(TRY_CAST({clock} AS TIMESTAMP))", "TRUE"


DUCKDB = DuckDB()
