"""What SQL cannot express exactly, and where it stands in the policy."""

from __future__ import annotations

from collections.abc import Iterator

from documents.diagnostics import Diagnostic
from engine.expression import typed as t
from engine.expression.problem import ExpressionProblem
from engine.policy.model import Text
from engine.policy.text_position import to_diagnostic
from engine.policy.validated import ValidatedPolicy


class CannotSay(Exception):
    """`node` is the part that cannot be expressed."""

    def __init__(self, what: str, node: t.Typed | None = None) -> None:
        super().__init__(what)
        self.node = node


def located(error: CannotSay, validated: ValidatedPolicy) -> Diagnostic:
    """A diagnostic at the part itself, or at the policy if no expression contains it."""
    policy = validated.policy
    message = f"{error} cannot be written exactly in SQL"
    hint = "the compiler decides these rows instead, which is slower"
    for tree, text in _written(validated):
        if any(node is error.node for node in tree.walk()):
            span = error.node.span if error.node is not None else (0, 1)
            return to_diagnostic(text, ExpressionProblem(span, "not-in-sql", message, hint))
    return policy.node.diagnostic("not-in-sql", message, hint)


def _written(validated: ValidatedPolicy) -> Iterator[tuple[t.Typed, Text]]:
    policy = validated.policy
    for rule in validated.rules:
        for tree, text in ((rule.when, rule.rule.when), (rule.unless, rule.rule.unless)):
            if tree is not None and text is not None:
                yield tree, text
        yield from ((tree, rule.rule.sets[name]) for name, tree in rule.sets.items())
    yield from ((tree, policy.named[name]) for name, tree in validated.conditions.items())
    yield from ((tree, policy.otherwise.sets[name]) for name, tree in validated.otherwise_sets.items())
    for name, tree in validated.outputs.items():
        value = policy.outputs[name].value
        if value is not None:
            yield tree, value
