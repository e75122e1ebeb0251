"""Emit table rules. Rows are looked up by the columns that the condition tests for equality, instead of being tried in turn."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager

from engine.backends.python.emitter import Emitter
from engine.backends.python.table_index import (
    NO_BANDS,
    ItemTest,
    TableIndex,
    band_test,
    item_test,
    row_above,
    row_with,
    split,
)
from engine.expression import typed as t
from engine.policy.model import Parameter, Table
from engine.policy.validated import TypedRule
from engine.python_ast import call, index, load, store


class TableEmitter(Emitter):
    """INVARIANT: `branching` is positive while emitting code that may not run, so that no condition counts as computed there."""

    branching = 0

    def __init__(
        self, conditions: Mapping[str, t.Typed], parameters: Mapping[str, Parameter], hit: str
    ) -> None:
        super().__init__(conditions, parameters)
        self.hit = hit
        self.indexes: dict[tuple[str, TableIndex], str] = {}
        """Names of the indexes of tables."""
        self.looked_up: dict[str, str] = {}
        """Local names of unique rows, by look-up. Rules over the same table share one look-up."""

    @contextmanager
    def branch(self) -> Iterator[None]:
        self.branching += 1
        yield
        self.branching -= 1

    def take(self, entry: ast.expr) -> list[ast.stmt]:
        """What happens when an entry applies."""
        return [append("hits", entry)] if self.hit == "worst" else [ast.Return(entry)]

    def after_rows(self) -> list[ast.stmt]:
        """What follows a loop over rows in which an entry may have been taken."""
        return []

    def items_tested(self, rest: list[t.Typed], variable: str, taken: Collection[str]) -> ItemTest | None:
        """The quantifier whose items look up rows, if there is one."""
        return item_test(rest, variable, taken)

    def table_rule(self, rule: TypedRule, first: int) -> list[ast.stmt]:
        """Emit `for row in table.get(key, ()): if rest: take its entry`, inside a loop over the items of a list if items look up
        rows."""
        each = rule.rule.for_each
        assert each is not None
        table = self.parameters[each.parameter].table
        assert table is not None
        columns = tuple(name for name, _ in table.columns)
        self.columns, self.rows = {each.variable: columns}, {}
        keys, rest = split(rule.applies, each.variable)
        asked = self.items_tested(rest, each.variable, [k.column for k in keys])
        by = tuple(columns.index(k.column) for k in keys)
        rows = TableIndex(by, columns.index(asked.column) if asked else None)
        band = band_test(rest, each.variable)
        banded = rows.with_bands(band, columns, table.rows)
        rows = banded or rows
        rows_found, unique = self.index_of(each.parameter, rows, table), rows.unique(table.rows)
        key = [self.emit(k.value) for k in keys]
        if band is not None and banded is not None:
            if keys:
                rows_found = look_up(rows_found, key, self.constant("no_bands", NO_BANDS))
            find = row_with if band.with_low else row_above
            rows_found = call(self.constant(find.__name__, find), rows_found, self.emit(band.value))
        if asked is None:
            if keys and banded is None:
                rows_found = _rows_of(rows_found, key, unique)
            if unique:
                rows_found = self._remembered(each.variable, rows_found)
            return self._rows(
                each.variable, rows_found, rest, lambda entry: self.take(plus(entry, first)), unique
            ) + ([] if unique else self.after_rows())
        if keys:
            rows_found = look_up(rows_found, key, ast.Dict([], []))
        named = _rows_of(load("rows"), [self.emit(asked.value)], unique)
        if unique:
            named = ast.NamedExpr(store(f"v_{each.variable}"), named)
        loop = self._rows(
            each.variable,
            named,
            asked.spread(rest),
            lambda entry: [append("kept", plus(entry, first))],
            unique,
        )
        return [ast.Assign([store("rows")], rows_found), *self._items(asked, loop)]

    def index_of(self, parameter: str, rows: TableIndex, table: Table) -> ast.expr:
        """Share one index between all rules that look up the rows of a table in the same way."""
        name = self.indexes.setdefault((parameter, rows), f"t_{len(self.indexes)}")
        return load(name) if name in self.constants else self.constant(name, rows.build(table.rows))

    def _remembered(self, variable: str, look_up: ast.expr) -> ast.expr:
        """Store a unique row, or None, under a name that no variable has, so that the next rule can reuse it."""
        wanted = ast.dump(look_up)
        known = self.looked_up.get(wanted)
        self.rows[variable] = known or f"v_{len(self.looked_up)}_row"
        if known is not None:
            return load(known)
        self.looked_up[wanted] = self.rows[variable]
        return ast.NamedExpr(store(self.rows[variable]), look_up)

    def _rows(
        self,
        variable: str,
        rows: ast.expr,
        rest: list[t.Typed],
        taken: Callable[[ast.expr], list[ast.stmt]],
        unique: bool,
    ) -> list[ast.stmt]:
        """Take the rows for which the rest of the condition is true. A unique row is a row or None, and needs no loop."""
        with self.branch():
            tests = self.emit_in_turn(rest)
        row = self.row(variable)
        take_row = taken(index(load(row), len(self.columns[variable])))
        if not unique:
            return [ast.For(store(row), rows, _if(tests, take_row), [])]
        there = ast.Compare(rows, [ast.IsNot()], [ast.Constant(None)])
        return _if([there, *tests], take_row)

    def _items(self, asked: ItemTest, loop: list[ast.stmt]) -> list[ast.stmt]:
        """Emit `kept = []`, the loop over the items, and the kept entries."""
        node = asked.quantifier
        return [
            ast.Assign([store("kept")], ast.List([], ast.Load())),
            ast.For(store(f"v_{node.variable}"), self.emit(node.source), loop, []),
            ast.If(load("kept"), self.take_kept("kept"), []),
        ]

    def take_kept(self, name: str) -> list[ast.stmt]:
        """Take the entries of a list, each once, in table order."""
        kept = load(name)
        if self.hit != "worst":
            return self.take(call(load("min"), kept))
        once = call(load("sorted"), call(load("set"), kept))
        several = ast.Compare(call(load("len"), kept), [ast.Gt()], [ast.Constant(1)])
        return [_call_on("hits", "extend", ast.IfExp(several, once, kept))]


def plus(entry: ast.expr, first: int) -> ast.expr:
    """The position among all entries, computed from a row's number in its table."""
    return ast.BinOp(entry, ast.Add(), ast.Constant(first)) if first else entry


def _if(tests: list[ast.expr], taken: list[ast.stmt]) -> list[ast.stmt]:
    return [ast.If(both(tests), taken, [])] if tests else taken


def both(tests: list[ast.expr]) -> ast.expr:
    return tests[0] if len(tests) == 1 else ast.BoolOp(ast.And(), tests)


def _rows_of(rows: ast.expr, key: list[ast.expr], unique: bool) -> ast.expr:
    return look_up(rows, key, ast.Constant(None) if unique else ast.Tuple([], ast.Load()))


def look_up(rows: ast.expr, key: list[ast.expr], otherwise: ast.expr) -> ast.expr:
    wanted = key[0] if len(key) == 1 else ast.Tuple(key, ast.Load())
    return call(ast.Attribute(rows, "get", ast.Load()), wanted, otherwise)


def append(name: str, value: ast.expr) -> ast.stmt:
    return _call_on(name, "append", value)


def _call_on(name: str, method: str, argument: ast.expr) -> ast.stmt:
    return ast.Expr(call(ast.Attribute(load(name), method, ast.Load()), argument))
