"""Conditions are written in their simplest form, so that equivalent conditions look alike.

Bad: a redundant comparison, and a number that few people can read.

    conditions: {paid: is_paid == true, large: amount > 0x1F4}

Good:

    conditions: {paid: is_paid, large: amount > 500}

Messages are checked too: a duration is inserted with its unit, so `{window} days` becomes "30 days days", and the `$` in
`${window}` is printed literally.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from documents.diagnostics import Diagnostic
from engine.expression import typed as t
from engine.expression.problem import ExpressionProblem
from engine.expression.values import show_value
from engine.lint.finding import expressions, warning
from engine.policy.messages import Part, Place
from engine.policy.model import Policy, Rule, Text, Value
from engine.policy.text_position import to_diagnostic
from engine.policy.validated import ValidatedPolicy

CODE = "plain-spelling"


def find(validated: ValidatedPolicy) -> Iterator[Diagnostic]:
    for text, typed in expressions(validated):
        for node in typed.walk():
            problem = _problem(text.text, node)
            if problem is not None:
                yield replace(to_diagnostic(text, problem), severity="warning")
    for text, parts, rule in _messages(validated):
        yield from _dollars(text, parts)
        yield from _units(text, parts, validated.policy, rule)


def _messages(validated: ValidatedPolicy) -> Iterator[tuple[Text, Sequence[Part], Rule | None]]:
    policy = validated.policy
    if policy.otherwise.message is not None:
        yield policy.otherwise.message, validated.otherwise_message, None
    for typed in validated.rules:
        if typed.rule.message is not None:
            yield typed.rule.message, typed.message, typed.rule


def _dollars(text: Text, parts: Sequence[Part]) -> Iterator[Diagnostic]:
    """Find `${name}`, the placeholder syntax of other languages. A `$` before a number is allowed: it may be a currency sign."""
    for before, place in itertools.pairwise(parts):
        if not isinstance(before, str) or not before.endswith("$") or not isinstance(place, Place):
            continue
        if place.type.kind not in ("int", "double"):
            message = f"the `$` before `{place.name}` is shown to people"
            yield warning(text.node, CODE, message, "quote a value as `{name}`, without the `$`")


_UNIT = re.compile(
    r"[\s-]*((?:weeks?|days?|hours?|minutes?|seconds?|hrs?|mins?|secs?|d|h|m|s)\b)", re.IGNORECASE
)
_QUOTED = re.compile(r"\{([^{}]+)\}")


def _units(text: Text, parts: Sequence[Part], policy: Policy, rule: Rule | None) -> Iterator[Diagnostic]:
    """Find `{window} days`, which is rendered as "30 days days"."""
    durations = {p.name: p for p in parts if isinstance(p, Place) and p.type.kind == "duration"}
    for quoted in _QUOTED.finditer(text.text):
        place = durations.get(quoted[1].rpartition(".")[2])
        unit = _UNIT.match(text.text, quoted.end())
        if place is None or unit is None:
            continue
        value = _sample(place, policy, rule)
        reads = f"as `{show_value(value, place.type)}`" if value is not None else "with its unit"
        message = f"`{quoted.group()}` reads {reads} already, and `{unit[1]}` follows it"
        problem = ExpressionProblem(unit.span(1), CODE, message, f"leave out `{unit[1]}`")
        yield replace(to_diagnostic(text, problem), severity="warning")


def _sample(place: Place, policy: Policy, rule: Rule | None) -> Value:
    """An example of what the placeholder may be replaced by, or None for a fact, whose value is not known in advance."""
    if place.kind == "parameter":
        return policy.parameters[place.name].value
    table = policy.parameters[rule.for_each.parameter].table if rule and rule.for_each else None
    return table.named(table.rows[0])[place.name] if place.kind == "row" and table and table.rows else None


def _problem(text: str, node: t.Typed) -> ExpressionProblem | None:
    written = text[slice(*node.span)]
    if isinstance(node, t.Const) and written.lstrip("-").lower().startswith("0x"):
        message = f"`{written}` is a number in base 16"
        return ExpressionProblem(node.span, CODE, message, f"write `{node.value}`")
    if not isinstance(node, t.Compare):
        return None
    for literal, other in ((node.right, node.left), (node.left, node.right)):
        if isinstance(literal, t.Const) and isinstance(literal.value, bool):
            operand = text[slice(*other.span)]
            plain = operand if literal.value is (node.operator == "==") else f"!({operand})"
            simple = plain.replace("(", "").replace(")", "") if operand.replace("_", "").isalnum() else plain
            return ExpressionProblem(
                node.span, CODE, f"`{written}` says no more than `{simple}`", f"write `{simple}`"
            )
    return None
