"""Generated code for the facts check: it accepts facts that are clearly valid, and leaves everything else to `check.py`.

INVARIANT: `facts.FactsCheck` accepts everything that this code accepts, with the same result. A property test compares them.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from engine.expression.quantity import from_datetime, parse_decimal, parse_duration, parse_timestamp
from engine.expression.types import MAX_DOUBLE, MAX_INT, MAX_TIMESTAMP, Type
from engine.python_ast import call, function, index, load, run, store

FastCheck = Callable[[Any], dict[str, Any] | None]


def compile_check(facts: Mapping[str, Type]) -> FastCheck:
    """A function from facts to checked facts, or to None if they are not clearly valid."""
    writer = CheckWriter()
    result = writer.record(load("facts"), tuple(facts.items()))
    body: list[ast.stmt] = [*writer.lines, ast.Return(result)]
    missing = ast.ExceptHandler(load("KeyError"), None, [GIVE_UP])
    check = function("check", ["facts"], [ast.Try(body, [missing], [], [])])
    namespace = run([check], {**CONSTANTS, **writer.constants})
    fast: FastCheck = namespace["check"]
    return fast


def _moment(value: Any) -> int | None:
    if type(value) is datetime:
        return from_datetime(value)
    return parse_timestamp(value) if type(value) is str else None


def _span(value: Any) -> int | None:
    return parse_duration(value) if type(value) is str else None


def _units(value: Any, scale: int) -> int | None:
    return parse_decimal(value, scale) if type(value) is str else None


_ABSENT = object()
CONSTANTS: dict[str, Any] = {"units": _units, "moment": _moment, "span": _span, "absent": _ABSENT}
GIVE_UP: ast.stmt = ast.Return(ast.Constant(None))


def is_(left: ast.expr, right: ast.expr) -> ast.expr:
    return ast.Compare(left, [ast.Is()], [right])


def has_type(value: ast.expr, type_name: str) -> ast.expr:
    return is_(call(load("type"), value), load(type_name))


def method(value: ast.expr, name: str) -> ast.expr:
    return call(ast.Attribute(value, name, ast.Load()))


def at_most(value: ast.expr, most: int) -> ast.expr:
    return ast.Compare(call(load("len"), value), [ast.LtE()], [ast.Constant(most)])


def between_or_bounds(most: float, value: ast.expr, type_: Type) -> ast.expr:
    low = -most if type_.minimum is None else type_.minimum
    return _between(low, value, most if type_.maximum is None else type_.maximum)


def _between(low: float, value: ast.expr, high: float) -> ast.expr:
    return ast.Compare(ast.Constant(low), [ast.LtE(), ast.LtE()], [value, ast.Constant(high)])


class CheckWriter:
    """Write the lines that unpack a value. Each method returns the expression of the checked value."""

    def __init__(self) -> None:
        self.lines: list[ast.stmt] = []
        self.constants: dict[str, Any] = {}
        self.names = 0

    def fresh(self) -> str:
        self.names += 1
        return f"x{self.names}"

    def demand(self, *tests: ast.expr) -> None:
        test = tests[0] if len(tests) == 1 else ast.BoolOp(ast.And(), list(tests))
        self.lines.append(ast.If(ast.UnaryOp(ast.Not(), test), [GIVE_UP], []))

    def assign(self, name: str, value: ast.expr) -> None:
        self.lines.append(ast.Assign([store(name)], value))

    def record(self, value: ast.expr, fields: tuple[tuple[str, Type], ...]) -> ast.expr:
        self.demand(has_type(value, "dict"))
        count = self.fresh()
        self.assign(count, ast.Constant(len(fields)))
        checked = [(name, self.field(value, name, type_, count)) for name, type_ in fields]
        self.demand(ast.Compare(call(load("len"), value), [ast.Eq()], [load(count)]))
        if all(kept_as_it_is(type_) for _, type_ in fields):
            return value
        return ast.Dict([ast.Constant(name) for name, _ in checked], [item for _, item in checked])

    @contextmanager
    def block(self) -> Iterator[list[ast.stmt]]:
        """Collect the lines that are written inside, instead of appending them."""
        outer, self.lines = self.lines, []
        try:
            yield self.lines
        finally:
            self.lines = outer

    def field(
        self, record: ast.expr, name: str, type_: Type, count: str, local: str | None = None
    ) -> ast.expr:
        local = local or self.fresh()
        if not type_.optional:
            self.assign(local, index(record, name))
            return self.value(local, type_)
        self.assign(local, call(ast.Attribute(record, "get", ast.Load()), ast.Constant(name), load("absent")))
        gone: list[ast.stmt] = [
            ast.AugAssign(store(count), ast.Sub(), ast.Constant(1)),
            ast.Assign([store(local)], ast.Constant(None)),
        ]
        with self.block() as lines:
            checked = self.value(local, type_.required())
            if not (isinstance(checked, ast.Name) and checked.id == local):
                self.assign(local, checked)
        there = ast.Compare(load(local), [ast.IsNot()], [ast.Constant(None)])
        present = ast.If(there, lines or [ast.Pass()], [])
        self.lines.append(ast.If(is_(load(local), load("absent")), gone, [present]))
        return load(local)

    def value(self, local: str, type_: Type) -> ast.expr:
        value = load(local)
        match type_.kind:
            case "bool":
                self.demand(
                    ast.BoolOp(ast.Or(), [is_(value, ast.Constant(True)), is_(value, ast.Constant(False))])
                )
            case "int":
                self.demand(has_type(value, "int"), between_or_bounds(MAX_INT, value, type_))
            case "double":
                self.demand(has_type(value, "float"), between_or_bounds(MAX_DOUBLE, value, type_))
            case "string":
                plain = (method(value, "isascii"), method(value, "isprintable"))
                self.demand(has_type(value, "str"), at_most(value, type_.max_length), *plain)
            case "enum":
                members = f"members{len(self.constants)}"
                self.constants[members] = frozenset(type_.members)
                self.demand(has_type(value, "str"), ast.Compare(value, [ast.In()], [load(members)]))
            case "decimal":
                self.assign(local, call(load("units"), value, ast.Constant(type_.scale)))
                self.demand(ast.Compare(load(local), [ast.IsNot()], [ast.Constant(None)]))
                self.demand(between_or_bounds(MAX_INT, value, type_))
            case "timestamp" | "duration":
                self.assign(local, call(load("moment" if type_.kind == "timestamp" else "span"), value))
                self.demand(ast.Compare(load(local), [ast.IsNot()], [ast.Constant(None)]))
                if type_.minimum is not None or type_.maximum is not None:
                    self.demand(between_or_bounds(MAX_TIMESTAMP, value, type_))
            case "list":
                return self.list(local, type_)
            case "record":
                return self.record(value, type_.fields)
        return load(local)

    def list(self, local: str, type_: Type) -> ast.expr:
        assert type_.item is not None
        self.demand(has_type(load(local), "list"), at_most(load(local), type_.max_items))
        item = self.fresh()
        kept = kept_as_it_is(type_.item)
        result = self.fresh()
        with self.block() as body:
            checked = self.value(item, type_.item)
            if not kept:
                self.lines.append(ast.Expr(call(ast.Attribute(load(result), "append", ast.Load()), checked)))
        if not kept:
            self.assign(result, ast.List([], ast.Load()))
        self.lines.append(ast.For(store(item), load(local), body, []))
        return load(local) if kept else load(result)


def kept_as_it_is(type_: Type) -> bool:
    """Whether a checked value is the original object. Optional fields may be absent, so a record with one is copied."""
    if type_.optional or type_.kind in ("decimal", "timestamp", "duration"):
        return False
    if type_.kind == "list":
        return type_.item is not None and kept_as_it_is(type_.item)
    return all(kept_as_it_is(field) for _, field in type_.fields)
