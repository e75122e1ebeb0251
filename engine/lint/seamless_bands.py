"""The rows of a table that cut one value into bands meet: each band begins where the one before it ends.

Bad: nothing is said of scores from 0.5 to 0.6, and two things of those from 0.8 to 0.9.

    bands: {table: {from: double, to: double, level: string}, rows: [[0.0, 0.5, low], [0.6, 0.9, high], [0.8, 1.0, extreme]]}
    rules: [{id: band, for_each: {row: bands}, when: score >= row.from && score < row.to, then: flag}]

Good: bands that meet, with the lower end in and the upper end out. Rows that also differ in a column that the rule tests
with `==` are bands of their own group. Where the rule asks more of the row than its ends and its group, rows may share a band
or lie within one another, and are accused only where they leave a gap or cross.

    bands: {table: {from: double, to: double, level: string}, rows: [[0.0, 0.5, low], [0.5, 0.9, high], [0.9, 1.0, extreme]]}
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from documents.diagnostics import Diagnostic
from documents.nodes import Node, Sequence
from engine.expression import typed as t
from engine.expression.types import Type
from engine.expression.values import format_value, show_value
from engine.lint.finding import warning
from engine.policy.model import Table, Value
from engine.policy.validated import ValidatedPolicy

CODE = "seamless-bands"


Row = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """From `start` up to, and without, `end`; or without `start` and with `end`."""

    start: int | float
    end: int | float
    node: Node


@dataclass(frozen=True, slots=True)
class Bands:
    """The columns of the lower and upper end and of the groups; `step` is 1 where both ends of whole numbers are in."""

    low: int
    high: int
    groups: tuple[int, ...]
    step: int
    alone: bool
    """Whether the condition asks nothing else of the row; otherwise rows may well share a band, and differ in something else."""

    def group(self, row: Row) -> Row:
        return tuple(row[g] for g in self.groups)


@dataclass(frozen=True, slots=True)
class ColumnTest:
    """`value <operator> row.column`."""

    value: t.Typed
    operator: str
    column: str


def find(validated: ValidatedPolicy) -> Iterator[Diagnostic]:
    for rule in validated.rules:
        each = rule.rule.for_each
        table = validated.policy.parameters[each.parameter].table if each is not None else None
        if each is not None and table is not None:
            for bands in _bands(_column_tests(rule.applies, each.variable), table):
                yield from _seams(each.parameter, table, bands)


def _column_tests(node: t.Typed | None, variable: str) -> list[ColumnTest | None]:
    """What a condition asks of the row, all of which must hold; None for what is no comparison with a column."""
    if isinstance(node, t.And):
        return [test for operand in node.operands for test in _column_tests(operand, variable)]
    if node is None or not _mentions(node, variable):
        return []
    return [_column_test(node, variable) if isinstance(node, t.Compare) else None]


_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


def _column_test(node: t.Compare, variable: str) -> ColumnTest | None:
    sides = ((node.left, node.operator, node.right), (node.right, _MIRRORED[node.operator], node.left))
    for value, operator, column in sides:
        if isinstance(column, t.Field) and _mentions(column, variable) and not _mentions(value, variable):
            return ColumnTest(value, operator, column.name)
    return None


def _mentions(node: t.Typed, variable: str) -> bool:
    return any(isinstance(n, t.Variable) and n.name == variable for n in node.walk())


def _bands(tests: list[ColumnTest | None], table: Table) -> Iterator[Bands]:
    """For each fact that is compared with a lower and an upper end, the bands that the rows cut it into."""
    names = [name for name, _ in table.columns]
    groups = tuple(names.index(test.column) for test in tests if test and test.operator == "==")
    by_fact: dict[str, list[ColumnTest]] = {}
    for test in tests:
        if test is not None and test.operator != "==" and isinstance(test.value, t.FactRef):
            by_fact.setdefault(test.value.name, []).append(test)
    for ends in by_fact.values():
        by_operator = {test.operator: test for test in ends}
        step = _STEPS.get(frozenset(by_operator))
        if len(ends) != 2 or step is None or (step and ends[0].value.type.kind != "int"):
            continue
        low, high = (
            next(by_operator[sign].column for sign in by_operator if sign[0] == side) for side in "><"
        )
        if low != high:
            alone = len(tests) == len(groups) + len(ends)
            yield Bands(names.index(low), names.index(high), groups, step, alone)


_STEPS = {frozenset([">=", "<"]): 0, frozenset([">", "<="]): 0, frozenset([">=", "<="]): 1}


def _seams(name: str, table: Table, bands: Bands) -> Iterator[Diagnostic]:
    groups: dict[tuple[Value, ...], list[Band]] = {}
    for row, node in dict(zip(table.rows, table.row_nodes, strict=True)).items():
        band = Band(_number(row[bands.low]), _number(row[bands.high]) + bands.step, node)
        if band.start > band.end:
            low, high = (format_value(row[c], table.columns[c][1].kind) for c in (bands.low, bands.high))
            hint = f"write the lower end first: `{high}`, and then `{low}`"
            place = _place(node, bands.low)
            yield warning(place, CODE, f"this band of `{name}` ends before it begins", hint)
        elif band.start < band.end:
            groups.setdefault(bands.group(row), []).append(band)
    for group in groups.values():
        yield from _group_seams(name, table.columns[bands.low][1], bands, group)


def _group_seams(name: str, type_: Type, shape: Bands, bands: list[Band]) -> Iterator[Diagnostic]:
    step = shape.step
    bands.sort(key=lambda band: (band.start, band.end))
    furthest = bands[0]
    for band in bands[1:]:
        start, end = show_value(band.start, type_), show_value(furthest.end - step, type_)
        line, _ = furthest.node.source.line_column(furthest.node.start)
        if band.start > furthest.end:
            message = f"this band of `{name}` begins at {start}, and the one before it, on line {line}, ends at {end}"
            yield warning(_place(band.node, shape.low), CODE, message, _meet(band, furthest, step, type_))
        elif band.start < furthest.end and (shape.alone or _crosses(band, furthest)):
            message = f"this band of `{name}` begins at {start}, before the one on line {line} ends at {end}"
            yield warning(_place(band.node, shape.low), CODE, message, _meet(band, furthest, step, type_))
        furthest = max(furthest, band, key=lambda b: b.end)


def _place(row: Node, column: int) -> Node:
    return row.items[column] if isinstance(row, Sequence) else row


def _meet(band: Band, before: Band, step: int, type_: Type) -> str:
    """Which of two numbers to change so that two bands meet."""
    end, start = format_value(band.start - step, type_.kind), format_value(before.end, type_.kind)
    line, _ = before.node.source.line_column(before.node.start)
    ways = [f"end the band on line {line} at `{end}`"] if band.start - step >= before.start else []
    ways += [f"begin this one at `{start}`"] if before.end + step <= band.end else []
    return ", or ".join(ways) or "delete one of the two"


def _crosses(band: Band, before: Band) -> bool:
    """Whether a band begins within the one before it and ends behind it, which no further test of the row asks for."""
    return before.start < band.start < before.end < band.end


def _number(value: Value) -> int | float:
    assert isinstance(value, int | float)
    return value
