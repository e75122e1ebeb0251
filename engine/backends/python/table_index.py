"""Index a table rule: with a dictionary by the columns that its condition compares for equality with a fact or list item, and
with a sorted list by the ends of bands."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from engine.expression import typed as t
from engine.policy.model import Value


@dataclass(frozen=True, slots=True)
class KeyTest:
    """`row.column == value`, where the value does not depend on the row."""

    column: str
    value: t.Typed


def split(applies: t.Typed | None, variable: str) -> tuple[list[KeyTest], list[t.Typed]]:
    """Split a condition into the tests that an index can answer, and the rest in order.

    Only plain facts and parameters are used as keys: they can be looked up even if an earlier part of the condition would have
    found them null.
    """
    keys: list[KeyTest] = []
    rest: list[t.Typed] = []
    for part in parts_of(applies):
        key = _key_test(part, variable)
        if key is not None and key.column not in [k.column for k in keys]:
            keys.append(key)
        else:
            rest.append(part)
    return keys, rest


def parts_of(node: t.Typed | None) -> list[t.Typed]:
    if node is None:
        return []
    if isinstance(node, t.And):
        return [part for operand in node.operands for part in parts_of(operand)]
    return [node]


def _key_test(node: t.Typed, variable: str) -> KeyTest | None:
    if not isinstance(node, t.Compare) or node.operator != "==":
        return None
    for one, other in ((node.left, node.right), (node.right, node.left)):
        if isinstance(one, t.Field) and _of(one, variable) and isinstance(other, t.FactRef | t.ParameterRef):
            return KeyTest(one.name, other)
    return None


@dataclass(frozen=True, slots=True)
class ItemTest:
    """`items.exists(i, i.field == row.column && …)`: each item looks up its rows, so that no other rows are tried."""

    quantifier: t.Quantifier
    column: str
    value: t.Typed
    others: tuple[t.Typed, ...]
    """The other conditions on an item."""

    def spread(self, rest: list[t.Typed]) -> list[t.Typed]:
        """Replace the quantifier in a condition by `others`, the conditions inside the loop."""
        at = next(i for i, part in enumerate(rest) if part is self.quantifier)
        return [*rest[:at], *self.others, *rest[at + 1 :]]


def item_test(rest: Sequence[t.Typed], variable: str, taken: Container[str]) -> ItemTest | None:
    """The first quantifier whose items can look up rows, by a column not already in `taken`."""
    for part in rest:
        if isinstance(part, t.Quantifier) and part.kind == "exists" and part.variable != variable:
            test = by_items(part, variable, taken) if _is_plain_list(part.source) else None
            if test is not None:
                return test
    return None


def _is_plain_list(source: t.Typed) -> bool:
    return isinstance(source, t.FactRef) and not source.type.optional


def by_items(node: t.Quantifier, variable: str, taken: Container[str]) -> ItemTest | None:
    """How the items of this quantifier look up rows, if they do."""
    parts = parts_of(node.body)
    for part in parts:
        if not isinstance(part, t.Compare) or part.operator != "==":
            continue
        for one, other in ((part.left, part.right), (part.right, part.left)):
            if not isinstance(one, t.Field) or one.name in taken:
                continue
            if _of(one, variable) and _of(other, node.variable):
                others = tuple(p for p in parts if p is not part)
                return ItemTest(node, one.name, other, others)
    return None


def _of(node: t.Typed, variable: str) -> bool:
    """Whether the node is the variable itself or a field of it."""
    inner = node.record if isinstance(node, t.Field) else node
    return isinstance(inner, t.Variable) and inner.name == variable


@dataclass(frozen=True, slots=True)
class BandTest:
    """`row.low <= value && value < row.high`. The flags say which ends belong to the band."""

    value: t.Typed
    low: str
    high: str
    with_low: bool
    with_high: bool


_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def band_test(rest: Sequence[t.Typed], variable: str) -> BandTest | None:
    """The first fact or parameter that is never null and compared with a lower and an upper end."""
    ends: dict[tuple[type, str], dict[str, tuple[str, bool]]] = {}
    for part in rest:
        if not isinstance(part, t.Compare) or part.operator not in _MIRRORED:
            continue
        sides = ((part.left, part.operator, part.right), (part.right, _MIRRORED[part.operator], part.left))
        for value, operator, column in sides:
            if not isinstance(value, t.FactRef | t.ParameterRef) or value.type.optional:
                continue
            if isinstance(column, t.Field) and _of(column, variable):
                found = ends.setdefault((type(value), value.name), {})
                found.setdefault(operator[0], (column.name, len(operator) == 2))
                if len(found) == 2:
                    (low, with_low), (high, with_high) = found[">"], found["<"]
                    return BandTest(value, low, high, with_low, with_high)
    return None


Row = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Bands:
    """The columns of the ends of bands, and which ends belong to them."""

    low: int
    high: int
    with_low: bool
    with_high: bool

    def apart(self, rows: Iterable[Row]) -> bool:
        """Whether a value is in one band at most."""
        ends = [(row[self.low], row[self.high]) for row in rows]
        if any(end is None for pair in ends for end in pair):
            return False
        ends.sort(key=lambda pair: pair[0])  # type: ignore[arg-type, return-value]
        both = self.with_low and self.with_high
        return all(a < c if both else a <= c for (_, a), (c, _) in pairwise(ends))  # type: ignore[operator]

    def sorted(self, rows: Iterable[Row]) -> tuple[list[Value], list[Row]]:
        """The lower ends and their rows, for `row_with` or `row_above`."""
        in_order = sorted(rows, key=lambda row: row[self.low])  # type: ignore[arg-type, return-value]
        return [row[self.low] for row in in_order], in_order


NO_BANDS: tuple[list[Value], list[Row]] = ([], [])


def row_with(bands: tuple[list[Any], list[Row]], value: Any) -> Row | None:
    """The only row whose band may hold the value, if the lower ends belong to the bands."""
    position = bisect_right(bands[0], value)
    return bands[1][position - 1] if position else None


def row_above(bands: tuple[list[Any], list[Row]], value: Any) -> Row | None:
    """The same if the lower ends do not belong to the bands."""
    position = bisect_left(bands[0], value)
    return bands[1][position - 1] if position else None


@dataclass(frozen=True, slots=True)
class TableIndex:
    """Find rows by the values of columns and, if list items look up rows, then by one more column."""

    columns: tuple[int, ...]
    item_column: int | None = None
    bands: Bands | None = None

    def unique(self, rows: Sequence[Row]) -> bool:
        """Whether each key has at most one row."""
        if self.bands is not None:
            return True
        if not self.columns and self.item_column is None:
            return False
        by = [*self.columns, *([] if self.item_column is None else [self.item_column])]
        return len({tuple(row[c] for c in by) for row in rows}) == len(rows)

    def with_bands(
        self, test: BandTest | None, names: Sequence[str], rows: Sequence[Row]
    ) -> TableIndex | None:
        """The index that finds rows by a band too; None if bands overlap, or an index is not needed."""
        if test is None or self.item_column is not None or self.unique(rows):
            return None
        bands = Bands(names.index(test.low), names.index(test.high), test.with_low, test.with_high)
        groups = _grouped(list(rows), self.columns).values()
        return replace(self, bands=bands) if all(map(bands.apart, groups)) else None

    def build(self, rows: Sequence[Row]) -> Any:
        """The rows, each with its number as the last cell, in table order: as a list, or grouped by key and then by the item's
        value."""
        numbered = [(*row, number) for number, row in enumerate(rows)]
        if self.bands is not None:
            if not self.columns:
                return self.bands.sorted(numbered)
            return {key: self.bands.sorted(group) for key, group in _grouped(numbered, self.columns).items()}
        unique = self.unique(rows)
        if not self.columns:
            return self._by_item(numbered, unique)
        groups = _grouped(numbered, self.columns)
        if self.item_column is None and unique:
            return {key: group[0] for key, group in groups.items()}
        return {key: self._by_item(group, unique) for key, group in groups.items()}

    def _by_item(self, rows: list[Row], unique: bool) -> Any:
        if self.item_column is None:
            return tuple(rows)
        groups = _grouped(rows, (self.item_column,))
        return {key: group[0] if unique else tuple(group) for key, group in groups.items()}


def _grouped(rows: list[Row], columns: tuple[int, ...]) -> dict[Any, list[Row]]:
    """Group by the value of one column, or by the tuple of several."""
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        key = tuple(row[c] for c in columns)
        groups.setdefault(key[0] if len(key) == 1 else key, []).append(row)
    return groups
