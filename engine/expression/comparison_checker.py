"""Type-check comparisons, tests against null, and `in`."""

from __future__ import annotations

from engine.expression import syntax as s
from engine.expression import typed as t
from engine.expression.base_checker import BaseChecker
from engine.expression.problem import ExpressionProblem
from engine.expression.scope import Scope, path_of
from engine.expression.types import (
    BOOL,
    ERROR,
    ORDERED,
    TEXTUAL,
    Type,
    article,
    comparable,
)


class ComparisonChecker(BaseChecker):
    def equality(self, node: s.Binary, left: t.Typed, right: t.Typed, scope: Scope) -> t.Typed:
        if left.type.kind == "null" or right.type.kind == "null":
            return self._null_test(node, left, right, scope)
        if refused := self._optional_record(node, left, right):
            return refused
        self.require(left)
        self.require(right)
        if not comparable(left.type, right.type):
            return self._differ(node, left, right)
        self.check_member(left, right.type, self.quote(right))
        self.check_member(right, left.type, self.quote(left))
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
            optional = (
                "`optional: true`" if operand.type.kind in ("record", "list", "decimal", "enum") else "`?`"
            )
            hint = f"delete the test, or declare the fact with {optional}"
            return self.fail(node.span, "needless-null-test", message, hint)
        test = t.IsNull(BOOL, node.span, operand)
        return test if node.operator == "==" else t.Not(BOOL, node.span, test)

    def _is_row(self, node: t.Typed, scope: Scope) -> bool:
        """Whether the value comes from a table that may lose rows. A null check on it is then allowed even if the table is
        complete today."""
        named = scope.conditions.get(node.name) if isinstance(node, t.ConditionRef) else None
        return isinstance(node, t.Row) or (named is not None and named.type.kind == "record")

    def _differ(self, node: s.Binary, left: t.Typed, right: t.Typed) -> t.Typed:
        message = f"`{node.operator}` compares {article(left.type)} with {article(right.type)}"
        return self.mismatch(node.span, node.operator, message, left, right)

    def _optional_record(self, node: s.Binary, left: t.Typed, right: t.Typed) -> t.Typed | None:
        """Report `skipper == owner.id` once, where `skipper` is a record that may be null."""
        for one, other in ((left, right), (right, left)):
            field = _field_of_kind(one.type, other.type)
            if field is None or not one.type.optional or self.missing_row(one) is not None:
                continue
            self.require(other)
            shown = self.shown(one)
            before, behind = (
                self.written[node.span[0] : one.span[0]],
                self.written[one.span[1] : node.span[1]],
            )
            hint = f"write `{shown} != null && {before}{shown}.{field}{behind}`"
            message = f"{self.quote(one)} is a record that may be null, not one of its fields"
            return self.fail(node.span, "wrong-type", message, hint)
        return None

    def ordering(self, node: s.Binary, left: t.Typed, right: t.Typed) -> t.Typed:
        if refused := self._optional_record(node, left, right):
            return refused
        kinds = {self.require(left).kind, self.require(right).kind}
        if "error" in kinds:
            return t.Const(ERROR, node.span, None)
        if len(kinds) != 1 or left.type.scale != right.type.scale:
            return self._differ(node, left, right)
        if left.type.kind not in ORDERED:
            message = f"`{node.operator}` does not order {article(left.type)}"
            return self.fail(
                node.span, "wrong-type", message, "numbers, durations and timestamps have an order"
            )
        return t.Compare(BOOL, node.span, node.operator, left, right)

    def membership(self, node: s.Binary, item: t.Typed, container: t.Typed) -> t.Typed:
        kind = self.require(container).kind
        inner = container.type.item
        if kind == "error" or item.type.kind == "error":
            return t.Const(ERROR, node.span, None)
        if inner is None or inner.kind == "record":
            message = (
                f"`in` needs a list of plain values, but {self.quote(container)} is {article(container.type)}"
            )
            span = node.span
            hint = (
                "for a list of records use `exists`"
                if kind == "list"
                else "write the values in brackets, as `[…]`"
            )
            shown, of = self.shown(node.left), self.shown(node.right)
            if isinstance(container, t.Const) and kind == "string":
                hint = f"write `{shown} == {of}`, or several values in brackets, as `[…]`"
            elif inner is not None and (field := _field_of_kind(inner, item.type)):
                hint = f"write `{of}.exists(x, x.{field} == {shown})`"
            elif kind in TEXTUAL:
                span = container.span
                looked = f"{of}.contains({shown})"
                hint = f"write several values in brackets, as `[…]`; to look into a text, write `{looked}`"
            return self.fail(span, "wrong-type", message, hint)
        if self.require(item).kind == "error":
            return t.Const(ERROR, node.span, None)
        if not comparable(item.type, inner):
            return self._differ_in_list(node, item, container, inner)
        for option in container.items if isinstance(container, t.ListOf) else ():
            self.check_member(option, item.type, self.quote(item))
        self.check_member(item, inner, "this enum")
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
        return self.fail(container.span, "wrong-type", message, f"quote them: `[{listed}]`")

    def chained(self, node: s.Binary) -> t.Typed:
        assert isinstance(node.left, s.Binary)
        one, two, three = (self.shown(n) for n in (node.left.left, node.left.right, node.right))
        hint = f"write it twice: `{one} {node.left.operator} {two} && {two} {node.operator} {three}`"
        message = f"a comparison is true or false, so `{node.operator}` cannot go on from it"
        return self.fail(node.span, "wrong-type", message, hint)

    def empty_text(self, node: s.Binary, scope: Scope) -> t.Typed | None:
        """Report `sent_at != ""`: a missing value is null, not an empty string."""
        for one, other in ((node.left, node.right), (node.right, node.left)):
            empty = isinstance(one, s.LiteralValue) and one.value == "" and node.operator in ("==", "!=")
            if not empty or not isinstance(other, s.Name | s.Select):
                continue
            operand = self.check(other, scope)
            if operand.type.optional and operand.type.kind not in TEXTUAL:
                shown = self.shown(other)
                message = f"{self.quote(operand)} is {article(operand.type.required())}, and where there is none it is null"
                self.fail(node.span, "wrong-type", message, f"write `{shown} {node.operator} null`")
                test = t.IsNull(BOOL, node.span, operand)
                return test if node.operator == "==" else t.Not(BOOL, node.span, test)
        return None

    def negated(self, node: s.Binary, scope: Scope) -> t.Typed | None:
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
        whole = f"{self.shown(left.operand)} {node.operator} {self.shown(node.right)}"
        message = f"the `!` belongs to {self.quote(operand)} alone, which is {article(operand.type)}"
        return self.fail(node.span, "wrong-type", message, f"write `!({whole})`")

    def hint_quotes(self, operand: s.Syntax, type_: Type, other: t.Typed | None = None) -> None:
        """Hint at `kyc == verified`: an unknown name compared with a string or enum is probably a string without quotes."""
        for part in operand.items if isinstance(operand, s.ListLiteral) else (operand,):
            for problem in self.problems:
                if (
                    not isinstance(part, s.Name)
                    or problem.span != part.span
                    or problem.code != "unknown-name"
                ):
                    continue
                if part.name in type_.members:
                    of = (
                        f", a value of {self.quote(other)}"
                        if other is not None and other.type.members
                        else ""
                    )
                    problem.hint = f'quote it: `"{part.name}"`{of}'
                elif type_.kind == "string" and not _is_near(problem):
                    problem.hint = f'quote it: `"{part.name}"`'
                elif type_.kind == "enum" and not _is_near(problem):
                    problem.hint = "quote the value: it is one of " + ", ".join(
                        f'`"{m}"`' for m in type_.members
                    )


def _field_of_kind(record: Type, wanted: Type) -> str | None:
    """The first field of a record that can be compared with a value of the wanted kind."""
    return next((name for name, type_ in record.fields if comparable(type_, wanted)), None)


def is_comparison(node: s.Syntax, typed: t.Typed) -> bool:
    """Whether the left operand of a comparison is itself a comparison without parentheses."""
    return (
        isinstance(node, s.Binary)
        and node.operator in s.COMPARISONS - {"==", "!="}
        and node.span[0] == node.left.span[0]
        and typed.type.kind in ("bool", "error")
    )


def _is_near(problem: ExpressionProblem) -> bool:
    return problem.hint is not None and problem.hint.startswith("did you mean")
