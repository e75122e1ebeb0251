"""With `hit: unique`, two rules with different answers never apply together.

Bad: both rules apply to a paid order of 150.

    hit: unique
    rules: [{id: large, when: amount > 100, then: deny}, {id: paid, when: paid, then: allow}]

Good: each order has a single answer.

    hit: unique
    rules: [{id: large, when: amount > 100, then: deny}, {id: paid, when: paid && amount <= 100, then: allow}]

An answer consists of the outcome, the status and the outputs that are set. An overlap is demonstrated by an input on which both
rules were evaluated. An overlap that can be neither demonstrated nor ruled out is also an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from documents.diagnostics import Diagnostic
from documents.nodes import Node
from engine.backends.logic.formula import Formula
from engine.backends.logic.search import Effort, GaveUp, can_hold
from engine.backends.logic.translate import Translator
from engine.backends.reference import rows_of
from engine.lint.common_input import common_input
from engine.policy.validated import TypedRule, ValidatedPolicy

CODE = "not-proven-unique"
MAX_ENTRIES = 300
_STEPS_A_QUESTION = 20_000
_STEPS_A_POLICY = 400_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A rule, or one row of a table rule."""

    name: str
    node: Node
    rule: TypedRule
    row: dict[str, Any]
    answer: tuple[object, ...]
    applies: Formula


def find(validated: ValidatedPolicy) -> Iterator[Diagnostic]:
    if validated.policy.hit != "unique":
        return
    search = _Search(validated)
    if len(search.entries) > MAX_ENTRIES:
        message = f"{len(search.entries)} rules and rows are too many to prove that no two apply together"
        hint = f"use at most {MAX_ENTRIES}, or `hit: first`"
        yield validated.policy.node.diagnostic(CODE, message, hint)
        return
    accused: set[int] = set()
    for one, other in combinations(search.entries, 2):
        if one.answer != other.answer and other.node.start not in accused and search.may_overlap(one, other):
            accused.add(other.node.start)
            yield _accusation(one, other, validated)


def _accusation(one: Entry, other: Entry, validated: ValidatedPolicy) -> Diagnostic:
    example = common_input(validated, [(one.rule.applies, one.row), (other.rule.applies, other.row)])
    names = f"`{one.name}` and `{other.name}`"
    if example is None:
        message = f"it is not proven that {names} never apply together"
        return other.node.diagnostic(CODE, message, "test the opposite of what the first one tests")
    message = f"{names} both apply where {example}, and answer differently"
    return other.node.diagnostic(CODE, message, "let one of them exclude the other, or use `hit: first`")


class _Search:
    def __init__(self, validated: ValidatedPolicy) -> None:
        self.translator = Translator(validated, settled=True)
        self.steps = _STEPS_A_POLICY
        self.entries = [
            self._entry(rule, name, row)
            for rule in validated.rules
            for name, row in rows_of(rule, validated.policy)
        ]

    def _entry(self, rule: TypedRule, name: str, row: dict[str, Any]) -> Entry:
        variable, cells = next(iter(row.items()), ("", {}))
        sets = tuple(
            (output, self.translator.value_key(tree, variable, cells))
            for output, tree in sorted(rule.sets.items())
        )
        answer = (rule.rule.then, rule.rule.status, sets)
        applies = self.translator.formula(rule.applies, True, variable, cells)
        return Entry(name, rule.rule.id_node, rule, row, answer, applies)

    def may_overlap(self, one: Entry, other: Entry) -> bool:
        given = min(_STEPS_A_QUESTION, self.steps)
        effort = Effort(given)
        formulas = [one.applies, other.applies, *self.translator.known]
        try:
            return can_hold(formulas, effort, self.translator.enums)
        except GaveUp:
            return True
        finally:
            self.steps -= given - max(effort.steps, 0)
