"""The rows of a table that split a value into bands are contiguous: each band begins where the previous one ends, and exactly one
of the two includes the border.

Bad: no row covers scores from 0.5 to 0.6, and two rows cover those from 0.8 to 0.9.

    bands: {table: {from: double, to: double, level: string}, rows: [[0.0, 0.5, low], [0.6, 0.9, high], [0.8, 1.0, extreme]]}
    rules: [{id: band, for_each: {row: bands}, when: score >= row.from && score < row.to, then: flag}]

Good: bands that meet, with the lower end inclusive and the upper end exclusive. The value can be a fact, a named value or a sum.
Rows that differ in a column that the rule compares with `==` belong to separate groups of bands. If the rule checks more of the
row than its ends and group, bands may be equal or nested, and only gaps and partial overlaps are reported.

    bands: {table: {from: double, to: double, level: string}, rows: [[0.0, 0.5, low], [0.5, 0.9, high], [0.9, 1.0, extreme]]}
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, fields, replace
from decimal import Decimal

from documents.diagnostics import Diagnostic
from documents.nodes import Node, Sequence
from engine.expression import typed as t
from engine.expression.intervals import EXACT
from engine.expression.problem import ExpressionProblem
from engine.expression.types import Type
from engine.expression.values import format_value, show_value
from engine.lint.finding import warning
from engine.policy.model import Table, Text, Value
from engine.policy.text_position import to_diagnostic
from engine.policy.validated import ValidatedPolicy

CODE = "seamless-bands"


Row = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """From `start` to `end`. The operators of the rule decide which ends are inclusive."""

    start: int | float
    end: int | float
    node: Node


@dataclass(frozen=True, slots=True)
class Bands:
    """The columns of the lower end, the upper end and the groups."""

    low: int
    high: int
    groups: tuple[int, ...]
    step: int
    """For whole numbers, 1 if both ends are inclusive and -1 if both are exclusive; otherwise 0."""
    alone: bool
    """Whether the condition checks nothing else of the row; otherwise rows may share a band and differ in something else."""
    upper: ColumnTest
    both: str
    """`in` if both ends are inclusive, `out` if both are exclusive; empty if only one is inclusive."""

    def group(self, row: Row) -> Row:
        return tuple(row[g] for g in self.groups)


@dataclass(frozen=True, slots=True)
class ColumnTest:
    """`value <operator> row.column`. `written` is the original comparison, which may have its sides swapped."""

    value: t.Typed
    operator: str
    column: str
    written: t.Compare


def find(validated: ValidatedPolicy) -> Iterator[Diagnostic]:
    return (problem for _, problem in by_table(validated))


def by_table(validated: ValidatedPolicy) -> Iterator[tuple[str, Diagnostic]]:
    """The findings, each with the name of its table."""
    for rule in validated.rules:
        each = rule.rule.for_each
        table = validated.policy.parameters[each.parameter].table if each is not None else None
        if each is not None and table is not None:
            for bands in _bands(column_tests(rule.applies, each.variable), table):
                for problem in _seams(each.parameter, table, bands, rule.rule.when):
                    yield each.parameter, problem


def column_tests(node: t.Typed | None, variable: str) -> list[ColumnTest | None]:
    """The comparisons with columns that the condition requires, with None for each part that is not one."""
    if isinstance(node, t.And):
        return [test for operand in node.operands for test in column_tests(operand, variable)]
    if node is None or not mentions(node, variable):
        return []
    return [_column_test(node, variable) if isinstance(node, t.Compare) else None]


_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


def _column_test(node: t.Compare, variable: str) -> ColumnTest | None:
    sides = ((node.left, node.operator, node.right), (node.right, _MIRRORED[node.operator], node.left))
    for value, operator, column in sides:
        if isinstance(column, t.Field) and mentions(column, variable) and not mentions(value, variable):
            return ColumnTest(value, operator, column.name, node)
    return None


def mentions(node: t.Typed, variable: str) -> bool:
    return any(isinstance(n, t.Variable) and n.name == variable for n in node.walk())


def _bands(tests: list[ColumnTest | None], table: Table) -> Iterator[Bands]:
    """For each value compared with a lower and an upper end, the bands that the rows define."""
    names = [name for name, _ in table.columns]
    groups = tuple(names.index(test.column) for test in tests if test and test.operator == "==")
    by_value: dict[Hashable, list[ColumnTest]] = {}
    for test in tests:
        if test is not None and test.operator != "==" and varies(test.value):
            by_value.setdefault(shape_of(test.value), []).append(test)
    for ends in by_value.values():
        by_side = {test.operator[0]: test for test in ends}
        if len(ends) != 2 or by_side.keys() != {"<", ">"} or by_side["<"].column == by_side[">"].column:
            continue
        lengths = {len(test.operator) for test in ends}
        both = "" if lengths == {1, 2} else "in" if lengths == {2} else "out"
        whole = ends[0].value.type.kind in EXACT
        step = {"in": 1, "out": -1}.get(both, 0) if whole else 0
        alone = len(tests) == len(groups) + len(ends)
        low, high = names.index(by_side[">"].column), names.index(by_side["<"].column)
        yield Bands(low, high, groups, step, alone, by_side["<"], both)


def varies(value: t.Typed) -> bool:
    """Whether a value depends on facts. Periods of time may have gaps, so a value of the clock alone does not count."""
    return any(isinstance(n, t.FactRef | t.ConditionRef) for n in value.walk())


def shape_of(node: object) -> Hashable:
    """Equal for two expressions that are the same except for their positions."""
    if isinstance(node, tuple):
        return tuple(shape_of(item) for item in node)
    if not isinstance(node, t.Node):
        return node if isinstance(node, Hashable) else None
    parts = [shape_of(getattr(node, f.name)) for f in fields(node) if f.name not in ("type", "span")]
    return (type(node).__name__, *parts)


def _seams(name: str, table: Table, bands: Bands, when: Text | None) -> Iterator[Diagnostic]:
    groups: dict[tuple[Value, ...], list[Band]] = {}
    for row, node in dict(zip(table.rows, table.row_nodes, strict=True)).items():
        band = Band(_number(row[bands.low]), _number(row[bands.high]) + bands.step, node)
        if band.start > band.end - bands.step:
            low, high = (format_value(row[c], table.columns[c][1]) for c in (bands.low, bands.high))
            hint = f"write the lower end first: `{high}`, and then `{low}`"
            place = _place(node, bands.low)
            yield warning(place, CODE, f"this band of `{name}` ends before it begins", hint)
        elif band.start < band.end:
            groups.setdefault(bands.group(row), []).append(band)
    type_ = table.columns[bands.low][1]
    borders = []
    for group in groups.values():
        yield from _group_seams(name, type_, bands, group)
        borders += [_border(name, type_, bands, *pair) for pair in _borders(bands, group)]
    if borders and when is not None:
        yield replace(to_diagnostic(when, borders[0]), severity="warning")


def _borders(shape: Bands, bands: list[Band]) -> Iterator[tuple[Band, Band]]:
    """Adjacent bands that both include, or both exclude, their border. For whole numbers, ends may also differ by one."""
    if shape.step > 0 or not shape.both or (shape.both == "in" and not shape.alone):
        return
    ending = {band.end - shape.step: band for band in reversed(bands)}
    inside = [(band.start, band.end - shape.step) for band in bands]
    for band in bands:
        before = ending.get(band.start)
        covered = shape.both == "out" and any(low < band.start < high for low, high in inside)
        if before is not None and not covered:
            yield before, band


def _border(name: str, type_: Type, shape: Bands, before: Band, band: Band) -> ExpressionProblem:
    """The problem at one border. Changing an operator of the rule fixes the borders of all rows."""
    lines = " and ".join(str(line) for line in sorted(_line(b) for b in (before, band)))
    at = format_value(band.start, type_)
    both, sign = shape.both, shape.upper.written.operator
    rows = f"rows of `{name}` on lines {lines}"
    verdict = f"the {rows} both apply" if both == "in" else f"neither of the {rows} applies"
    message = f"at exactly `{at}` {verdict}"
    hint = f"write `{sign[0] if both == 'in' else sign + '='}` for `{sign}`"
    return ExpressionProblem(shape.upper.written.span, CODE, message, hint)


def _line(band: Band) -> int:
    return band.node.source.line_column(band.node.start)[0]


def _group_seams(name: str, type_: Type, shape: Bands, bands: list[Band]) -> Iterator[Diagnostic]:
    step = shape.step
    bands.sort(key=lambda band: (band.start, band.end))
    furthest = bands[0]
    for band in bands[1:]:
        start, end = show_value(band.start, type_), show_value(furthest.end - step, type_)
        line = _line(furthest)
        meets = shape.both == "out" and band.start == furthest.end - step
        one_apart = _next_decimal(shape, type_, furthest.end, band.start)
        if band.start > furthest.end and not meets and not one_apart:
            message = f"this band of `{name}` begins at {start}, and the one before it, on line {line}, ends at {end}"
            yield warning(_place(band.node, shape.low), CODE, message, _meet(band, furthest, shape, type_))
        elif band.start < furthest.end and (shape.alone or _crosses(band, furthest)):
            message = f"this band of `{name}` begins at {start}, before the one on line {line} ends at {end}"
            yield warning(_place(band.node, shape.low), CODE, message, _meet(band, furthest, shape, type_))
        furthest = max(furthest, band, key=lambda b: b.end)


def _next_decimal(shape: Bands, type_: Type, end: float, start: float) -> bool:
    """Whether bands with both ends inclusive, such as 0.00 to 0.99 and 1.00 to 1.99, differ by one in the last decimal place."""
    if type_.kind != "double" or shape.both != "in":
        return False
    one, other = Decimal(str(end)), Decimal(str(start))
    decimals = min(int(n.normalize().as_tuple().exponent) for n in (one, other))
    return other - one == Decimal(1).scaleb(min(decimals, -1))


def _place(row: Node, column: int) -> Node:
    return row.items[column] if isinstance(row, Sequence) else row


def _meet(band: Band, before: Band, shape: Bands, type_: Type) -> str:
    """Which of two numbers to change so that the bands meet."""
    step, line = shape.step, _line(before)
    end, start = format_value(band.start - step, type_), format_value(before.end, type_)
    ways = [f"end the band on line {line} at `{end}`"] if band.start - step >= before.start else []
    ways += [f"begin this one at `{start}`"] if before.end + step <= band.end else []
    hint = ", or ".join(ways) or "delete one of the two"
    sign = shape.upper.written.operator
    if ways and shape.both and not step:
        hint += f"; and write `{sign[0] if shape.both == 'in' else sign + '='}` for `{sign}` in the rule"
    return hint


def _crosses(band: Band, before: Band) -> bool:
    """Whether a band begins inside the previous one and ends after it."""
    return before.start < band.start < before.end < band.end


def _number(value: Value) -> int | float:
    assert isinstance(value, int | float)
    return value
