"""Index a table rule with a dictionary, by the columns that its condition compares for equality with a fact or list item."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
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
    for part in _parts(applies):
        key = _key_test(part, variable)
        if key is not None and key.column not in [k.column for k in keys]:
            keys.append(key)
        else:
            rest.append(part)
    return keys, rest


def _parts(node: t.Typed | None) -> list[t.Typed]:
    if node is None:
        return []
    if isinstance(node, t.And):
        return [part for operand in node.operands for part in _parts(operand)]
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
            test = _by_items(part, variable, taken) if _is_plain_list(part.source) else None
            if test is not None:
                return test
    return None


def _is_plain_list(source: t.Typed) -> bool:
    return isinstance(source, t.FactRef) and not source.type.optional


def _by_items(node: t.Quantifier, variable: str, taken: Container[str]) -> ItemTest | None:
    parts = _parts(node.body)
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


Row = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class TableIndex:
    """Find rows by the values of columns and, if list items look up rows, then by one more column."""

    columns: tuple[int, ...]
    item_column: int | None = None

    def unique(self, rows: Sequence[Row]) -> bool:
        """Whether each key has at most one row."""
        if not self.columns and self.item_column is None:
            return False
        by = [*self.columns, *([] if self.item_column is None else [self.item_column])]
        return len({tuple(row[c] for c in by) for row in rows}) == len(rows)

    def build(self, rows: Sequence[Row]) -> Any:
        """The rows, each with its number as the last cell, in table order: as a list, or grouped by key and then by the item's
        value."""
        numbered = [(*row, number) for number, row in enumerate(rows)]
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
