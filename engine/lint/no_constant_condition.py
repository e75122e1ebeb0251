"""A condition holds for some facts and not for others, or it says nothing.

Bad: no amount is above 100 and below 50, and every currency is one of the two.

    conditions: {odd: amount > 100 && amount < 50, known: currency in ["eur", "usd"]}

Good: what the facts decide.

    conditions: {odd: amount < 50 || amount > 100, local: currency == "eur"}

Sound, not complete: a condition that is accused comes out alike whatever the facts and the parameters are. Rules that can
never apply are what no-unreachable-rule tells of.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from documents.diagnostics import Diagnostic
from documents.nodes import Node
from engine.backends.logic.search import Effort, GaveUp, can_hold
from engine.backends.logic.translate import Translator
from engine.expression import typed as t
from engine.expression.problem import ExpressionProblem
from engine.lint.finding import expressions, warning
from engine.policy.text_position import to_diagnostic
from engine.policy.validated import ValidatedPolicy

CODE = "no-constant-condition"
_STEPS_A_QUESTION = 2_000
_STEPS_A_POLICY = 50_000


def find(validated: ValidatedPolicy) -> Iterator[Diagnostic]:
    yield from _at_least_nothing(validated)
    search = _Search(validated)
    for node, what, condition, accused in _conditions(validated):
        if isinstance(condition, t.Const | t.ConditionRef):
            continue  # written so, or accused where the condition stands
        for wanted, told in ((True, "never holds"), (False, "always holds")):
            if told in accused and not search.can_be(condition, wanted):
                yield warning(node, CODE, f"{what} {told}, whatever the facts are", _HINTS[told])


_HINTS = {
    "never holds": "look for parts that exclude each other",
    "always holds": "delete it, or look for the part that lets everything through",
}
_BOTH = ("never holds", "always holds")


def _conditions(validated: ValidatedPolicy) -> Iterator[tuple[Node, str, t.Typed, tuple[str, ...]]]:
    """Where each condition stands, what it is called, and what it may be accused of."""
    for name, text in validated.policy.conditions.items():
        yield text.node, f"the condition `{name}`", validated.conditions[name], _BOTH
    for typed in validated.rules:
        rule = typed.rule
        if rule.for_each is None and rule.when is not None and typed.when is not None:
            yield rule.when.node, f"`when` of the rule `{rule.id}`", typed.when, _BOTH[1:]
        if rule.for_each is None and rule.unless is not None and typed.unless is not None:
            yield rule.unless.node, f"`unless` of the rule `{rule.id}`", typed.unless, _BOTH[:1]


def _at_least_nothing(validated: ValidatedPolicy) -> Iterator[Diagnostic]:
    """`count >= 0`, which holds for every number that is not negative; few facts ever are."""
    for text, typed in expressions(validated):
        for node in typed.walk():
            if isinstance(node, t.Compare) and _is_fact_from_zero(node):
                written = text.text[slice(*node.span)]
                message = f"`{written}` holds for every number that is not negative"
                problem = ExpressionProblem(node.span, CODE, message, "write `> 0` if none is not enough")
                yield replace(to_diagnostic(text, problem), severity="warning")


def _is_fact_from_zero(node: t.Compare) -> bool:
    for fact, operator, zero in ((node.left, ">=", node.right), (node.right, "<=", node.left)):
        if isinstance(fact, t.FactRef) and node.operator == operator and isinstance(zero, t.Const):
            return zero.type.kind == "int" and zero.value == 0
    return False


class _Search:
    def __init__(self, validated: ValidatedPolicy) -> None:
        self.translator = Translator(validated, settled=False)
        self.steps = _STEPS_A_POLICY

    def can_be(self, condition: t.Typed, wanted: bool) -> bool:
        """Whether some facts make a condition come out as wanted, as far as the effort that is left can tell."""
        given = min(_STEPS_A_QUESTION, self.steps)
        effort = Effort(given)
        formula = self.translator.formula(condition, wanted)
        try:
            return can_hold([formula, *self.translator.known], effort, self.translator.enums)
        except GaveUp:
            return True
        finally:
            self.steps -= given - max(effort.steps, 0)
