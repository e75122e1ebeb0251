"""Try to prove that a mutant decides as the policy does for all facts.

For example, two rules that never apply together can be swapped, and a part of a condition that earlier rules already decide can
be removed. INVARIANT: a mutant counts as equivalent only if `engine.backends.logic` proves a difference impossible, so none that
differs is excused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from itertools import combinations
from typing import Any

from engine.backends.logic.formula import Formula
from engine.backends.logic.search import Effort, GaveUp, can_hold
from engine.backends.logic.translate import Row, Translator
from engine.backends.reference import rows_of
from engine.expression import typed as t
from engine.expression.types import BOOL
from engine.policy.model import Otherwise, Policy, Rule
from engine.policy.validated import ValidatedPolicy

MAX_ENTRIES = 200
"""Policies with more rules and rows than this are not examined."""
_STEPS_A_QUESTION = 20_000
_SIGN = "'"


@dataclass(frozen=True, slots=True)
class Entry:
    """The answer of a rule or row, when it applies, and when it does not."""

    answer: tuple[object, ...]
    applies: Formula
    applies_not: Formula


def equivalent(policy: ValidatedPolicy, mutant: ValidatedPolicy) -> bool:
    """Whether the two are proven to agree on outcome, rule, message, obligations, matched rules and outputs for all facts."""
    if _fixed(policy.policy) != _fixed(mutant.policy):
        return False
    both = _side_by_side(policy, mutant)
    proof = _Proof(Translator(both, settled=True))
    if not all(proof.same_output(tree, _signed(mutant.outputs[n])) for n, tree in policy.outputs.items()):
        return False
    one, other = proof.entries(policy, signed=False), proof.entries(mutant, signed=True)
    if max(len(one), len(other)) > MAX_ENTRIES:
        return False
    return proof.same_all(one, other) if policy.policy.finds_all else proof.same_first(one, other)


def _fixed(policy: Policy) -> tuple[object, ...]:
    """What must be equal before anything can be proven."""
    parameters = {n: (p.value, p.table.rows if p.table else ()) for n, p in policy.parameters.items()}
    facts = {name: fact.type for name, fact in policy.facts.items()}
    outputs = {name: (o.type, o.is_set, o.default) for name, o in policy.outputs.items()}
    return (policy.hit, policy.on_error, _answer(policy.otherwise, ""), parameters, facts, outputs)


def _answer(part: Rule | Otherwise, row: str) -> tuple[object, ...]:
    message = part.message.text if part.message else None
    return (part.id, row, part.then, part.obligations, message, part.status)


def _side_by_side(policy: ValidatedPolicy, mutant: ValidatedPolicy) -> ValidatedPolicy:
    """One policy with the conditions of both; names from the mutant are marked."""
    theirs = {name + _SIGN: _signed(tree) for name, tree in mutant.conditions.items()}
    return replace(policy, conditions={**policy.conditions, **theirs})


def _signed(node: t.Typed) -> t.Typed:
    if isinstance(node, t.ConditionRef):
        return replace(node, name=node.name + _SIGN)
    return replace(node, **{f.name: _signed_part(getattr(node, f.name)) for f in fields(node)})


def _signed_part(value: Any) -> Any:
    if isinstance(value, t.Typed):
        return _signed(value)
    return tuple(_signed_part(v) for v in value) if isinstance(value, tuple) else value


class _Proof:
    def __init__(self, translator: Translator) -> None:
        self.translator = translator

    def entries(self, validated: ValidatedPolicy, *, signed: bool) -> list[Entry]:
        """Every rule and row in order, then `otherwise`."""
        entries = []
        for rule in validated.rules:
            applies = _signed(rule.applies) if signed and rule.applies is not None else rule.applies
            for id_, variables in rows_of(rule, validated.policy):
                variable, row = next(iter(variables.items()), ("", {}))
                yes, no = (
                    self.translator.formula(applies, wanted, variable, row) for wanted in (True, False)
                )
                sets = self._sets(rule.sets, signed, variable, row)
                entries.append(Entry((*_answer(rule.rule, id_), *sets), yes, no))
        sets = self._sets(validated.otherwise_sets, signed, "", {})
        return [*entries, Entry((*_answer(validated.policy.otherwise, ""), *sets), True, False)]

    def _sets(self, sets: Mapping[str, t.Typed], signed: bool, variable: str, row: Row) -> list[object]:
        """What is set, as keys that are equal only for expressions that always have the same value."""
        trees = sorted(sets.items())
        return [
            (name, self.translator.value_key(_signed(tree) if signed else tree, variable, row))
            for name, tree in trees
        ]

    def same_first(self, one: list[Entry], other: list[Entry]) -> bool:
        """Whether the first entries that apply always have the same answer."""
        return not any(
            mine.answer != theirs.answer and self._possible([*deciding, *deciding_there])
            for mine, deciding in _deciding(one)
            for theirs, deciding_there in _deciding(other)
        )

    def same_all(self, one: list[Entry], other: list[Entry]) -> bool:
        """Whether the same entries always apply, in the same order."""
        mine, theirs = ({e.answer: e for e in entries} for entries in (one, other))
        if len(mine) != len(one) or len(theirs) != len(other):
            return False
        lost = [[e.applies] for a, e in [*mine.items(), *theirs.items()] if a not in mine or a not in theirs]
        kept = [(mine[a], theirs[a]) for a in mine if a in theirs]
        changed = [[a.applies, b.applies_not] for a, b in kept] + [
            [a.applies_not, b.applies] for a, b in kept
        ]
        places = {answer: place for place, answer in enumerate(theirs)}
        together = combinations([a for a, _ in kept], 2)
        swapped = [[a.applies, b.applies] for a, b in together if places[a.answer] > places[b.answer]]
        return not any(map(self._possible, [*lost, *changed, *swapped]))

    def same_output(self, one: t.Typed, other: t.Typed) -> bool:
        """Whether two outputs are always equal. Each branch of `? :` is examined separately."""
        return not any(
            self._possible([*guards, *guards_there, self._differ(value, value_there)])
            for guards, value in self._values(one)
            for guards_there, value_there in self._values(other)
        )

    def _values(self, node: t.Typed) -> Iterator[tuple[list[Formula], t.Typed]]:
        """The possible values of an output, each with the condition that leads to it."""
        if not isinstance(node, t.IfElse):
            yield [], node
            return
        for side, holds in ((node.then, True), (node.otherwise, False)):
            condition = self.translator.formula(node.condition, holds)
            yield from (([condition, *guards], value) for guards, value in self._values(side))

    def _differ(self, one: t.Typed, other: t.Typed) -> Formula:
        if "null" in (one.type.kind, other.type.kind):
            return one.type.kind != other.type.kind
        return self.translator.formula(t.Compare(BOOL, one.span, "!=", one, other), True)

    def _possible(self, formulas: list[Formula]) -> bool:
        """Whether the formulas are satisfiable; also True if the search gave up."""
        try:
            known = self.translator.known
            return can_hold([*formulas, *known], Effort(_STEPS_A_QUESTION), self.translator.enums)
        except GaveUp:
            return True


def _deciding(entries: list[Entry]) -> Iterator[tuple[Entry, list[Formula]]]:
    """Each entry with the formula that makes it the first that applies."""
    before: list[Formula] = []
    for entry in entries:
        yield entry, [entry.applies, *before]
        before.append(entry.applies_not)
