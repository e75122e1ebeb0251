"""How PostgreSQL 14 and later spell it: lists and records are jsonb, in which moments and amounts are whole numbers.

INVARIANT: no expression raises, whatever a row holds, since one bad row would fail the whole query. PostgreSQL may evaluate the
operands of AND in any order, but a branch of CASE only after its condition.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from engine.backends.sql.dialects.tables import TableDialect
from engine.backends.sql.facts import TEXT, Given
from engine.expression.types import Type

_COLUMNS = {
    "bool": ("boolean",),
    "int": ("bigint", "integer", "smallint"),
    "double": ("double precision",),
    "decimal": ("numeric",),
    "timestamp": ("timestamp with time zone",),
    "list": ("jsonb",),
    "record": ("jsonb",),
}
_GIVEN = {
    "bool": Given("bool"),
    "int": Given("whole"),
    "double": Given("float"),
    "decimal": Given("exact"),
    "timestamp": Given("moment"),
    "list": Given("jsonb"),
    "record": Given("jsonb"),
}
MOST_FIELDS = 40
"""A function takes 100 arguments at most."""


class PostgreSQL(TableDialect):
    title = "PostgreSQL"
    words = "TEXT"
    wide_type = "NUMERIC"
    types = {"bool": "BOOLEAN", "double": "DOUBLE PRECISION", "string": "TEXT", "enum": "TEXT"}
    present = "now()"

    def text(self, value: str) -> str:
        quoted = super().text(value)
        return "E" + quoted.replace("\\", "\\\\") if "\\" in quoted else quoted

    def literal(self, value: Any, type_: Type) -> str:
        written = super().literal(value, type_)
        return self.as_text(written) if isinstance(value, str) else written

    def sql_type(self, type_: Type) -> str:
        if type_.kind in ("list", "record"):
            return "JSONB"
        return self.types.get(type_.kind, "BIGINT")

    def stage(self, source: str, columns: Sequence[tuple[str, str]], name: str) -> str:
        """OFFSET 0 keeps PostgreSQL from writing an expression wherever its column is read. A condition about the table that the
        whole query reads still reaches the table, and so its indexes."""
        added = ", ".join(f"{value} AS {self.name(column)}" for column, value in columns)
        return f"{source}\nCROSS JOIN LATERAL (SELECT {added} OFFSET 0) AS {self.name(name)}"

    def listed(self, items: Iterable[str], item: Type) -> str:
        return f"to_jsonb(ARRAY[{', '.join(items)}]::{self.sql_type(item)}[])"

    def record(self, fields: Sequence[tuple[str, str]]) -> str:
        parts = [fields[start : start + MOST_FIELDS] for start in range(0, len(fields), MOST_FIELDS)] or [()]
        return " || ".join(
            f"jsonb_build_object({', '.join(f'{self.text(n)}, {value}' for n, value in part)})"
            for part in parts
        )

    def field(self, record: str, of: str, type_: Type) -> str:
        if type_.kind in ("list", "record"):
            return f"NULLIF(({record}) -> {self.text(of)}, 'null'::jsonb)"
        return self.cast(f"({record}) ->> {self.text(of)}", self.sql_type(type_))

    def item(self, variable: str, type_: Type) -> str:
        if type_.kind in ("list", "record"):
            return f"NULLIF({variable}.v, 'null'::jsonb)"
        return self.cast(f"{variable}.v #>> '{{}}'", self.sql_type(type_))

    def matching(self, items: str, variable: str, condition: str) -> str:
        return self._collected(items, variable, f"{variable}.v", f" WHERE {condition}")

    def each(self, items: str, variable: str, value: str) -> str:
        return self._collected(items, variable, f"to_jsonb({value})", "")

    @staticmethod
    def _collected(items: str, variable: str, value: str, where: str) -> str:
        return (
            f"(SELECT COALESCE(jsonb_agg({value} ORDER BY {variable}.n), '[]'::jsonb) "
            f"FROM jsonb_array_elements({items}) WITH ORDINALITY AS {variable}(v, n){where})"
        )

    def count(self, items: str) -> str:
        return f"jsonb_array_length({items})"

    def counted(self, items: str, variable: str, condition: str) -> str:
        return f"(SELECT count(*) FROM jsonb_array_elements({items}) AS {variable}(v) WHERE {condition})"

    def bits(self, items: str, variable: str, value: str) -> str:
        # Without a column of its own, an aggregate would belong to the query outside.
        own = f"CASE WHEN {variable}.v IS NOT NULL THEN {value} END"
        return f"(SELECT bit_or({own}) FROM jsonb_array_elements({items}) AS {variable}(v))"

    def has(self, items: str, value: str, type_: Type) -> str:
        found = f"{self.item('m', type_)} = {value}"
        return f"EXISTS (SELECT 1 FROM jsonb_array_elements({items}) AS m(v) WHERE {found})"

    def total(self, items: str, type_: Type) -> str:
        return self._of_all("sum", items, type_)

    def least(self, items: str, type_: Type) -> str:
        return self._of_all("min", items, type_)

    def greatest(self, items: str, type_: Type) -> str:
        return self._of_all("max", items, type_)

    def _of_all(self, function: str, items: str, type_: Type) -> str:
        return f"(SELECT {function}({self.item('m', type_)}) FROM jsonb_array_elements({items}) AS m(v))"

    def joined(self, items: str, variable: str, value: str) -> str:
        return (
            f"(SELECT string_agg({value}, ', ' ORDER BY {variable}.n) "
            f"FROM jsonb_array_elements({items}) WITH ORDINALITY AS {variable}(v, n))"
        )

    def texts(self, values: Iterable[str]) -> str:
        return f"ARRAY[{', '.join(values)}]::TEXT[]"

    def not_null(self, values: Iterable[str]) -> str:
        return f"array_remove({self.texts(values)}, NULL)"

    def ordered(self, values: Sequence[tuple[str, str]]) -> str:
        rows = ", ".join(f"({place}, {value})" for place, value in values)
        return f"ARRAY(SELECT o.of FROM (VALUES {rows}) AS o(at, of) WHERE o.at IS NOT NULL ORDER BY o.at)::TEXT[]"

    def pick(self, values: Iterable[str], position: str) -> str:
        return f"({self.texts(values)})[({position} + 1)::INTEGER]"

    def json(self, fields: Sequence[tuple[str, str]]) -> str:
        return f"({self.record(fields)})"

    def json_constant(self, value: str) -> str:
        return f"{self.text(value)}::JSONB"

    def ends_with(self, text: str, end: str) -> str:
        return f"(right({text}, length({end})) = {end})"

    def contains(self, text: str, part: str) -> str:
        return f"(strpos({text}, {part}) > 0)"

    def trim(self, text: str, characters: str) -> str:
        return f"btrim({text}, {self.text(characters)})"

    def trim_end(self, text: str, characters: str) -> str:
        return f"rtrim({text}, {self.text(characters)})"

    def number(self, digits: str, to: str) -> str:
        return self.cast(digits, to)

    def shaped(self, text: str, pattern: str) -> str:
        return f"({text} ~ {self.text(f'^({pattern})$')})"

    def fits(self, text: str, most: int) -> str:
        return f"length({text}) <= {most}"

    def over(self, dividend: str, divisor: int) -> str:
        return f"(({dividend}) / {self.whole(divisor)})"

    def wide_over(self, dividend: str, divisor: str) -> str:
        return f"div({dividend}, {divisor})"

    def both(self, first: str, second: str) -> str:
        return f"(CASE WHEN {first} THEN {second} ELSE FALSE END)"

    def units(self, amount: str, scale: int) -> tuple[str, str]:
        return f"{amount} * {10**scale}", f"scale({amount}) <= {scale}"

    def finite(self, moment: str) -> str:
        return f"isfinite({moment})"

    def micros(self, moment: str) -> str:
        return self.bigint(f"extract(epoch FROM {moment}) * 1000000")

    def clock(self, micros: str) -> str:
        part = f"((({micros}) % 1000000 + 1000000) % 1000000)"
        seconds = f"((({micros}) - {part}) / 1000000)"
        return (
            f"to_char(TIMESTAMP '1970-01-01' + {seconds} * INTERVAL '1 second', 'YYYY-MM-DD\"T\"HH24:MI:SS')"
        )

    def read_clock(self, text: str) -> tuple[str, str]:
        def part(start: int, length: int = 2) -> str:
            return f"substr({text}, {start}, {length})::INTEGER"

        first = f"make_date({part(1, 4)}, {part(6)}, 1)"
        days = f"extract(day FROM {first} + INTERVAL '1 month' - INTERVAL '1 day')"
        seconds = f"({part(12)} * 3600 + {part(15)} * 60 + {part(18)})::BIGINT"
        date = f"({first} + {part(9)} - 1 - DATE '1970-01-01')::BIGINT"
        rest = f"COALESCE(rpad(substring({text} FROM '[.]([0-9]+)'), 6, '0'), '0')::BIGINT"
        return f"({date} * 86400000000 + {seconds} * 1000000 + {rest})", f"{part(9)} BETWEEN 1 AND {days}"

    def column_types(self, type_: Type) -> tuple[str, ...]:
        return _COLUMNS.get(type_.kind, ("text", "character varying"))

    def given(self, column: str, type_: Type) -> tuple[str, Given]:
        given = _GIVEN.get(type_.kind, TEXT)
        return (f"NULLIF({column}, 'null'::jsonb)" if given.kind == "jsonb" else column), given

    def has_type(self, column: str, types: Sequence[str]) -> str:
        return f"pg_typeof({column}) IN ({', '.join(f'{self.text(name)}::regtype' for name in types)})"

    def rows(self, table: str, columns: Mapping[str, str]) -> str:
        named = ", ".join(f"t.{self.name(column)} AS {alias}" for column, alias in columns.items())
        return f"(SELECT {named or 'TRUE AS no_facts'} OFFSET 0) AS given"

    def result(self, table: str, source: str, keep: Sequence[str] | None, columns: Mapping[str, str]) -> str:
        kept = ["t.*"] if keep is None else [f"t.{self.name(column)}" for column in keep]
        decided = ", ".join(f"{value} AS {name}" for name, value in columns.items())
        selected = ", ".join([*kept, *(f"d.{name}" for name in columns)])
        return (
            f"SELECT {selected}\nFROM {table} AS t\nCROSS JOIN LATERAL (SELECT {decided} FROM {source}) AS d"
        )


POSTGRESQL = PostgreSQL()
