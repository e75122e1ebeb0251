"""Emits table rules: rows are looked up wherever the condition tests columns for equality, instead of being tried in turn."""

from __future__ import annotations

import ast

from engine.emitter import Emitter, call, index, load, store
from engine.expression import typed as t
from engine.table_index import ItemTest, TableIndex, item_test, split
from engine.validated import TypedRule


class TableEmitter(Emitter):
    """INVARIANT: `branching` is positive while what is emitted may not run, so that no condition counts as computed there."""

    branching = 0

    def table_rule(self, rule: TypedRule, first: int, hit: str) -> list[ast.stmt]:
        """`for row in table.get(key, ()): if rest: take its entry`, once for each item of a list where items name rows."""
        each = rule.rule.for_each
        assert each is not None
        table = self.parameters[each.parameter].table
        assert table is not None
        columns = tuple(name for name, _ in table.columns)
        self.columns[each.variable] = columns
        keys, rest = split(rule.applies, each.variable)
        asked = item_test(rest, each.variable, [k.column for k in keys])
        by = tuple(columns.index(k.column) for k in keys)
        rows = TableIndex(by, columns.index(asked.column) if asked else None)
        found = self.constant(f"t_{len(self.constants)}", rows.build(table.rows, first))
        row, unique = f"v_{each.variable}", rows.unique(table.rows)
        entry = index(load(row), len(columns))
        key = [self.emit(k.value) for k in keys]
        if asked is None:
            found = _rows_of(found, key, unique) if keys else found
            return self._rows(row, found, rest, take(entry, hit), unique)
        if keys:
            found = _look_up(found, key, ast.Dict([], []))
        self.columns.pop(asked.quantifier.variable, None)
        named = _rows_of(load("rows"), [self.emit(asked.value)], unique)
        keep = ast.Expr(_method("kept", "append", entry))
        loop = self._rows(row, named, asked.spread(rest), keep, unique)
        return [ast.Assign([store("rows")], found), *self._items(asked, loop, hit)]

    def _rows(
        self, row: str, found: ast.expr, rest: list[t.Typed], taken: ast.stmt, unique: bool
    ) -> list[ast.stmt]:
        """Take what is found where the rest of the condition holds; a unique row is a row or None, and needs no loop."""
        self.branching += 1
        tests = self.emit_in_turn(rest)
        self.branching -= 1
        if not unique:
            return [ast.For(store(row), found, [_if(tests, taken)], [])]
        there = ast.Compare(ast.NamedExpr(store(row), found), [ast.IsNot()], [ast.Constant(None)])
        return [_if([there, *tests], taken)]

    def _items(self, asked: ItemTest, loop: list[ast.stmt], hit: str) -> list[ast.stmt]:
        """`kept = []`, the loop for each item, and what was kept: each entry once, in the order of the table."""
        node, kept = asked.quantifier, load("kept")
        if hit == "worst":
            once = call(load("sorted"), call(load("set"), kept))
            several = ast.Compare(call(load("len"), kept), [ast.Gt()], [ast.Constant(1)])
            taken: ast.stmt = ast.Expr(_method("hits", "extend", ast.IfExp(several, once, kept)))
        else:
            taken = ast.Return(call(load("min"), kept))
        return [
            ast.Assign([store("kept")], ast.List([], ast.Load())),
            ast.For(store(f"v_{node.variable}"), self.emit(node.source), loop, []),
            ast.If(kept, [taken], []),
        ]


def take(entry: ast.expr, hit: str) -> ast.stmt:
    return ast.Expr(_method("hits", "append", entry)) if hit == "worst" else ast.Return(entry)


def _if(tests: list[ast.expr], taken: ast.stmt) -> ast.stmt:
    if not tests:
        return taken
    return ast.If(tests[0] if len(tests) == 1 else ast.BoolOp(ast.And(), tests), [taken], [])


def _rows_of(rows: ast.expr, key: list[ast.expr], unique: bool) -> ast.expr:
    return _look_up(rows, key, ast.Constant(None) if unique else ast.Tuple([], ast.Load()))


def _look_up(rows: ast.expr, key: list[ast.expr], otherwise: ast.expr) -> ast.expr:
    wanted = key[0] if len(key) == 1 else ast.Tuple(key, ast.Load())
    return call(ast.Attribute(rows, "get", ast.Load()), wanted, otherwise)


def _method(name: str, method: str, argument: ast.expr) -> ast.expr:
    return call(ast.Attribute(load(name), method, ast.Load()), argument)
