"""Each row of a table has a unique key: no row repeats or contradicts an earlier one.

Bad: two thresholds for one category, and a duplicate row.

    thresholds: {table: {category: string, at_least: double}, rows: [[threat, 0.5], [threat, 0.7], [spam, 0.9], [spam, 0.9]]}

Good: one row per key. If more columns identify a row, `key` names them.

    thresholds: {table: {category: string, at_least: double}, rows: [[threat, 0.5], [spam, 0.9]]}
"""

from __future__ import annotations

from collections.abc import Iterator

from documents.diagnostics import Diagnostic
from documents.nodes import Node, Sequence
from engine.lint.finding import warning
from engine.policy.model import Table, Value
from engine.policy.validated import ValidatedPolicy

CODE = "no-conflicting-rows"


def find(validated: ValidatedPolicy) -> Iterator[Diagnostic]:
    for name, parameter in validated.policy.parameters.items():
        if parameter.table is not None:
            yield from _conflicts(name, parameter.table)


def _conflicts(name: str, table: Table) -> Iterator[Diagnostic]:
    first: dict[str, int] = {}
    rows: dict[tuple[Value, ...], int] = {}
    for number, (row, node) in enumerate(zip(table.rows, table.row_nodes, strict=True)):
        key = table.row_name(row)
        if row in rows:
            line = _line(table, rows[row])
            yield warning(
                node, CODE, f"this row of `{name}` repeats the one on line {line}", "delete one of the two"
            )
        elif key in first:
            line, columns = _line(table, first[key]), ", ".join(table.key)
            message = f"this row of `{name}` contradicts line {line}: both are about `{key}`"
            others = f"delete one, or add the column that distinguishes them to `key: [{columns}, …]`"
            missing = _missing(table)
            correct = f"write `{missing}`, the only unused value," if missing else f"correct `{key}`"
            yield warning(_key_cell(table, node), CODE, message, f"{correct} in one of the two, {others}")
        rows.setdefault(row, number)
        first.setdefault(key, number)


def _key_cell(table: Table, node: Node) -> Node:
    """The cell that identifies a row, if a single cell does."""
    column = [name for name, _ in table.columns].index(table.key[0])
    return node.items[column] if isinstance(node, Sequence) and len(table.key) == 1 else node


def _missing(table: Table) -> str | None:
    """The only enum value that no row has as its key."""
    column = [name for name, _ in table.columns].index(table.key[0])
    members = table.columns[column][1].members if len(table.key) == 1 else ()
    left = [m for m in members if m not in {row[column] for row in table.rows}]
    return left[0] if len(left) == 1 else None


def _line(table: Table, number: int) -> int:
    node = table.row_nodes[number]
    return node.source.line_column(node.start)[0]
