"""Syntax to typed tree: every name resolved, every type proven, every optional value tested before it is used.

A part that cannot be typed is reported once and stands in as `error`, so that the rest is still checked.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from documents.diagnostics import did_you_mean
from engine.expression import syntax as s
from engine.expression import typed as t
from engine.expression.calls import CallChecker
from engine.expression.functions import FUNCTIONS
from engine.expression.problem import ExpressionProblem
from engine.expression.scope import Scope, consequences, path_of
from engine.expression.types import (
    BOOL,
    DOUBLE,
    ERROR,
    INT,
    MAX_DOUBLE,
    MAX_INT,
    NULL,
    ORDERED,
    STRING,
    TEXTUAL,
    TIMESTAMP,
    Type,
    article,
    comparable,
    unbounded,
)

MAX_TERMS = 16


def check(node: s.Syntax, scope: Scope, expected: Type = BOOL) -> tuple[t.Typed, list[ExpressionProblem]]:
    """The typed tree of an expression that must have the expected type, and every problem in it."""
    checker = Checker()
    typed = checker.check(node, scope)
    checker.expect(typed, expected)
    return typed, checker.problems


class Checker(CallChecker):
    def check(self, node: s.Syntax, scope: Scope) -> t.Typed:
        match node:
            case s.LiteralValue():
                return self._literal(node)
            case s.Name():
                return self._name(node, scope)
            case s.Select():
                return self._select(node, scope)
            case s.Call():
                return self.call(node, scope)
            case s.Unary():
                return self._unary(node, scope)
            case s.Logical():
                return self._logical(node, scope)
            case s.Binary():
                return self._binary(node, scope)
            case s.Conditional():
                return self._conditional(node, scope)
            case s.ListLiteral():
                return self._list(node, scope)
            case s.Refused():
                return self.fail(node.span, "not-in-language", node.message, node.hint)
            case _:
                assert_never(node)

    def _literal(self, node: s.LiteralValue) -> t.Typed:
        value = node.value
        if value is None:
            return t.Const(NULL, node.span, None)
        if isinstance(value, bool):
            return t.Const(BOOL, node.span, value)
        if isinstance(value, str):
            return t.Const(STRING, node.span, value)
        bound, kind = (MAX_INT, INT) if isinstance(value, int) else (MAX_DOUBLE, DOUBLE)
        if abs(value) > bound:
            shown = "±2^53" if kind is INT else "±1e300"
            hint = "quote it if it is an identifier"
            return self.fail(node.span, "number-too-large", f"the number is outside {shown}", hint)
        return t.Const(kind, node.span, value)

    def _name(self, node: s.Name, scope: Scope) -> t.Typed:
        name, span = node.name, node.span
        if name in scope.variables:
            return self._narrowed(t.Variable(scope.variables[name], span, name), scope)
        if name in scope.facts:
            return self._narrowed(t.FactRef(scope.facts[name], span, name), scope)
        if name in scope.parameters:
            return self._parameter(t.ParameterRef(scope.parameters[name], span, name))
        if name in scope.conditions:
            return t.ConditionRef(BOOL, span, name)
        if name == "now":
            return t.Now(TIMESTAMP, span)
        return self.fail(span, "unknown-name", f"unknown name `{name}`", did_you_mean(name, scope.names()))

    def _parameter(self, node: t.ParameterRef) -> t.Typed:
        if node.type.item is not None and node.type.item.kind == "record":
            hint = f"give the rule `for_each: {{row: {node.name}}}` and read the columns of `row`"
            return self.fail(node.span, "table-as-value", f"the table `{node.name}` is not a value", hint)
        return node

    def _narrowed(self, node: t.FactRef | t.Field | t.Variable, scope: Scope) -> t.Typed:
        if node.type.optional and path_of(node) in scope.known:
            return replace(node, type=node.type.required())
        return node

    def _select(self, node: s.Select, scope: Scope) -> t.Typed:
        record = self.check(node.operand, scope)
        if record.type.kind == "error":
            return t.Const(ERROR, node.span, None)
        if record.type.kind != "record":
            message = f"{self.quote(record)} is {article(record.type)} and has no fields"
            hint = "look at its items with `exists` or `all`" if record.type.kind == "list" else None
            if node.field in FUNCTIONS:
                form = f"….{node.field}(…)" if FUNCTIONS[node.field].method else f"{node.field}(…)"
                hint = f"it is a function: write `{form}`"
            return self.fail(node.field_span, "not-a-record", message, hint)
        type_ = record.type.field(node.field)
        if type_ is None:
            hint = did_you_mean(node.field, [n for n, _ in record.type.fields])
            return self.fail(node.field_span, "unknown-field", f"unknown field `{node.field}`", hint)
        return self._narrowed(t.Field(type_, node.span, record, node.field), scope)

    def _unary(self, node: s.Unary, scope: Scope) -> t.Typed:
        operand = self.check(node.operand, scope)
        if node.operator == "!":
            self.expect(operand, BOOL)
            return t.Not(BOOL, node.span, operand)
        if self.require(operand).kind not in ("int", "double", "duration", "error"):
            return self.fail(node.span, "wrong-type", f"`-` does not apply to {article(operand.type)}", None)
        type_ = unbounded(operand.type)
        zero = t.Const(type_, node.span, 0.0 if type_.kind == "double" else 0)
        return t.Sum(type_, node.span, "-", zero, operand)

    def _logical(self, node: s.Logical, scope: Scope) -> t.Typed:
        operands = []
        for part in node.operands:
            operand = self.check(part, scope)
            self.expect(operand, BOOL)
            operands.append(operand)
            if_true, if_false = consequences(operand, scope.conditions)
            scope = scope.knowing(if_true if node.operator == "&&" else if_false)
        return (t.And if node.operator == "&&" else t.Or)(BOOL, node.span, tuple(operands))

    def _conditional(self, node: s.Conditional, scope: Scope) -> t.Typed:
        condition = self.check(node.condition, scope)
        self.expect(condition, BOOL)
        if_true, if_false = consequences(condition, scope.conditions)
        then = self.check(node.then, scope.knowing(if_true))
        otherwise = self.check(node.otherwise, scope.knowing(if_false))
        type_ = _joined(then.type, otherwise.type)
        if type_ is None:
            message = f"the two sides of `? :` differ: {then.type} and {otherwise.type}"
            return self.fail(node.span, "wrong-type", message, "both sides must have one type")
        return t.IfElse(type_, node.span, condition, then, otherwise)

    def _list(self, node: s.ListLiteral, scope: Scope) -> t.Typed:
        items = tuple(self.check(i, scope) for i in node.items)
        if not items:
            return self.fail(node.span, "empty-list", "the list is empty", "a test against it can never hold")
        first = next((i.type for i in items if i.type.kind != "error"), ERROR)
        for item in items:
            if self.require(item).kind not in (first.kind, "error") or item.type.kind in ("list", "record"):
                message = (
                    f"a list has items of one plain type, but {self.quote(item)} is {article(item.type)}"
                )
                self.fail(item.span, "wrong-type", message, f"the first item is {article(first)}")
        return t.ListOf(Type("list", item=first.required()), node.span, items)

    def _binary(self, node: s.Binary, scope: Scope) -> t.Typed:
        left, right = self.check(node.left, scope), self.check(node.right, scope)
        if node.operator in ("==", "!="):
            return self._equality(node, left, right, scope)
        if node.operator == "in":
            return self._membership(node, left, right)
        if node.operator in ("+", "-"):
            return self._sum(node, left, right)
        return self._ordering(node, left, right)

    def _equality(self, node: s.Binary, left: t.Typed, right: t.Typed, scope: Scope) -> t.Typed:
        if left.type.kind == "null" or right.type.kind == "null":
            return self._null_test(node, left, right, scope)
        self.require(left)
        self.require(right)
        if not comparable(left.type, right.type):
            return self._differ(node, left, right)
        self.check_member(left, right)
        self.check_member(right, left)
        return t.Compare(BOOL, node.span, node.operator, left, right)

    def _null_test(self, node: s.Binary, left: t.Typed, right: t.Typed, scope: Scope) -> t.Typed:
        """A test repeated where null is ruled out already does no harm; one of what can never be null is a mistake."""
        operand = right if left.type.kind == "null" else left
        if operand.type.kind == "null":
            message = "this compares null with null, which says nothing"
            return self.fail(node.span, "needless-null-test", message, "name a fact on one side")
        tested_before = path_of(operand) in scope.known
        if not operand.type.optional and operand.type.kind != "error" and not tested_before:
            message = f"{self.quote(operand)} is never null here, so this test says nothing"
            return self.fail(
                node.span, "needless-null-test", message, "delete the test, or declare the fact with `?`"
            )
        test = t.IsNull(BOOL, node.span, operand)
        return test if node.operator == "==" else t.Not(BOOL, node.span, test)

    def _differ(self, node: s.Binary, left: t.Typed, right: t.Typed) -> t.Typed:
        message = f"`{node.operator}` compares {article(left.type)} with {article(right.type)}"
        return self.fail(node.span, "wrong-type", message, _conversion_hint(left, right))

    def _ordering(self, node: s.Binary, left: t.Typed, right: t.Typed) -> t.Typed:
        kinds = {self.require(left).kind, self.require(right).kind}
        if "error" in kinds:
            return t.Const(ERROR, node.span, None)
        if len(kinds) != 1:
            return self._differ(node, left, right)
        if not kinds <= ORDERED:
            message = f"`{node.operator}` does not order {article(left.type)}"
            return self.fail(
                node.span, "wrong-type", message, "numbers, durations and timestamps have an order"
            )
        return t.Compare(BOOL, node.span, node.operator, left, right)

    def _membership(self, node: s.Binary, item: t.Typed, container: t.Typed) -> t.Typed:
        kind = self.require(container).kind
        inner = container.type.item
        if kind == "error" or item.type.kind == "error":
            return t.Const(ERROR, node.span, None)
        if inner is None or inner.kind == "record":
            message = (
                f"`in` needs a list of plain values, but {self.quote(container)} is {article(container.type)}"
            )
            hint = "for a list of records use `exists`" if kind == "list" else None
            hint = "to look into a text use `contains`" if kind in TEXTUAL else hint
            return self.fail(container.span, "wrong-type", message, hint)
        if self.require(item).kind == "error":
            return t.Const(ERROR, node.span, None)
        if not comparable(item.type, inner):
            return self._differ(node, item, t.Const(inner, container.span, None))
        for option in container.items if isinstance(container, t.ListOf) else ():
            self.check_member(option, item)
        if inner.kind == "enum":
            self.check_member(item, t.Const(inner, container.span, None))
        return t.In(BOOL, node.span, item, container)

    def _sum(self, node: s.Binary, left: t.Typed, right: t.Typed) -> t.Typed:
        kinds = (self.require(left).kind, self.require(right).kind)
        if "error" in kinds:
            return t.Const(ERROR, node.span, None)
        result = _SUMS.get((kinds[0], node.operator, kinds[1]))
        if result is None:
            message = f"`{node.operator}` does not combine {article(left.type)} and {article(right.type)}"
            same = kinds[0] == kinds[1]
            hint = "numbers, durations and timestamps add up" if same else _conversion_hint(left, right)
            return self.fail(node.span, "wrong-type", message, hint)
        typed = t.Sum(result, node.span, node.operator, left, right)
        if sum(isinstance(n, t.Sum) for n in typed.walk()) >= MAX_TERMS:
            return self.fail(
                node.span, "sum-too-long", f"a sum has at most {MAX_TERMS} terms", "pass the total as a fact"
            )
        return typed


_I, _D, _T, _P = INT, DOUBLE, TIMESTAMP, Type("duration")
_SUMS = {
    ("int", "+", "int"): _I,
    ("int", "-", "int"): _I,
    ("double", "+", "double"): _D,
    ("double", "-", "double"): _D,
    ("duration", "+", "duration"): _P,
    ("duration", "-", "duration"): _P,
    ("timestamp", "+", "duration"): _T,
    ("duration", "+", "timestamp"): _T,
    ("timestamp", "-", "duration"): _T,
    ("timestamp", "-", "timestamp"): _P,
}


def _joined(left: Type, right: Type) -> Type | None:
    """The type of a conditional whose sides have these types; a null side makes it optional."""
    if left != right:
        left, right = unbounded(left), unbounded(right)
    if left.kind == "error" or right.kind == "null":
        return left if left.kind == "error" else replace(left, optional=True)
    if right.kind == "error" or left.kind == "null":
        return right if right.kind == "error" else replace(right, optional=True)
    optional = left.optional or right.optional
    if left.kind in TEXTUAL and right.kind in TEXTUAL and left != right:
        return replace(STRING, optional=optional)
    same = left.kind == right.kind != "record" and left.item == right.item
    return replace(left, optional=optional) if same else None


def _conversion_hint(left: t.Typed, right: t.Typed) -> str | None:
    for one, other in ((left, right), (right, left)):
        if other.type.kind == "double" and isinstance(one, t.Const) and one.type.kind == "int":
            return f"write `{one.value}.0`"
        if other.type.kind in ("duration", "timestamp") and one.type.kind == "int":
            return f"write a duration, for example `days({one.value if isinstance(one, t.Const) else 90})`"
        if other.type.kind == "timestamp" and one.type.kind == "string":
            return 'write `timestamp("2026-01-01T00:00:00Z")`'
        if other.type.kind in ("int", "double") and isinstance(one, t.Const) and isinstance(one.value, str):
            return "leave out the quotes; nothing is converted between text and numbers"
    if "list" in (left.type.kind, right.type.kind):
        return "lists are compared item by item, with `exists` or `all`"
    return "nothing is converted; both sides must have one type"
