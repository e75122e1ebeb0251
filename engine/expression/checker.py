"""Syntax to typed tree: resolve every name, prove every type, and require a null check before an optional value is used.

A part that cannot be typed is reported once and replaced by a node of type `error`, so that checking continues.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import assert_never

from documents.diagnostics import did_you_mean
from engine.expression import syntax as s
from engine.expression import typed as t
from engine.expression.arithmetic import DOWN
from engine.expression.calls import CallChecker
from engine.expression.decimals import alike, as_decimal, exact_literal
from engine.expression.hints import conversion_hint, field_hint, name_hint
from engine.expression.intervals import EXACT, asks_for_bounds, interval, of_items
from engine.expression.problem import ExpressionProblem
from engine.expression.scope import NamedCondition, Scope, consequences, path_of
from engine.expression.types import (
    BOOL,
    DOUBLE,
    ERROR,
    INT,
    MAX_DOUBLE,
    MAX_INT,
    MAX_PRODUCT_PLACES,
    NULL,
    ORDERED,
    STRING,
    TEXTUAL,
    TIMESTAMP,
    Type,
    article,
    comparable,
    decimal,
    unbounded,
)

MAX_TERMS = 16


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
                problem.hint = checker.null_hint(problem, expected, in_rule)
    return typed, checker.problems


def _within_truth(node: s.Syntax, span: s.Span) -> bool:
    """Whether the span lies within a boolean expression, so that a null check can be put before it."""
    if not (node.span[0] <= span[0] and span[1] <= node.span[1]):
        return False
    if isinstance(node, s.Logical) or (isinstance(node, s.Unary) and node.operator == "!"):
        return True
    if isinstance(node, s.Binary) and node.operator not in ("+", "-", "*"):
        return True
    return any(_within_truth(part, span) for part in _parts(node))


def _parts(node: s.Syntax) -> tuple[s.Syntax, ...]:
    match node:
        case s.Select(operand=operand) | s.Unary(operand=operand):
            return (operand,)
        case s.Call(target=target, args=args):
            return (target, *args) if target else args
        case s.Binary(left=left, right=right):
            return (left, right)
        case s.Logical(operands=operands):
            return operands
        case s.Conditional(condition=condition, then=then, otherwise=otherwise):
            return (condition, then, otherwise)
        case s.ListLiteral(items=items):
            return items
        case s.LiteralValue() | s.Name() | s.Refused():
            return ()
        case _:
            assert_never(node)


class Checker(CallChecker):
    def null_hint(self, problem: ExpressionProblem, expected: Type | None, in_rule: bool) -> str | None:
        """Suggest a null check. `x != null && …` is a bool, so it does not fit where another type is expected."""
        shown = self.text(problem.span)
        if shown is None or (problem.hint or "").startswith("name it"):
            return problem.hint
        if in_rule:
            return f"test it in this rule's `when`: `{shown} != null && …`"
        whole = self.text((0, len(self.written))) or "…"
        if expected is None or expected.optional:
            return f"write `{shown} != null ? {whole} : null`"
        if shown == whole and not shown.replace("_", "").replace(".", "").isalnum():
            return "let the type of the output end in `?`, or give a value wherever it may be null"
        return f"say what it is otherwise: `{shown} != null ? {whole} : …`"

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
        written = node.written[1] if kind is DOUBLE and node.written is not None else None
        return t.Const(kind, node.span, value, written)

    def _name(self, node: s.Name, scope: Scope) -> t.Typed:
        name, span = node.name, node.span
        if name in scope.variables:
            return self._narrowed(t.Variable(scope.variables[name], span, name), scope)
        if name in scope.facts:
            return self._narrowed(t.FactRef(scope.facts[name], span, name), scope)
        if name in scope.parameters:
            return self._parameter(t.ParameterRef(scope.parameters[name], span, name))
        if name in scope.conditions:
            return self._narrowed(t.ConditionRef(scope.conditions[name].type, span, name), scope)
        if name == "now":
            return t.Now(TIMESTAMP, span)
        return self.fail(span, "unknown-name", f"unknown name `{name}`", name_hint(name, scope))

    def _parameter(self, node: t.ParameterRef) -> t.Typed:
        if node.type.item is not None and node.type.item.kind == "record":
            hint = f"look up a row by its key, `{node.name}.row(…)`, or give the rule `for_each: {{row: {node.name}}}`"
            return self.fail(node.span, "table-as-value", f"the table `{node.name}` is not a value", hint)
        return node

    def _narrowed(
        self, node: t.FactRef | t.Field | t.Variable | t.ConditionRef | t.Row, scope: Scope
    ) -> t.Typed:
        if node.type.optional and path_of(node) in scope.known:
            return replace(node, type=node.type.required())
        return node

    def _select(self, node: s.Select, scope: Scope) -> t.Typed:
        record = self.check(node.operand, scope)
        if record.type.kind == "error":
            return t.Const(ERROR, node.span, None)
        if record.type.kind != "record":
            message = f"{self.quote(record)} is {article(record.type)} and has no fields"
            hint = self._each(node, record) or field_hint(node.field, record, self.quote(record))
            return self.fail(node.field_span, "not-a-record", message, hint)
        type_ = record.type.field(node.field)
        if type_ is None:
            hint = (
                did_you_mean(node.field, [n for n, _ in record.type.fields])
                or "declare the field in the list"
            )
            return self.fail(node.field_span, "unknown-field", f"unknown field `{node.field}`", hint)
        if self.require(record).kind == "error":
            return t.Const(ERROR, node.span, None)
        return self._narrowed(t.Field(type_, node.span, record, node.field), scope)

    def _each(self, node: s.Select, record: t.Typed) -> str | None:
        """A hint for `max(scans.at)`: use `map` to make a list from the field of each item."""
        item, shown = record.type.item, self.text(record.span)
        before, behind = self.written[: node.span[0]], self.written[node.span[1] :]
        counted = re.search(r"\b(?:max|min|size)\(\s*$", before) and re.match(r"\s*\)", behind)
        if item is None or item.field(node.field) is None or shown is None:
            return None
        if re.search(r"\bsize\(\s*$", before) and counted:
            return f"write `size({shown})`"
        if counted or re.search(r"\bin\s+$", before):
            return f"write `{shown}.map(x, x.{node.field})`"
        return None

    def _unary(self, node: s.Unary, scope: Scope) -> t.Typed:
        operand = self.check(node.operand, scope)
        if node.operator == "!":
            self.expect(operand, BOOL)
            return t.Not(BOOL, node.span, operand)
        if self.require(operand).kind not in ("int", "decimal", "double", "duration", "error"):
            message = f"`-` does not apply to {article(operand.type)}"
            return self.fail(node.span, "wrong-type", message, "only numbers and durations can be negative")
        type_ = unbounded(operand.type)
        zero = t.Const(type_, node.span, 0.0 if type_.kind == "double" else 0)
        return t.Sum(type_, node.span, "-", zero, operand)

    def _logical(self, node: s.Logical, scope: Scope) -> t.Typed:
        operands: list[t.Typed] = []
        for part in node.operands:
            operand = self.check(part, scope)
            self.expect(operand, BOOL)
            if isinstance(operand, t.Const) and isinstance(operand.value, str) and operands:
                self._hint_comparison(operand, operands[-1])
            operands.append(operand)
            path = path_of(operand)
            if operand.type.optional and operand.type.kind != "bool" and path is not None:
                scope = scope.knowing(frozenset([path]))  # already reported
            if_true, if_false = consequences(operand, scope.conditions)
            scope = scope.knowing(if_true if node.operator == "&&" else if_false)
        return (t.And if node.operator == "&&" else t.Or)(BOOL, node.span, tuple(operands))

    def _hint_comparison(self, literal: t.Const, before: t.Typed) -> None:
        """Hint at `kyc == "none" || "pending"`, where the second string was meant to be compared too."""
        before = before.operands[-1] if isinstance(before, t.And) else before
        if isinstance(before, t.Compare) and before.left.type.kind in TEXTUAL:
            name = self.quote(before.left).strip("`")
            self.problems[-1].hint = f'compare each of them: `{name} {before.operator} "{literal.value}"`'

    def _conditional(self, node: s.Conditional, scope: Scope) -> t.Typed:
        condition = self.check(node.condition, scope)
        self.expect(condition, BOOL)
        if_true, if_false = consequences(condition, scope.conditions)
        then = self.check(node.then, scope.knowing(if_true))
        otherwise = self.check(node.otherwise, scope.knowing(if_false))
        then, otherwise = alike((then, otherwise))
        type_ = _joined(then.type, otherwise.type)
        if type_ is None:
            message = f"the two sides of `? :` differ: {then.type} and {otherwise.type}"
            return self.fail(node.span, "wrong-type", message, self._sides_hint(then, otherwise))
        return t.IfElse(type_, node.span, condition, then, otherwise)

    def _sides_hint(self, then: t.Typed, otherwise: t.Typed) -> str:
        for one, other in ((then, otherwise), (otherwise, then)):
            if isinstance(one, t.Const) and one.value in (0, 0.0, "", False):
                return f"write `null` for `{self.text(one.span) or 'it'}` where there is none"
            if isinstance(one, t.Const) and (one.type.kind, other.type.kind) == ("int", "double"):
                return f"write `{one.value}.0` for `{one.value}`"
        return "both sides must have one type"

    def _list(self, node: s.ListLiteral, scope: Scope) -> t.Typed:
        items = tuple(self.check(i, scope) for i in node.items)
        items = alike(items)
        if not items:
            hint = "write what it is compared with; whether a list is empty is `size(list) == 0`"
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
        return t.ListOf(Type("list", item=first.required(), max_items=len(items)), node.span, items)

    def _binary(self, node: s.Binary, scope: Scope) -> t.Typed:
        for one, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(one, s.ListLiteral) and not one.items and node.operator in ("==", "!="):
                shown, sign = self.text(other.span) or "list", "==" if node.operator == "==" else ">"
                hint = f"write `size({shown}) {sign} 0`"
                return self.fail(node.span, "empty-list", "a list does not compare with `[]`", hint)
        if emptied := self._empty_text(node, scope):
            return emptied
        if negated := self._negated(node, scope):
            return negated
        left, right = self.check(node.left, scope), self.check(node.right, scope)
        if not isinstance(right, t.Const):
            self._hint_quotes(node.left, right.type)
        if not isinstance(left, t.Const):
            self._hint_quotes(node.right, left.type.item or left.type)
        if node.operator in _COMPARISONS and _is_comparison(node.left, left):
            return self._chained(node)
        if node.operator == "*":
            return self._product(node, left, right)
        left, right = self._beside_decimals(node.operator, left, right)
        if node.operator in ("==", "!="):
            return self._equality(node, left, right, scope)
        if node.operator == "in":
            return self._membership(node, left, right)
        if node.operator in ("+", "-"):
            return self._sum(node, left, right, scope)
        return self._ordering(node, left, right)

    def _beside_decimals(self, operator: str, left: t.Typed, right: t.Typed) -> tuple[t.Typed, t.Typed]:
        """Turn number literals into decimals if they are compared with a decimal or are items of a list of decimals."""
        item = right.type.item
        if operator == "in" and left.type.kind == "decimal" and isinstance(right, t.ListOf):
            items = alike((left, *right.items))[1:]
            kinds = {i.type.kind for i in items}
            type_ = items[0].type if kinds == {"decimal"} else right.type.item
            return left, replace(right, type=replace(right.type, item=type_), items=items)
        if operator == "in":
            return (as_decimal(left, item) if item is not None and item.kind == "decimal" else left), right
        one, other = alike((left, right))
        if operator in _COMPARISONS and one.type.kind == other.type.kind == "decimal":
            places = max(one.type.scale, other.type.scale)
            return self._padded(one, places), self._padded(other, places)
        return one, other

    def _padded(self, node: t.Typed, places: int) -> t.Typed:
        """The same number with more decimal places, so that it can be compared with one that has them."""
        more = places - node.type.scale
        if more == 0 or node.type.optional:
            return node
        cut, mode = t.Const(INT, node.span, -more), t.Const(STRING, node.span, DOWN)
        return self.bounded(t.Apply(decimal(places), node.span, "round", (node, cut, mode)))

    def _product(self, node: s.Binary, left: t.Typed, right: t.Typed) -> t.Typed:
        left, right = (exact_literal(side) or side for side in (left, right))
        kinds = {self.require(left).kind, self.require(right).kind}
        if "error" in kinds:
            return t.Const(ERROR, node.span, None)
        if not kinds <= {"int", "decimal"}:
            message = f"`*` does not multiply {article(left.type)} and {article(right.type)}"
            hint = "ints and decimals are multiplied"
            if "double" in kinds:
                hint = "declare the double as `{decimal: 2}`, which is exact"
            return self.fail(node.span, "wrong-type", message, hint)
        scale = left.type.scale + right.type.scale
        if scale > MAX_PRODUCT_PLACES:
            message = f"this has {scale} decimal places, and at most {MAX_PRODUCT_PLACES} are exact"
            hint = 'round one side first: `round(…, 2, "half_even")`'
            return self.fail(node.span, "too-many-places", message, hint)
        return self.bounded(t.Product(decimal(scale), node.span, left, right))

    def check_exact(self, node: t.Typed, expected: Type) -> None:
        """Check that a value that leaves the policy is one that JSON represents exactly."""
        kind = expected.kind if expected.item is None else expected.item.kind
        if kind not in EXACT or node.type.kind == "null" or not asks_for_bounds(node, self.named):
            return
        bounds = interval(node, self.named) if expected.item is None else of_items(node, self.named)
        if not bounds.within(MAX_INT):
            self.leaves(node, bounds, "±2^53 of the smallest unit")

    def _empty_text(self, node: s.Binary, scope: Scope) -> t.Typed | None:
        """Report `sent_at != ""`: a missing value is null, not an empty string."""
        for one, other in ((node.left, node.right), (node.right, node.left)):
            empty = isinstance(one, s.LiteralValue) and one.value == "" and node.operator in ("==", "!=")
            if not empty or not isinstance(other, s.Name | s.Select):
                continue
            operand = self.check(other, scope)
            if operand.type.optional and operand.type.kind not in TEXTUAL:
                shown = self.text(other.span) or "…"
                message = f"{self.quote(operand)} is {article(operand.type.required())}, and where there is none it is null"
                self.fail(node.span, "wrong-type", message, f"write `{shown} {node.operator} null`")
                test = t.IsNull(BOOL, node.span, operand)
                return test if node.operator == "==" else t.Not(BOOL, node.span, test)
        return None

    def _negated(self, node: s.Binary, scope: Scope) -> t.Typed | None:
        """Report `!name in names`: the `!` applies to the name alone."""
        left = node.left
        if (
            not isinstance(left, s.Unary)
            or left.operator != "!"
            or not isinstance(left.operand, s.Name | s.Select)
        ):
            return None
        before = len(self.problems)
        operand = self.check(left.operand, scope)
        if operand.type.kind in ("bool", "error"):
            del self.problems[before:]
            return None
        whole = f"{self.text(left.operand.span) or '…'} {node.operator} {self.text(node.right.span) or '…'}"
        message = f"the `!` belongs to {self.quote(operand)} alone, which is {article(operand.type)}"
        return self.fail(node.span, "wrong-type", message, f"write `!({whole})`")

    def _hint_quotes(self, operand: s.Syntax, type_: Type) -> None:
        """Hint at `kyc == verified`: an unknown name compared with a string or enum is probably a string without quotes."""
        for part in operand.items if isinstance(operand, s.ListLiteral) else (operand,):
            for problem in self.problems:
                if (
                    not isinstance(part, s.Name)
                    or problem.span != part.span
                    or problem.code != "unknown-name"
                ):
                    continue
                if part.name in type_.members or (type_.kind == "string" and not _is_near(problem)):
                    problem.hint = f'quote it: `"{part.name}"`'
                elif type_.kind == "enum" and not _is_near(problem):
                    problem.hint = "quote the value: it is one of " + ", ".join(
                        f'`"{m}"`' for m in type_.members
                    )

    def _chained(self, node: s.Binary) -> t.Typed:
        assert isinstance(node.left, s.Binary)
        one, two, three = (
            self.text(n.span) or _spelled(n) for n in (node.left.left, node.left.right, node.right)
        )
        hint = f"write it twice: `{one} {node.left.operator} {two} && {two} {node.operator} {three}`"
        message = f"a comparison is true or false, so `{node.operator}` cannot go on from it"
        return self.fail(node.span, "wrong-type", message, hint)

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
        """Allow a redundant null check, but report a null check on something that can never be null."""
        operand = right if left.type.kind == "null" else left
        if operand.type.kind == "null":
            message = "this compares null with null, which says nothing"
            return self.fail(node.span, "needless-null-test", message, "name a fact on one side")
        tested_before = path_of(operand) in scope.known or self._is_row(operand, scope)
        if not operand.type.optional and operand.type.kind != "error" and not tested_before:
            message = f"{self.quote(operand)} is never null here, so this test says nothing"
            return self.fail(
                node.span, "needless-null-test", message, "delete the test, or declare the fact with `?`"
            )
        test = t.IsNull(BOOL, node.span, operand)
        return test if node.operator == "==" else t.Not(BOOL, node.span, test)

    def _is_row(self, node: t.Typed, scope: Scope) -> bool:
        """Whether the value comes from a table that may lose rows. A null check on it is then allowed even if the table is
        complete today."""
        named = scope.conditions.get(node.name) if isinstance(node, t.ConditionRef) else None
        return isinstance(node, t.Row) or (named is not None and named.type.kind == "record")

    def _differ(self, node: s.Binary, left: t.Typed, right: t.Typed) -> t.Typed:
        message = f"`{node.operator}` compares {article(left.type)} with {article(right.type)}"
        hint = conversion_hint(
            left, right, node.operator, self.text(node.left.span), self.text(node.right.span)
        )
        return self.fail(node.span, "wrong-type", message, hint)

    def _ordering(self, node: s.Binary, left: t.Typed, right: t.Typed) -> t.Typed:
        kinds = {self.require(left).kind, self.require(right).kind}
        if "error" in kinds:
            return t.Const(ERROR, node.span, None)
        if len(kinds) != 1 or left.type.scale != right.type.scale:
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
            hint = "for a list of records use `exists`" if kind == "list" else "write the values as `[a, b]`"
            shown, of = self.text(node.left.span), self.text(node.right.span)
            if isinstance(container, t.Const) and kind == "string" and shown and of:
                hint = f"write `{shown} == {of}`, or several values as `[a, b]`"
            elif inner is not None and of and shown and (field := _field_of_kind(inner, item.type)):
                hint = f"write `{of}.exists(x, x.{field} == {shown})`"
            elif kind in TEXTUAL:
                hint = "write the values as `[a, b]`; to look into a text, write `text.contains(…)`"
            return self.fail(container.span, "wrong-type", message, hint)
        if self.require(item).kind == "error":
            return t.Const(ERROR, node.span, None)
        if not comparable(item.type, inner):
            return self._differ_in_list(node, item, container, inner)
        for option in container.items if isinstance(container, t.ListOf) else ():
            self.check_member(option, item)
        if inner.kind == "enum":
            self.check_member(item, t.Const(inner, container.span, None))
        return t.In(BOOL, node.span, item, container)

    def _differ_in_list(self, node: s.Binary, item: t.Typed, container: t.Typed, inner: Type) -> t.Typed:
        values = (
            [i.value for i in container.items if isinstance(i, t.Const)]
            if isinstance(container, t.ListOf)
            else []
        )
        if not values or isinstance(values[0], str) or item.type.kind not in TEXTUAL:
            first = (
                container.items[0]
                if isinstance(container, t.ListOf)
                else t.Const(inner, container.span, None)
            )
            return self._differ(node, item, first)
        message = f"`in` compares {article(item.type)} with {article(inner)}"
        listed = ", ".join(f'"{v}"' for v in values)
        return self.fail(node.span, "wrong-type", message, f"quote them: `[{listed}]`")

    def _sum(self, node: s.Binary, left: t.Typed, right: t.Typed, scope: Scope) -> t.Typed:
        kinds = (self.require(left).kind, self.require(right).kind)
        if "error" in kinds:
            return t.Const(ERROR, node.span, None)
        result = _SUMS.get((kinds[0], node.operator, kinds[1]))
        if kinds == ("decimal", "decimal") and left.type.scale == right.type.scale:
            result = decimal(left.type.scale)
        if result is None:
            message = f"`{node.operator}` does not combine {article(left.type)} and {article(right.type)}"
            same = kinds[0] == kinds[1]
            hint = "numbers and durations add up, and a duration to a timestamp"
            if same and kinds[0] == "timestamp":
                hint = "the time between two moments is `-`; add a duration to a moment, such as `days(30)`"
            elif same and kinds[0] in TEXTUAL:
                hint = "texts are not joined here: declare the text that you need as a fact"
            elif not same or kinds[0] == "decimal":
                hint = conversion_hint(
                    left, right, node.operator, self.text(node.left.span), self.text(node.right.span)
                )
            return self.fail(node.span, "wrong-type", message, hint)
        typed = t.Sum(result, node.span, node.operator, left, right)
        if sums_in(typed, scope.conditions) >= MAX_TERMS:
            return self.fail(
                node.span, "sum-too-long", f"a sum has at most {MAX_TERMS} terms", "pass the total as a fact"
            )
        return self.bounded(typed) if result.kind in EXACT else typed


def _field_of_kind(record: Type, wanted: Type) -> str | None:
    """The first field of a record that can be compared with a value of the wanted kind."""
    return next((name for name, type_ in record.fields if comparable(type_, wanted)), None)


def sums_in(node: t.Typed, named: Mapping[str, NamedCondition]) -> int:
    """Count the sums in an expression, including those in the values that it names."""
    return sum(
        isinstance(n, t.Sum)
        or (named[n.name].sums if isinstance(n, t.ConditionRef) and n.name in named else 0)
        for n in node.walk()
    )


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


_COMPARISONS = frozenset(["==", "!=", "<", "<=", ">", ">="])


def _is_comparison(node: s.Syntax, typed: t.Typed) -> bool:
    """Whether the left operand of a comparison is itself a comparison without parentheses."""
    ordering = isinstance(node, s.Binary) and node.operator in _COMPARISONS - {"==", "!="}
    return ordering and node.span[0] == _first(node) and typed.type.kind in ("bool", "error")


def _first(node: s.Syntax) -> int:
    """Where the text of an operation begins, including any parentheses around its first operand."""
    return node.left.span[0] if isinstance(node, s.Binary) else node.span[0]


def _spelled(node: s.Syntax) -> str:
    """The source spelling of a short operand."""
    match node:
        case s.Name(name=name):
            return name
        case s.Select(operand=operand, field=name):
            return f"{_spelled(operand)}.{name}"
        case s.LiteralValue(value=value) if isinstance(value, int | float):
            return str(value).lower()
        case _:
            return "…"


def _is_near(problem: ExpressionProblem) -> bool:
    return problem.hint is not None and problem.hint.startswith("did you mean")
