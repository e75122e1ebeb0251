"""A table rule as a dictionary: rows are found by the columns that its condition tests for equality with a fact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.expression import typed as t
from engine.model import Value


@dataclass(frozen=True, slots=True)
class KeyTest:
    """`row.column == value`, where the value does not depend on the row."""

    column: str
    value: t.Typed


def split(applies: t.Typed | None, variable: str) -> tuple[list[KeyTest], list[t.Typed]]:
    """The tests of a condition that an index can answer, and the rest of it in its order.

    Only plain facts and parameters are taken as keys: they can be looked up even where an earlier part of the condition would
    have found them null.
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
        of_row = (
            isinstance(one, t.Field) and isinstance(one.record, t.Variable) and one.record.name == variable
        )
        if of_row and isinstance(other, t.FactRef | t.ParameterRef):
            return KeyTest(one.name, other)  # type: ignore[attr-defined]
    return None


Row = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class TableIndex:
    columns: tuple[int, ...]

    def build(self, rows: Sequence[Row], first: int) -> Any:
        """Key to (entry, row) pairs in the table's order; all the pairs where there is no key."""
        pairs = [(first + number, row) for number, row in enumerate(rows)]
        if not self.columns:
            return tuple(pairs)
        found: dict[Any, list[tuple[int, Row]]] = {}
        for pair in pairs:
            key = tuple(pair[1][c] for c in self.columns)
            found.setdefault(key[0] if len(key) == 1 else key, []).append(pair)
        return {key: tuple(group) for key, group in found.items()}
