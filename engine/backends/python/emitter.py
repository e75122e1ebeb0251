"""Emit typed conditions as Python `ast` expressions. This part of the compiler handles the condition language."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, assert_never

from engine.expression import typed as t
from engine.expression.functions import CHOICES, FUNCTIONS, QuantifierKind, pattern
from engine.expression.types import Type
from engine.policy.model import Parameter
from engine.python_ast import call, function, index, load, store

_OPERATORS: dict[str, ast.cmpop] = {
    "==": ast.Eq(),
    "!=": ast.NotEq(),
    "<": ast.Lt(),
    "<=": ast.LtE(),
    ">": ast.Gt(),
    ">=": ast.GtE(),
}
_METHODS = {"startsWith": "startswith", "endsWith": "endswith"}


class Emitter:
    """Build the expressions of one policy. Each quantifier becomes a separate function in `functions`, since a loop that can stop
    early is several times faster than a generator. `constants` are the global names that the code needs."""

    def __init__(self, conditions: Mapping[str, t.Typed], parameters: Mapping[str, Parameter]) -> None:
        self.conditions = conditions
        self.parameters = parameters
        self.constants: dict[str, Any] = {}
        self.functions: list[ast.stmt] = []
        self.columns: dict[str, tuple[str, ...]] = {}
        """The columns of each row variable; rows are tuples."""
        self.rows: dict[str, str] = {}
        """Local names of the row variables that have one."""

    def emit(self, node: t.Typed) -> ast.expr:
        match node:
            case t.Const(value=value, type=type_):
                return self.literal(value, type_)
            case t.FactRef(name=name):
                return load(f"f_{name}")
            case t.ParameterRef(name=name):
                return self._parameter(name)
            case t.ConditionRef(name=name):
                return self.condition(name)
            case t.Now():
                return load("now")
            case t.Variable(name=name):
                return load(f"v_{name}")
            case t.Field():
                return self.field(node)
            case t.Row():
                return self._row(node)
            case t.Not(operand=t.IsNull(operand=operand)):
                return ast.Compare(self.emit(operand), [ast.IsNot()], [ast.Constant(None)])
            case t.Not(operand=operand):
                return ast.UnaryOp(ast.Not(), self.emit(operand))
            case t.And(operands=operands):
                return self.all_of(operands)
            case t.Or(operands=operands):
                return ast.BoolOp(ast.Or(), self.emit_in_turn(operands))
            case t.IsNull(operand=operand):
                return ast.Compare(self.emit(operand), [ast.Is()], [ast.Constant(None)])
            case t.Compare(operator=operator, left=left, right=right):
                return ast.Compare(self.emit(left), [_OPERATORS[operator]], [self.emit(right)])
            case t.In(item=item, container=container):
                return ast.Compare(self.emit(item), [ast.In()], [self._container(container)])
            case t.ListOf(items=items):
                return ast.Tuple([self.emit(i) for i in items], ast.Load())
            case t.Sum(operator=operator, left=left, right=right):
                sign = ast.Add() if operator == "+" else ast.Sub()
                return ast.BinOp(self.emit(left), sign, self.emit(right))
            case t.Product(left=left, right=right):
                return ast.BinOp(self.emit(left), ast.Mult(), self.emit(right))
            case t.IfElse(condition=condition, then=then, otherwise=otherwise):
                test, *sides = self.emit_in_turn((condition, then, otherwise))
                return ast.IfExp(test, *sides)
            case t.Quantifier():
                return self.quantifier(node)
            case t.Apply():
                return self._apply(node)
            case _:
                assert_never(node)

    def all_of(self, operands: Iterable[t.Typed]) -> ast.expr:
        return ast.BoolOp(ast.And(), self.emit_in_turn(operands))

    def emit_in_turn(self, operands: Iterable[t.Typed]) -> list[ast.expr]:
        """Emit operands of which only the first is certain to be evaluated; see `RuleEmitter`."""
        return [self.emit(o) for o in operands]

    def condition(self, name: str) -> ast.expr:
        """Inline the text of a named condition."""
        return self.emit(self.conditions[name])

    @contextmanager
    def branch(self) -> Iterator[None]:
        """What is emitted inside may not run."""
        yield

    def constant(self, name: str, value: Any) -> ast.expr:
        self.constants[name] = value
        return load(name)

    def literal(self, value: Any, type_: Type) -> ast.expr:
        return ast.Constant(value)

    def _parameter(self, name: str) -> ast.expr:
        parameter = self.parameters[name]
        if isinstance(parameter.value, tuple):
            return self.constant(f"p_{name}", parameter.value)
        return self.literal(parameter.value, parameter.type)

    def field(self, node: t.Field) -> ast.expr:
        if isinstance(node.record, t.Variable) and node.record.name in self.columns:
            return index(load(self.row(node.record.name)), self.columns[node.record.name].index(node.name))
        return index(self.emit(node.record), node.name)

    def _row(self, node: t.Row) -> ast.expr:
        """Emit `rows.get(key)`, where `rows` maps the keys of a table to rows as dictionaries."""
        table = self.parameters[node.table].table
        assert table is not None
        name = f"rows_of_{node.table}"
        if name not in self.constants:
            pairs = [(table.row_key(row), table.named(row)) for row in reversed(table.rows)]
            self.constants[name] = {key[0] if len(key) == 1 else key: row for key, row in pairs}
        keys = [self.emit(key) for key in node.keys]
        key = keys[0] if len(keys) == 1 else ast.Tuple(keys, ast.Load())
        return call(ast.Attribute(load(name), "get", ast.Load()), key)

    def row(self, variable: str) -> str:
        return self.rows.get(variable, f"v_{variable}")

    def _container(self, node: t.Typed) -> ast.expr:
        if isinstance(node, t.ParameterRef):
            return self.constant(f"s_{node.name}", frozenset(self.parameters[node.name].value or ()))  # type: ignore[arg-type]
        return self.emit(node)

    def _apply(self, node: t.Apply) -> ast.expr:
        args = [self.emit(a) for a in node.args]
        if node.function == "size":
            return call(load("len"), *args)
        if node.function == "contains":
            return ast.Compare(args[1], [ast.In()], [args[0]])
        if node.function == "matches":
            wanted = node.args[1]
            assert isinstance(wanted, t.Const) and isinstance(wanted.value, str)
            compiled = pattern(wanted.value)
            search = ast.Attribute(self.constant(f"r_{len(self.constants)}", compiled), "search", ast.Load())
            return ast.Compare(call(search, args[0]), [ast.IsNot()], [ast.Constant(None)])
        if node.function in CHOICES and len(args) == 2:
            return call(load(node.function), *args)
        if node.function in _METHODS:
            return call(ast.Attribute(args[0], _METHODS[node.function], ast.Load()), *args[1:])
        return call(self.constant(f"fn_{node.function}", FUNCTIONS[node.function].run), *args)

    def quantifier(self, node: t.Quantifier) -> ast.expr:
        source = self.emit(node.source)
        body = self.emit_alone(node)
        free = sorted(
            {n.id for n in ast.walk(body) if isinstance(n, ast.Name) and _is_local(n.id)}
            - {f"v_{node.variable}"}
        )
        name = f"q_{len(self.functions)}"
        self.functions.append(_loop(name, node.kind, f"v_{node.variable}", free, body))
        return call(load(name), source, *(load(f) for f in free))

    def plain(self) -> Emitter:
        """An emitter that inlines named conditions, and writes to the same functions and constants."""
        inner = Emitter(self.conditions, self.parameters)
        inner.constants, inner.functions = self.constants, self.functions
        return inner

    def emit_alone(self, node: t.Quantifier) -> ast.expr:
        """Emit the body of a loop, which is compiled to a separate function with named conditions inlined."""
        inner = self.plain()
        inner.columns = {name: columns for name, columns in self.columns.items() if name != node.variable}
        inner.rows = self.rows
        return inner.emit(node.body)


def _is_local(name: str) -> bool:
    return name == "now" or name.startswith(("f_", "v_"))


def _loop(name: str, kind: QuantifierKind, item: str, free: list[str], body: ast.expr) -> ast.stmt:
    """Build `def q(items, free…): for item in items: …`, with one shape per kind of quantifier."""
    true, false = ast.Return(ast.Constant(True)), ast.Return(ast.Constant(False))
    before: list[ast.stmt] = []
    match kind:
        case "exists":
            step: list[ast.stmt] = [ast.If(body, [true], [])]
            last: ast.stmt = false
        case "all":
            step, last = [ast.If(ast.UnaryOp(ast.Not(), body), [false], [])], true
        case "exists_one":
            before = [ast.Assign([store("count")], ast.Constant(0))]
            step = [ast.If(body, [ast.AugAssign(store("count"), ast.Add(), ast.Constant(1))], [])]
            last = ast.Return(ast.Compare(load("count"), [ast.Eq()], [ast.Constant(1)]))
        case "filter" | "map":
            before = [ast.Assign([store("results")], ast.List([], ast.Load()))]
            kept = ast.Expr(
                call(
                    ast.Attribute(load("results"), "append", ast.Load()),
                    load(item) if kind == "filter" else body,
                )
            )
            step = [ast.If(body, [kept], [])] if kind == "filter" else [kept]
            last = ast.Return(load("results"))
        case _:
            assert_never(kind)
    loop = ast.For(store(item), load("items"), step, [])
    return function(name, ["items", *free], [*before, loop, last])
