"""Columns computed from other columns, as a chain of projections: a column that is read twice is computed once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set

from engine.backends.sql.dialects.dialect import Dialect
from engine.backends.sql.formulas import Formula, bits

MAX_BITS = 62
"""The bits of a BIGINT that can be set without a sign."""


class Bits:
    """Several questions of the form "is there an item" about one list, answered in one pass as the bits of a number."""

    def __init__(self, sql: Dialect, column: str, items: str) -> None:
        self.sql = sql
        self.column = column
        self.items = items
        self.asked: dict[tuple[Formula, ...], int] = {}
        """The bit that says whether one of these conditions is true of an item."""

    def bit(self, conditions: tuple[Formula, ...]) -> int:
        return self.asked.setdefault(conditions, 1 << len(self.asked))

    def expression(self) -> str:
        asked = [(condition, bit) for conditions, bit in self.asked.items() for condition in conditions]
        return f"COALESCE({self.sql.bits(self.items, 'x0', bits(self.sql, asked))}, 0)"


class Stages:
    def __init__(self, prefix: str, sql: Dialect) -> None:
        self.prefix = prefix
        self.sql = sql
        self.levels: dict[str, int] = {}
        """The stage after which a column can be read. Columns of the source are read from the beginning."""
        self._stages: list[dict[str, Callable[[], str]]] = []
        self._bits: dict[tuple[str, int], list[Bits]] = {}
        self._numbered: dict[str, str] = {}

    def level(self, reads: Iterable[str]) -> int:
        return max((self.levels.get(name, 0) for name in reads), default=0)

    def add(self, column: str, expression: str | Callable[[], str], reads: Iterable[str]) -> None:
        level = self.level(reads)
        while len(self._stages) <= level:
            self._stages.append({})
        self._stages[level][column] = (
            expression if callable(expression) else lambda written=expression: written  # type: ignore[misc]
        )
        self.levels[column] = level + 1

    def numbered(self, expression: str, reads: Iterable[str]) -> str:
        """The column of an intermediate value; the same one for the same expression."""
        if expression not in self._numbered:
            self._numbered[expression] = f"{self.prefix}n{len(self._numbered)}"
            self.add(self._numbered[expression], expression, reads)
        return self._numbered[expression]

    def exists(self, items: str, conditions: tuple[Formula, ...], reads: Set[str]) -> tuple[str, int]:
        """The column and the bit that say whether there is an item of which one condition is true. They call the item `x0`."""
        groups = self._bits.setdefault((items, self.level(reads)), [])
        group = next((g for g in groups if conditions in g.asked or len(g.asked) < MAX_BITS), None)
        if group is None:
            total = sum(map(len, self._bits.values()))
            group = Bits(self.sql, f"{self.prefix}q{total}", items)
            groups.append(group)
            self.add(group.column, group.expression, reads)
        return group.column, group.bit(conditions)

    def over(self, source: str) -> str:
        """What can stand behind FROM: the rows of `source` with the columns of all stages."""
        for number, stage in enumerate(self._stages):
            columns = [(column, expression()) for column, expression in stage.items()]
            source = self.sql.stage(source, columns, f"{self.prefix}s{number}")
        return source
