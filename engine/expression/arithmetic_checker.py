"""Type-check `+`, `-` and `*`, and give numbers beside decimals the places of those."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.expression import syntax as s
from engine.expression import typed as t
from engine.expression.arithmetic import DOWN
from engine.expression.decimals import alike, as_decimal, exact_literal
from engine.expression.exact_checker import ExactChecker
from engine.expression.intervals import EXACT
from engine.expression.scope import NamedCondition, Scope
from engine.expression.types import (
    BOOL,
    DOUBLE,
    ERROR,
    INT,
    MAX_PRODUCT_PLACES,
    STRING,
    TEXTUAL,
    TIMESTAMP,
    Type,
    article,
    decimal,
    unbounded,
)

MAX_TERMS = 16


class ArithmeticChecker(ExactChecker):
    def unary(self, node: s.Unary, scope: Scope) -> t.Typed:
        operand = self.check(node.operand, scope)
        if node.operator == "!":
            self.expect(operand, BOOL)
            return t.Not(BOOL, node.span, operand)
        type_ = unbounded(self.require(operand))
        if type_.kind not in ("int", "decimal", "double", "duration", "error"):
            message = f"`-` does not apply to {article(operand.type)}"
            return self.fail(node.span, "wrong-type", message, "only numbers and durations can be negative")
        zero = t.Const(type_, node.span, 0.0 if type_.kind == "double" else 0)
        return t.Sum(type_, node.span, "-", zero, operand)

    def beside_decimals(self, operator: str, left: t.Typed, right: t.Typed) -> tuple[t.Typed, t.Typed]:
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
        if operator in s.COMPARISONS and one.type.kind == other.type.kind == "decimal":
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

    def product(self, node: s.Binary, left: t.Typed, right: t.Typed) -> t.Typed:
        left, right = (exact_literal(side) or side for side in (left, right))
        kinds = {self.require(left).kind, self.require(right).kind}
        if "error" in kinds:
            return t.Const(ERROR, node.span, None)
        if not kinds <= {"int", "decimal"}:
            record = next((side for side in (left, right) if side.type.kind == "record"), None)
            if record is not None:
                return self.whole_record(record, ("int", "decimal"))
            message = f"`*` does not multiply {article(left.type)} and {article(right.type)}"
            return self.fail(node.span, "wrong-type", message, self._product_hint(left, right))
        scale = left.type.scale + right.type.scale
        if scale > MAX_PRODUCT_PLACES:
            message = f"this has {scale} decimal places, and at most {MAX_PRODUCT_PLACES} are exact"
            hint = 'round one side first: `round(…, 2, "half_even")`'
            return self.fail(node.span, "too-many-places", message, hint)
        return self.bounded(t.Product(decimal(scale), node.span, left, right))

    def _product_hint(self, left: t.Typed, right: t.Typed) -> str:
        """What to write for a product of a duration or a double: a small number of times it is a sum."""
        for one, other in ((left, right), (right, left)):
            times = one.value if isinstance(one, t.Const) else None
            shown, added = self.text(other.span), other.type.kind in ("duration", "double")
            if added and shown and times in (2, 3, 4) and not isinstance(other, t.Const):
                return f"write `({' + '.join([shown] * int(times))})`"
        kinds = {left.type.kind, right.type.kind}
        if "duration" in kinds:
            return "declare the longer duration as a parameter, or as a column of a table"
        if "double" in kinds:
            names = [self.name_of(side) for side in (left, right) if side.type.kind == "double"]
            named = " and ".join(f"`{name}`" for name in names if name) or "the double"
            return f"declare {named} as `int` if it is a whole number, otherwise as `{{decimal: 2}}`: both are exact"
        return "ints and decimals are multiplied"

    def sum(self, node: s.Binary, left: t.Typed, right: t.Typed, scope: Scope) -> t.Typed:
        kinds = (self.require(left).kind, self.require(right).kind)
        if "error" in kinds:
            return t.Const(ERROR, node.span, None)
        result = _SUMS.get((kinds[0], node.operator, kinds[1]))
        if kinds == ("decimal", "decimal") and left.type.scale == right.type.scale:
            result = decimal(left.type.scale)
        if result is None:
            message = f"`{node.operator}` does not combine {article(left.type)} and {article(right.type)}"
            kind = kinds[0]
            if kinds != (kind, kind) or kind == "decimal":
                return self.mismatch(node.span, node.operator, message, left, right)
            hint = "numbers and durations add up, and a duration to a timestamp"
            if kind == "timestamp":
                hint = "the time between two moments is `-`; add a duration to a moment, such as `days(30)`"
            elif kind in TEXTUAL:
                hint = "texts are not joined here: declare the text that you need as a fact"
            return self.fail(node.span, "wrong-type", message, hint)
        typed = t.Sum(result, node.span, node.operator, left, right)
        if sums_in(typed, scope.conditions) >= MAX_TERMS:
            return self.fail(
                node.span, "sum-too-long", f"a sum has at most {MAX_TERMS} terms", "pass the total as a fact"
            )
        return self.bounded(typed) if result.kind in EXACT else typed


def sums_in(node: t.Typed, named: Mapping[str, NamedCondition]) -> int:
    """Count the sums in an expression, including those in the values that it names."""
    return sum(
        isinstance(n, t.Sum) or (named[n.name].sums if isinstance(n, t.ConditionRef) else 0)
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
