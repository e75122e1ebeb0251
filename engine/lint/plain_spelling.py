"""Conditions say things in the plainest way, so that two that mean the same look the same.

Bad: a comparison that adds nothing, and a number that few people can read.

    conditions: {paid: is_paid == true, large: amount > 0x1F4}

Good:

    conditions: {paid: is_paid, large: amount > 500}
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

from documents.diagnostics import Diagnostic
from engine.expression import typed as t
from engine.expression.problem import ExpressionProblem
from engine.lint.finding import expressions, warning
from engine.policy.messages import Place
from engine.policy.text_position import to_diagnostic
from engine.policy.validated import ValidatedPolicy

CODE = "plain-spelling"


def find(validated: ValidatedPolicy) -> Iterator[Diagnostic]:
    for text, typed in expressions(validated):
        for node in typed.walk():
            problem = _problem(text.text, node)
            if problem is not None:
                yield replace(to_diagnostic(text, problem), severity="warning")
    yield from _dollars(validated)


def _dollars(validated: ValidatedPolicy) -> Iterator[Diagnostic]:
    """`${name}` of other languages, in which the `$` is no part of the text; before a number it may be money."""
    texts = [(validated.policy.otherwise.message, validated.otherwise_message)]
    texts += [(rule.rule.message, rule.message) for rule in validated.rules]
    for text, parts in texts:
        for before, place in itertools.pairwise(parts):
            if (
                text is None
                or not isinstance(before, str)
                or not before.endswith("$")
                or not isinstance(place, Place)
            ):
                continue
            if place.type.kind not in ("int", "double"):
                message = f"the `$` before `{place.name}` is shown to people"
                yield warning(text.node, CODE, message, "quote a value as `{name}`, without the `$`")


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
