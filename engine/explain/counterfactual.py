"""Find the smallest sets of changes that give a more permissive outcome. Each set is verified by deciding again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from engine.backends.reference import environment
from engine.compiled import CompiledPolicy, Entry
from engine.explain.budget import Budget, OutOfBudget, meter_of
from engine.explain.change import NOW, Change, fact_at, type_at
from engine.explain.changes import possible_changes
from engine.explain.trials import trials_of
from engine.expression.types import TIMESTAMP, Type
from engine.expression.values import show, show_value
from engine.policy.model import Policy

MAX_CHANGES = 3
MAX_TRIED = 30
MAX_FOUND = 3


def counterfactuals(
    version: CompiledPolicy, facts: Mapping[str, Any], now: int, outcome: str, budget: Budget
) -> dict[str, Any]:
    """`found` has up to three smallest sets of changes, each as data and as a sentence; it is empty for the most permissive
    outcome. `complete` is false if the budget ended the search.

    `facts` are checked facts. A fact that the policy marks as `fixed` never changes, and `now` only moves forward.
    """
    rank = version.outcomes.index(outcome)
    if rank == 0:
        return {"found": [], "complete": True}
    search = _Search(version, dict(facts), now, rank, budget)
    complete = search.run()
    return {"found": list(search.answers.values())[:MAX_FOUND], "complete": complete}


class _Search:
    def __init__(
        self, version: CompiledPolicy, facts: dict[str, Any], now: int, rank: int, budget: Budget
    ) -> None:
        self.version = version
        self.facts = facts
        self.now = now
        self.rank = rank
        self.budget = budget
        self.tried: list[Change] = []
        self.answers: dict[object, dict[str, Any]] = {}
        self.ranks = {outcome: rank for rank, outcome in enumerate(version.outcomes)}

    def run(self) -> bool:
        """Whether the budget sufficed. At most half is spent on finding single changes, so that some can be tried."""
        complete = self._find()
        try:
            self.trials = trials_of(self.version, self.facts, self.now, self.tried, self.budget)
        except OutOfBudget:
            return False
        self.places = ((1 << len(self.tried)) - 1) & ~self.trials.useless
        """The changes worth trying. One that suffices alone is in no larger set."""
        self.barred = _clashes(self.tried)
        """The changes that cannot be in a set with this one: they conflict, or the two together suffice."""
        for size in range(1, MAX_CHANGES + 1):
            flips: list[tuple[int, Entry]] = []
            try:
                self._try(size, self.places, 0, flips)
            except OutOfBudget:
                complete = False
            self._keep(flips)
            if len(self.answers) >= MAX_FOUND:
                return True
            if not self.budget.left:
                return False
            self._bar(mask for mask, _ in flips)
        return complete

    def _find(self) -> bool:
        env = environment(self.version.validated, self.facts, self.now)
        with self.budget.share(2) as share:
            changes = possible_changes(self.version.validated, env, meter_of(self.version), share)
            try:
                self.tried.extend(islice(changes, MAX_TRIED))
            except OutOfBudget:
                return False
        return True

    def _try(self, more: int, places: int, chosen: int, flips: list[tuple[int, Entry]]) -> None:
        """Try every way to add `more` of these changes, and collect those that flip the decision. Raises OutOfBudget."""
        while places:
            bit = places & -places
            places ^= bit
            if more > 1:
                self._try(more - 1, places & ~self.barred[bit.bit_length() - 1], chosen | bit, flips)
                continue
            entry = self.trials.entry(chosen | bit)
            if self.ranks[entry.outcome] < self.rank:
                flips.append((chosen | bit, entry))

    def _bar(self, masks: Iterable[int]) -> None:
        """Skip larger sets that contain one of these."""
        for mask in masks:
            places = [place for place in range(len(self.tried)) if mask >> place & 1]
            if len(places) == 1:
                self.places &= ~mask
            for place in places:
                self.barred[place] |= mask

    def _keep(self, flips: list[tuple[int, Entry]]) -> None:
        """Keep the most permissive first. Of sets that look the same in the answer, keep only the first."""
        flips = sorted(flips, key=lambda flip: self.ranks[flip[1].outcome])
        for mask, entry in flips:
            changes = [change for place, change in enumerate(self.tried) if mask >> place & 1]
            alike = (entry.outcome, *((c.fact, c.kind, c.because) for c in changes))
            if alike not in self.answers and len(self.answers) < MAX_FOUND:
                self.answers[alike] = _answer(changes, entry, self.version.validated.policy)


def _clashes(changes: list[Change]) -> list[int]:
    """For each change, those that conflict with it, as a bit mask. Two changes of the same fact conflict if either sets it.

    Two different fields of a record can be set together, but not a field and the whole record.
    """
    places: dict[str, list[int]] = {}
    for place, change in enumerate(changes):
        places.setdefault(fact_at(change.fact), []).append(place)
    return [
        sum(
            1 << place
            for place in places[fact_at(change.fact)]
            if "set" in (change.kind, changes[place].kind) and _overlap(change.fact, changes[place].fact)
        )
        for change in changes
    ]


def _overlap(one: str, other: str) -> bool:
    return one == other or f"{one}." == other[: len(one) + 1] or f"{other}." == one[: len(other) + 1]


def _answer(changes: list[Change], entry: Entry, policy: Policy) -> dict[str, Any]:
    shown = [_shown(change, policy) for change in changes]
    text = " and ".join(s["text"] for s in shown)
    return {
        "outcome": entry.outcome,
        "rule": entry.id,
        "text": f"{entry.outcome} if {text}",
        "changes": shown,
    }


def _shown(change: Change, policy: Policy) -> dict[str, Any]:
    type_ = TIMESTAMP if change.fact == NOW else type_at(change.fact, policy.facts)
    value_type = type_.item if change.kind != "set" and type_.item is not None else type_
    hidden = change.fact != NOW and policy.facts[fact_at(change.fact)].private
    value = "(private)" if hidden else show(change.value, value_type)
    return {
        "fact": change.fact,
        "kind": change.kind,
        "value": value,
        "named": change.kind != "set" and change.because is not None,
        "text": _phrase(change, value_type, hidden),
    }


def _phrase(change: Change, type_: Type, hidden: bool) -> str:
    """Describe a change: a list item by the name of the condition that suggested it, anything else by its fact."""
    if change.fact == NOW:
        return f"it is {show_value(change.value, type_)} or later"
    fact = change.fact.replace("_", " ").replace(".", " ")
    if change.kind != "set":
        if change.because is not None:
            words = change.because.replace("_", " ")
            return words if change.kind == "add" else f"no longer {words}"
        return f"{fact} {'also holds' if change.kind == 'add' else 'no longer holds'} {_item(change.value, hidden)}"
    if hidden:
        return f"{fact} is another one"
    return f"{fact} is {show_value(change.value, type_)}"


def _item(value: Any, hidden: bool) -> str:
    if hidden or not isinstance(value, dict):
        return "one more item" if hidden else str(value)
    return "an item with " + ", ".join(
        f"{k.replace('_', ' ')} {v}" for k, v in value.items() if v not in ("", None)
    )
