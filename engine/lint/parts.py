"""Find the parts of a condition that explain why it is always false or always true."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations

from documents.diagnostics import Diagnostic
from engine.expression import typed as t
from engine.expression.problem import ExpressionProblem
from engine.expression.values import format_value
from engine.policy.model import Policy, Text
from engine.policy.text_position import to_diagnostic
from engine.policy.validated import TypedRule

MAX_PARTS = 8
"""In a condition with more parts, pairs of parts are not compared."""
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a condition that must come out as `wanted`."""

    text: Text
    node: t.Typed
    wanted: bool

    @property
    def shown(self) -> str:
        return self.text.text[slice(*self.node.span)]


def parts_of(text: Text, node: t.Typed, wanted: bool) -> list[Part]:
    """The parts that must all come out as wanted for the condition to do so."""
    if isinstance(node, t.Not) and isinstance(node.operand, t.Not | t.And | t.Or):
        return parts_of(text, node.operand, not wanted)
    if isinstance(node, t.And if wanted else t.Or):
        return [part for operand in node.operands for part in parts_of(text, operand, wanted)]
    return [Part(text, node, wanted)]


def parts_of_rule(typed: TypedRule) -> list[Part]:
    """The parts that must hold for a rule to apply."""
    parts = []
    if typed.rule.when is not None and typed.when is not None:
        parts += parts_of(typed.rule.when, typed.when, True)
    if typed.rule.unless is not None and typed.unless is not None:
        parts += parts_of(typed.rule.unless, typed.unless, False)
    return parts


def accused(
    parts: list[Part], can_hold: Callable[[list[Part]], bool], policy: Policy, code: str, message: str
) -> Diagnostic | None:
    """A diagnostic at one part that never comes out as wanted, or at two that never do together; None if neither is found."""
    if len(parts) > MAX_PARTS:
        return None
    for part in parts:
        if not can_hold([part]):
            verdict = "never" if part.wanted else "always"
            hint = _bound(part.node, policy) or f"correct it: it {verdict} holds, whatever the facts are"
            return _at(part, part, code, f"{message}: `{part.shown}` {verdict} holds", hint)
    for one, other in combinations(parts, 2):
        if not can_hold([one, other]):
            reason, hint = _together(one, other)
            joined = [replace(part, wanted=not one.wanted) for part in (one, other)]
            if one.wanted == other.wanted and not can_hold(joined):
                hint = "correct one of the two, or leave one out"  # the other operator would be constant too
            return _at(one, other, code, f"{message}: {reason}", hint)
    return None


def _together(one: Part, other: Part) -> tuple[str, str]:
    if one.wanted and other.wanted:
        reason = f"`{one.shown}` and `{other.shown}` exclude each other"
        return reason, "correct one of the two, or join them with `||` if one is enough"
    if one.wanted != other.wanted:
        positive, negative = (one, other) if one.wanted else (other, one)
        return f"`{negative.shown}` holds wherever `{positive.shown}` does", "correct one of the two"
    return f"`{one.shown}` or `{other.shown}` always holds", "correct one of the two, or join them with `&&`"


def _at(first: Part, last: Part, code: str, message: str, hint: str) -> Diagnostic:
    start = first.node.span[0] if first.text is last.text else last.node.span[0]
    span = min(start, last.node.span[0]), max(last.node.span[1], start + 1)
    return to_diagnostic(last.text, ExpressionProblem(span, code, message, hint))


_HOLDS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def always_within(node: t.Compare, policy: Policy) -> str | None:
    """A hint about a comparison that is true for every value within the bounds of a fact; None if it can be false."""
    for fact, number, sign in (
        (node.left, node.right, node.operator),
        (node.right, node.left, _MIRRORED[node.operator]),
    ):
        if isinstance(fact, t.FactRef) and isinstance(number, t.Const) and sign in _HOLDS:
            declared = policy.facts[fact.name].type
            furthest = declared.maximum if sign[0] == "<" else declared.minimum
            if (
                furthest is not None
                and isinstance(number.value, int | float)
                and _HOLDS[sign](furthest, number.value)
            ):
                return _bound(node, policy)
    return None


def _bound(node: t.Typed, policy: Policy) -> str | None:
    """The declared bound that makes a comparison of a fact with a number always true or always false."""
    if not isinstance(node, t.Compare):
        return None
    for fact, number, sign in (
        (node.left, node.right, node.operator),
        (node.right, node.left, _MIRRORED[node.operator]),
    ):
        if not isinstance(fact, t.FactRef) or not isinstance(number, t.Const):
            continue
        declared = policy.facts[fact.name]
        low, high = declared.type.minimum, declared.type.maximum
        value = number.value
        if not isinstance(value, int | float):
            return None
        above = high is not None and (value > high or (value == high and sign in (">", "<=")))
        bound = high if above else low
        if bound is None:
            return None
        line, _ = declared.node.source.line_column(declared.node.start)
        shown = format_value(bound, declared.type)
        most = "most" if above else "least"
        return f"`{fact.name}` is at {most} `{shown}`, as line {line} declares: correct one of the two"
    return None
