"""Search for facts that make a formula true. The search may give up, and then the answer is unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.backends.logic.bounds import Bounds
from engine.backends.logic.equalities import Equalities
from engine.backends.logic.formula import All, AnyOf, Formula, Literal, Order, Same, Term, Truth


class GaveUp(Exception):
    """The search used more steps than its limit."""


@dataclass
class Effort:
    """The number of steps left; one step adds one literal."""

    steps: int

    def spend(self) -> None:
        self.steps -= 1
        if self.steps < 0:
            raise GaveUp


@dataclass(frozen=True, slots=True)
class State:
    """Literals that are true together."""

    truths: Mapping[Term, bool]
    bounds: Bounds
    equalities: Equalities

    def adding(self, literal: Literal) -> State | None:
        match literal:
            case Truth(term=term, holds=holds):
                if term in self.truths:
                    return self if self.truths[term] == holds else None
                return replace(self, truths={**self.truths, term: holds})
            case Order():
                bounds = self.bounds.adding(literal)
                return None if bounds is None else replace(self, bounds=bounds)
            case Same():
                equalities = self.equalities.adding(literal)
                return None if equalities is None else replace(self, equalities=equalities)


def can_hold(
    formulas: list[Formula], effort: Effort, enums: Mapping[Term, frozenset[str]] | None = None
) -> bool:
    """Whether the formulas are satisfiable together. False is certain; True may be wrong. Raises GaveUp."""
    return _Search(effort).run(formulas, State({}, Bounds(), Equalities(enums or {})))


_DEEPEST = 100


class _Search:
    def __init__(self, effort: Effort) -> None:
        self.effort = effort
        self.depth = 0

    def run(self, formulas: list[Formula], state: State | None) -> bool:
        choices: list[AnyOf] = []
        state = self._take(formulas, state, choices)
        while state is not None and choices:
            narrowed = [self._narrow(choice, state) for choice in choices]
            if any(not parts for parts in narrowed if parts is not None):
                return False
            open_ = [parts for parts in narrowed if parts is not None]
            forced = [parts[0] for parts in open_ if len(parts) == 1]
            choices = [AnyOf(tuple(parts)) for parts in open_ if len(parts) > 1]
            if not forced:
                return self._branch(choices, state)
            state = self._take(forced, state, choices)
        return state is not None

    def _branch(self, choices: list[AnyOf], state: State) -> bool:
        if not choices:
            return True
        if self.depth >= _DEEPEST:
            raise GaveUp
        first = min(choices, key=lambda c: len(c.parts))
        rest: list[Formula] = [c for c in choices if c is not first]
        self.depth += 1
        satisfiable = any(self.run([part, *rest], state) for part in first.parts)
        self.depth -= 1
        return satisfiable

    def _take(self, formulas: list[Formula], state: State | None, choices: list[AnyOf]) -> State | None:
        """Add every literal that must be true to the state, and every formula with several alternatives to the choices."""
        pending = list(formulas)
        while pending and state is not None:
            formula = pending.pop()
            self.effort.spend()
            if isinstance(formula, All):
                pending += formula.parts
            elif isinstance(formula, AnyOf):
                choices.append(formula)
            elif isinstance(formula, bool):
                state = state if formula else None
            else:
                state = state.adding(formula)
        return state

    def _add(self, state: State, literal: Literal) -> State | None:
        self.effort.spend()
        return state.adding(literal)

    def _narrow(self, choice: AnyOf, state: State) -> list[Formula] | None:
        """The remaining alternatives; None if one is already true."""
        open_: list[Formula] = []
        for part in choice.parts:
            if isinstance(part, Truth | Order | Same):
                if self._add(state, part.negated()) is None:
                    return None
                if self._add(state, part) is None:
                    continue
            elif isinstance(part, All) and self._refuted(part, state):
                continue
            open_.append(part)
        return open_

    def _refuted(self, part: All, state: State) -> bool:
        return any(isinstance(p, Truth | Order | Same) and self._add(state, p) is None for p in part.parts)
