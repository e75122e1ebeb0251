"""A condition is true for some facts and false for others.

Bad: no amount is both above 100 and below 50, and every currency is one of these two.

    conditions: {odd: amount > 100 && amount < 50, known: currency in ["eur", "usd"]}

Good: the result depends on the facts.

    conditions: {odd: amount < 50 || amount > 100, local: currency == "eur"}

Sound but not complete: a reported condition has the same result for all facts and parameters. Rules that can never apply are
reported by no-unreachable-rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from documents.diagnostics import Diagnostic
from engine.backends.logic.formula import Formula
from engine.backends.logic.search import Effort, GaveUp, can_hold
from engine.backends.logic.translate import Translator
from engine.expression import typed as t
from engine.expression.problem import ExpressionProblem
from engine.lint.finding import expressions, warning
from engine.lint.parts import Part, accused, always_within, parts_of
from engine.policy.model import Text
from engine.policy.text_position import to_diagnostic
from engine.policy.validated import ValidatedPolicy

CODE = "no-constant-condition"
_STEPS_A_QUESTION = 2_000
_STEPS_A_POLICY = 50_000


def find(validated: ValidatedPolicy) -> Iterator[Diagnostic]:
    comparisons = list(_comparisons(validated))
    yield from (problem for _, problem in comparisons)
    accused_parts = {id(node) for node, _ in comparisons}
    search = _Search(validated)
    for text, what, condition, verdicts in _conditions(validated):
        if isinstance(condition, t.Const | t.ConditionRef):
            continue  # a literal, or a named condition, which is reported at its declaration
        if any(id(node) in accused_parts for node in condition.walk()):
            continue
        for wanted, verdict in ((True, "never holds"), (False, "always holds")):
            if verdict in verdicts and not search.can_be(condition, wanted):
                parts = parts_of(text, condition, wanted)
                place = None
                if len(parts) > 1 or parts[0].node is not condition:
                    place = accused(parts, search.can_all_be, validated.policy, CODE, f"{what} {verdict}")
                problem = place or warning(
                    text.node, CODE, f"{what} {verdict}, whatever the facts are", _HINTS[verdict]
                )
                yield replace(problem, severity="warning")


_HINTS = {
    "never holds": "look for parts that exclude each other",
    "always holds": "delete it, or look for the part that lets everything through",
}
_BOTH = ("never holds", "always holds")


def _conditions(validated: ValidatedPolicy) -> Iterator[tuple[Text, str, t.Typed, tuple[str, ...]]]:
    """Each condition with its position, its name, and which constant results to report."""
    for name, text in validated.policy.conditions.items():
        yield text, f"the condition `{name}`", validated.conditions[name], _BOTH
    for number, typed in enumerate(validated.rules, 1):
        rule = typed.rule
        hides = validated.policy.hit == "first" and number < len(validated.rules) and rule.unless is None
        if rule.for_each is None and rule.when is not None and typed.when is not None and not hides:
            yield rule.when, f"`when` of the rule `{rule.id}`", typed.when, _BOTH[1:]
        if rule.for_each is None and rule.unless is not None and typed.unless is not None:
            yield rule.unless, f"`unless` of the rule `{rule.id}`", typed.unless, _BOTH[:1]


def _comparisons(validated: ValidatedPolicy) -> Iterator[tuple[t.Typed, Diagnostic]]:
    """Check comparisons that the bounds of a fact decide, and `count >= 0`: few facts are ever negative."""
    for text, typed in expressions(validated):
        for node in typed.walk():
            if isinstance(node, t.Compare) and (hint := always_within(node, validated.policy)):
                written = text.text[slice(*node.span)]
                problem = ExpressionProblem(node.span, CODE, f"`{written}` always holds", hint)
                yield node, replace(to_diagnostic(text, problem), severity="warning")
            elif isinstance(node, t.Compare) and _is_fact_from_zero(node):
                written = text.text[slice(*node.span)]
                message = f"`{written}` holds for every number that is not negative"
                shown = written.replace(">=", ">").replace("<=", "<")
                problem = ExpressionProblem(
                    node.span, CODE, message, f"write `{shown}` if none is not enough"
                )
                yield node, replace(to_diagnostic(text, problem), severity="warning")


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
        """Whether some facts make a condition come out as wanted, as far as the remaining effort can tell."""
        return self._can_hold([self.translator.formula(condition, wanted)])

    def can_all_be(self, parts: list[Part]) -> bool:
        return self._can_hold([self.translator.formula(part.node, part.wanted) for part in parts])

    def _can_hold(self, formulas: list[Formula]) -> bool:
        given = min(_STEPS_A_QUESTION, self.steps)
        effort = Effort(given)
        try:
            return can_hold([*formulas, *self.translator.known], effort, self.translator.enums)
        except GaveUp:
            return True
        finally:
            self.steps -= given - max(effort.steps, 0)
