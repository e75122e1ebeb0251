"""Syntax to typed tree: resolve every name, prove every type, and require a null check before an optional value is used.

A part that cannot be typed is reported once and replaced by a node of type `error`, so that checking continues.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import assert_never

from documents.diagnostics import did_you_mean
from engine.expression import syntax as s
from engine.expression import typed as t
from engine.expression.arithmetic_checker import ArithmeticChecker
from engine.expression.calls import CallChecker
from engine.expression.comparison_checker import ComparisonChecker, is_comparison
from engine.expression.decimals import alike, as_decimal, numbers_alike
from engine.expression.hints import field_hint, name_hint, output_hint
from engine.expression.intervals import EXACT, asks_for_bounds, interval, of_items
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
    STRING,
    TEXTUAL,
    TIMESTAMP,
    Type,
    article,
    unbounded,
)


def missing_row(typed: t.Typed, scope: Scope) -> tuple[str, tuple[object, ...]] | None:
    """The table and missing key that explain why a named value, which is a row, may be null; otherwise None."""
    return Checker(scope).missing_row(typed)


def check(
    node: s.Syntax, scope: Scope, expected: Type | None = BOOL, written: str = "", *, in_rule: bool = False
) -> tuple[t.Typed, list[ExpressionProblem]]:
    """Return the typed tree of an expression that must have the expected type, and every problem in it.

    Without an expected type, the expression is a named value and may have any plain type except bool. `written` is its text.
    `in_rule` says that a rule sets it, so the rule's `when` can check for null.
    """
    checker = Checker(scope, written)
    typed = checker.check(node, scope)
    if expected is None:
        checker.expect_value(typed)
    else:
        typed = as_decimal(typed, expected) if expected.kind == "decimal" else typed
        before = len(checker.problems)
        checker.is_output = expected != BOOL
        checker.expect(typed, expected)
        if len(checker.problems) == before:
            checker.check_exact(typed, expected)
    if expected != BOOL:
        for problem in checker.problems:
            if problem.code == "may-be-null" and not _within_truth(node, problem.span):
                checker.mend_null(problem, node, expected, in_rule)
    return typed, checker.problems


def _within_truth(node: s.Syntax, span: s.Span) -> bool:
    """Whether the span lies within a boolean expression, so that a null check can be put before it."""
    if not (node.span[0] <= span[0] and span[1] <= node.span[1]):
        return False
    if isinstance(node, s.Logical) or (isinstance(node, s.Unary) and node.operator == "!"):
        return True
    if isinstance(node, s.Binary) and node.operator not in ("+", "-", "*"):
        return True
    return any(_within_truth(part, span) for part in s.parts(node))


def _zero(type_: Type) -> str | None:
    return {"int": "0", "decimal": f"0.{'0' * type_.scale}", "double": "0.0"}.get(type_.kind)


def _part_of(node: s.Syntax, span: s.Span) -> s.Select | None:
    """The field access whose record stands at the span."""
    if isinstance(node, s.Select) and node.operand.span == span:
        return node
    return next((found for part in s.parts(node) if (found := _part_of(part, span))), None)


class Checker(CallChecker, ArithmeticChecker, ComparisonChecker):
    def mend_null(
        self, problem: ExpressionProblem, root: s.Syntax, expected: Type | None, in_rule: bool
    ) -> None:
        """Suggest a null check. `x != null && …` is a bool, so it does not fit where another type is expected."""
        shown, hint = self.text(problem.span), problem.hint or ""
        named = re.match(r"name it under `values`, such as `(\w+):", hint)
        if not shown or hint.startswith("write"):
            return
        if in_rule and not named:
            problem.hint = f"test it in this rule's `when`: `{shown} != null && …`"
            return
        if isinstance(root, s.Conditional) and problem.span == root.span:
            problem.hint = "let the type of the output end in `?`, or give a value wherever it may be null"
            return
        part = _part_of(root, problem.span)
        type_ = problem.of.field(part.field) if part and problem.of else problem.of
        if type_ is not None and (zero := _zero(type_)):
            if named:
                name = named[1]
                tested = f"({name} != null ? {name} : {zero})"
                problem.hint = f"name it under `values`, such as `{name}: {shown}`, and write `{tested}` here"
                return
            used = self.shown(part) if part else shown
            problem.span = part.span if part else problem.span
            chosen = self.in_place(f"{shown} != null ? {used} : {zero}", problem.span)
            problem.hint = f"write `{chosen}`"
            return
        if named:
            return
        whole = f"({self.shown(root)})" if isinstance(root, s.Conditional) else self.shown(root)
        if expected is None or expected.optional:
            problem.hint = f"write the whole as `{shown} != null ? {whole} : null`"
        else:
            problem.hint = f"say what it is otherwise: `{shown} != null ? {whole} : …`"

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
                return self.unary(node, scope)
            case s.Logical():
                return self._logical(node, scope)
            case s.Binary():
                return self._binary(node, scope)
            case s.Conditional():
                return self._conditional(node, scope)
            case s.ListLiteral():
                return self._list(node, scope)
            case s.Refused():
                return self._refused(node, scope)
            case _:
                assert_never(node)

    def _refused(self, node: s.Refused, scope: Scope) -> t.Typed:
        message, hint = node.message, node.hint
        index = re.fullmatch(r"([a-z]\w*)\s*\[(.+)\]", self.text(node.span))
        if index and index[1] in scope.tables:
            message = f"a row of the table `{index[1]}` is read with `row(…)`, not with brackets"
            hint = f"write `{index[1]}.row({index[2]})`"
        elif node.divided:
            hint = f"say how to round: `{self._divided(node)}` has two decimal places"
        return self.fail(node.span, "not-in-language", message, hint)

    def _divided(self, node: s.Syntax) -> str:
        """`net / crew` as a call, also where one of its sides is such a quotient."""
        if isinstance(node, s.Refused) and node.divided:
            return f'divide({", ".join(map(self._divided, node.divided))}, 2, "half_even")'
        return _without_brackets(self.shown(node))

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
        written = node.written[1] if node.written is not None else None
        return t.Const(kind, node.span, value, written)

    def _name(self, node: s.Name, scope: Scope) -> t.Typed:
        name, span = node.name, node.span
        if name in scope.variables:
            return self._narrowed(t.Variable(scope.variables[name], span, name), scope)
        if name in scope.facts:
            return self._narrowed(t.FactRef(scope.facts[name], span, name), scope)
        if name in scope.parameters:
            return self._parameter(t.ParameterRef(scope.parameters[name], span, name), scope)
        if name in scope.conditions:
            return self._narrowed(t.ConditionRef(scope.conditions[name].type, span, name), scope)
        if name == "now":
            return t.Now(TIMESTAMP, span)
        if name in scope.outputs:
            message = f"`{name}` is an output, and no expression can read an output"
            return self.fail(span, "output-in-expression", message, output_hint(name, scope))
        return self.fail(span, "unknown-name", f"unknown name `{name}`", name_hint(name, scope))

    def _parameter(self, node: t.ParameterRef, scope: Scope) -> t.Typed:
        if node.type.item is not None and node.type.item.kind == "record":
            keys = [name if name in scope.names() else "…" for name, _ in scope.tables[node.name].key]
            row = f"{node.name}.row({', '.join(keys)})"
            shape = scope.tables[node.name].row
            variable = next((name for name, type_ in scope.variables.items() if type_ == shape), None)
            if variable is not None:
                message = f"the row of `{node.name}` is called `{variable}` here"
                return self.fail(node.span, "table-as-value", message, f"write `{variable}`")
            hint = f"look up a row by its key, `{row}`, or give the rule `for_each: {{row: {node.name}}}`"
            return self.fail(node.span, "table-as-value", f"the table `{node.name}` is not a value", hint)
        return node

    def _narrowed(
        self, node: t.FactRef | t.Field | t.Variable | t.ConditionRef | t.Row, scope: Scope
    ) -> t.Typed:
        if node.type.optional and path_of(node) in scope.known:
            return replace(node, type=node.type.required())
        return node

    def _select(self, node: s.Select, scope: Scope) -> t.Typed:
        if isinstance(node.operand, s.Name) and node.operand.name in scope.tables and not scope.variables:
            return self._table_field(node, node.operand.name, scope)
        if prefixed := self._prefixed(node, scope):
            return prefixed
        record = self.check(node.operand, scope)
        if record.type.kind == "error":
            return t.Const(ERROR, node.span, None)
        if record.type.kind != "record":
            message = f"{self.quote(record)} is {article(record.type)} and has no fields"
            hint = self._each(node, record) or field_hint(node.field, record, self.name_of(record) or "…")
            span = node.span if hint.startswith("write") else node.field_span
            return self.fail(span, "not-a-record", message, hint)
        type_ = record.type.field(node.field)
        if type_ is None:
            near = did_you_mean(node.field, [n for n, _ in record.type.fields])
            return self.fail(node.field_span, "unknown-field", f"unknown field `{node.field}`", near)
        self.require(record)
        return self._narrowed(t.Field(type_, node.span, record, node.field), scope)

    def _prefixed(self, node: s.Select, scope: Scope) -> t.Typed | None:
        """Report `input.amount` or `resource.attr.amount`, where names stand without what holds them."""
        first: s.Syntax = node.operand
        while isinstance(first, s.Select):
            first = first.operand
        if not isinstance(first, s.Name) or first.name not in _HOLDERS or scope.taken(first.name):
            return None
        if node.field in scope.outputs and not scope.taken(node.field):
            message = f"`{node.field}` is an output, and no expression can read an output"
            return self.fail(node.span, "output-in-expression", message, output_hint(node.field, scope))
        if not scope.taken(node.field) and node.field not in scope.tables:
            return None
        message = f"unknown name `{first.name}`: facts, parameters, values and conditions stand alone"
        return self.fail(node.span, "unknown-name", message, f"write `{node.field}`")

    def _table_field(self, node: s.Select, table: str, scope: Scope) -> t.Typed:
        """Report `fees.size`, which reads no row."""
        shape = scope.tables[table]
        row = f"{table}.row({', '.join(name if name in scope.names() else '…' for name, _ in shape.key)})"
        message = f"the table `{table}` has many rows"
        is_column = shape.row.field(node.field) is not None and node.field not in [
            name for name, _ in shape.key
        ]
        hint = f"write `{row}.{node.field}`" if is_column else f"write `{row}`"
        if "…" in row:
            hint = f"look up a row by its key, `{row}`, or give the rule `for_each: {{row: {table}}}`"
        return self.fail(node.span, "table-as-value", message, hint)

    def _each(self, node: s.Select, record: t.Typed) -> str | None:
        """A hint for `max(scans.at)`: use `map` to make a list from the field of each item."""
        item, shown = record.type.item, self.shown(record)
        before, behind = self.written[: node.span[0]], self.written[node.span[1] :]
        counted = re.search(r"\b(?:max|min|size|sum)\(\s*$", before) and re.match(r"\s*\)", behind)
        if item is None or item.field(node.field) is None:
            return None
        if re.search(r"\bsize\(\s*$", before) and counted:
            return f"write `size({shown})`"
        if counted or re.search(r"\bin\s+$", before):
            return f"write `{shown}.map(x, x.{node.field})`"
        return None

    def _logical(self, node: s.Logical, scope: Scope) -> t.Typed:
        operands: list[t.Typed] = []
        for part in node.operands:
            before = len(self.untested)
            operand = self.check(part, scope)
            self.expect(operand, BOOL)
            if node.operator == "&&":  # one test in front is enough for all operands
                scope = scope.knowing(frozenset(path for path in self.untested[before:] if path is not None))
            if isinstance(operand, t.Const) and isinstance(operand.value, str) and operands:
                self._hint_comparison(operand, operands[-1])
            operands.append(operand)
            path = path_of(operand)
            if operand.type.optional and path is not None:
                scope = scope.knowing(frozenset([path]))  # already reported
            if_true, if_false = consequences(operand, scope.conditions)
            scope = scope.knowing(if_true if node.operator == "&&" else if_false)
        return (t.And if node.operator == "&&" else t.Or)(BOOL, node.span, tuple(operands))

    def _hint_comparison(self, literal: t.Const, before: t.Typed) -> None:
        """Hint at `kyc == "none" || "pending"`, where the second string was meant to be compared too."""
        before = before.operands[-1] if isinstance(before, t.And) else before
        if isinstance(before, t.Compare) and before.left.type.kind in TEXTUAL:
            name = self.name_of(before.left) or "…"
            self.problems[-1].hint = f'compare each of them: `{name} {before.operator} "{literal.value}"`'

    def _conditional(self, node: s.Conditional, scope: Scope) -> t.Typed:
        condition = self.check(node.condition, scope)
        self.expect(condition, BOOL)
        if_true, if_false = consequences(condition, scope.conditions)
        then = self.check(node.then, scope.knowing(if_true))
        otherwise = self.check(node.otherwise, scope.knowing(if_false))
        then, otherwise = numbers_alike(*alike((then, otherwise)))
        if refused := self.too_precise(then, otherwise):
            return refused
        type_ = _joined(then.type, otherwise.type)
        if type_ is None:
            message = f"the two sides of `? :` differ: {then.type} and {otherwise.type}"
            return self.fail(node.span, "wrong-type", message, self._sides_hint(then, otherwise))
        return t.IfElse(type_, node.span, condition, then, otherwise)

    def _sides_hint(self, then: t.Typed, otherwise: t.Typed) -> str:
        for one, other in ((then, otherwise), (otherwise, then)):
            if isinstance(one, t.Const) and (one.type.kind, other.type.kind) == ("int", "double"):
                return f"write `{one.value}.0` for `{one.value}`"
            if isinstance(one, t.Const) and one.value in (0, ""):
                return f"write `null` for `{self.shown(one)}` where there is none"
        if then.type.kind == otherwise.type.kind == "decimal":
            scale = (
                2
                if 2 in (then.type.scale, otherwise.type.scale)
                else max(then.type.scale, otherwise.type.scale)
            )
            side = otherwise if then.type.scale == scale else then
            return f'write `round({self.shown(side)}, {scale}, "half_even")` for that side'
        return "both sides must have one type"

    def _list(self, node: s.ListLiteral, scope: Scope) -> t.Typed:
        items = tuple(self.check(i, scope) for i in node.items)
        items = alike(items)
        if not items:
            hint = "write what it is compared with; whether a list is empty is `size(…) == 0`"
            return self.fail(node.span, "empty-list", "the list is empty", hint)
        first = next((i.type for i in items if i.type.kind != "error"), ERROR)
        for item in items:
            alike_scale = item.type.scale == first.scale
            if (
                self.require(item).kind not in (first.kind, "error")
                or not alike_scale
                or item.type.kind in ("list", "record")
            ):
                message = (
                    f"a list has items of one plain type, but {self.quote(item)} is {article(item.type)}"
                )
                self.fail(item.span, "wrong-type", message, f"the first item is {article(first)}")
        return t.ListOf(
            Type("list", item=unbounded(first).required(), max_items=len(items)), node.span, items
        )

    def _binary(self, node: s.Binary, scope: Scope) -> t.Typed:
        for one, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(one, s.ListLiteral) and not one.items and node.operator in ("==", "!="):
                shown, sign = self.shown(other), "==" if node.operator == "==" else ">"
                hint = f"write `size({shown}) {sign} 0`"
                return self.fail(node.span, "empty-list", "a list does not compare with `[]`", hint)
        if emptied := self.empty_text(node, scope):
            return emptied
        if negated := self.negated(node, scope):
            return negated
        before = len(self.problems)
        left, right = self.check(node.left, scope), self.check(node.right, scope)
        if node.operator in s.COMPARISONS and len(self.problems) == before + 1:
            self._hint_items(node, self.problems[before])
        if not isinstance(right, t.Const):
            self.hint_quotes(node.left, right.type, right)
        if not isinstance(left, t.Const):
            self.hint_quotes(node.right, left.type.item or left.type, left)
        if node.operator in s.COMPARISONS and is_comparison(node.left, left):
            return self.chained(node)
        if node.operator == "*":
            return self.product(node, left, right)
        left, right = self.beside_decimals(node.operator, left, right)
        if node.operator != "in" and (refused := self.too_precise(left, right)):
            return refused
        if node.operator in ("==", "!="):
            return self.equality(node, left, right, scope)
        if node.operator == "in":
            return self.membership(node, left, right)
        if node.operator in ("+", "-"):
            return self.sum(node, left, right, scope)
        return self.ordering(node, left, right)

    def _hint_items(self, node: s.Binary, problem: ExpressionProblem) -> None:
        """Keep the comparison in the hint at `bookings.lane == "fast"`, where `bookings` is a list."""
        for one, other in ((node.left, node.right), (node.right, node.left)):
            if problem.code != "not-a-record" or not isinstance(one, s.Select):
                continue
            rest, tested = self.shown(other), f"x.{one.field}"
            compared = (
                f"{tested} {node.operator} {rest}" if one is node.left else f"{rest} {node.operator} {tested}"
            )
            if problem.hint and f"{tested} …)" in problem.hint:
                problem.hint = problem.hint.replace(f"{tested} …)", f"{compared})")
                problem.span = node.span if problem.hint.startswith("write") else problem.span

    def check_exact(self, node: t.Typed, expected: Type) -> None:
        """Check that a value that leaves the policy is one that JSON represents exactly."""
        kind = expected.kind if expected.item is None else expected.item.kind
        if kind not in EXACT or not asks_for_bounds(node, self.named):
            return
        bounds = interval(node, self.named) if expected.item is None else of_items(node, self.named)
        if not bounds.within(MAX_INT):
            self.leaves(node, bounds, MAX_INT, self.quote(node), "what an output can hold exactly")


_HOLDERS = frozenset(
    [
        *(
            "input",
            "inputs",
            "context",
            "ctx",
            "request",
            "req",
            "resource",
            "subject",
            "principal",
            "object",
            "data",
            "this",
        ),
        *(
            "self",
            "env",
            "vars",
            "variables",
            "globals",
            "facts",
            "fact",
            "given",
            "parameters",
            "parameter",
            "params",
        ),
        *(
            "values",
            "conditions",
            "constants",
            "outputs",
            "output",
            "set",
            "result",
            "decision",
            "R",
            "P",
            "V",
            "C",
        ),
    ]
)
"""Words before a name in other languages, such as `input.amount`."""


def _without_brackets(text: str) -> str:
    """A text without the parentheses around the whole of it."""
    depth = 0
    for at, sign in enumerate(text):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if depth == 0:
            return text[1:-1] if sign == ")" and at == len(text) - 1 else text
    return text


def _joined(left: Type, right: Type) -> Type | None:
    """The type of a conditional whose branches have these types; a null branch makes it optional."""
    if left != right:
        left, right = unbounded(left), unbounded(right)
    if left.kind == "error" or right.kind == "null":
        return left if left.kind == "error" else replace(left, optional=True)
    if right.kind == "error" or left.kind == "null":
        return right if right.kind == "error" else replace(right, optional=True)
    optional = left.optional or right.optional
    if left.kind in TEXTUAL and right.kind in TEXTUAL and left != right:
        return replace(STRING, optional=optional)
    same = left.kind == right.kind != "record" and left.item == right.item and left.scale == right.scale
    if not same:
        return None
    return replace(left, optional=optional, max_items=max(left.max_items, right.max_items))
