"""What would flip a decision: the smallest sets of changes that give a more permissive outcome, each decided again first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

from engine.backends.reference import environment
from engine.compiled import CompiledPolicy, Entry
from engine.explain.changes import NOW, Change, possible_changes
from engine.expression.types import TIMESTAMP, Type
from engine.expression.values import show, show_value
from engine.policy.model import Policy

MAX_CHANGES = 3
MAX_TRIED = 30
MAX_TOLD = 3


def counterfactuals(
    version: CompiledPolicy, facts: Mapping[str, Any], now: int, outcome: str
) -> list[dict[str, Any]]:
    """At most three smallest sets of changes, as data and as a sentence; none for the most permissive outcome.

    `facts` are checked facts. A fact that the policy marks `fixed` is never changed, and `now` only moves forward.
    """
    rank = version.outcomes.index(outcome)
    if rank == 0:
        return []
    policy = version.validated.policy
    tried = possible_changes(version.validated, environment(version.validated, facts, now))[:MAX_TRIED]
    flipping: list[tuple[frozenset[int], Entry]] = []
    told: dict[object, dict[str, Any]] = {}
    for size in range(1, MAX_CHANGES + 1):
        found = _flips(version, facts, now, tried, size, {chosen for chosen, _ in flipping})
        better = [f for f in found if version.outcomes.index(f[1].outcome) < rank]
        better.sort(key=lambda f: version.outcomes.index(f[1].outcome))
        flipping += better
        for chosen, entry in better:
            changes = [tried[i] for i in sorted(chosen)]
            alike = (entry.outcome, *((c.fact, c.kind, c.because) for c in changes))
            told.setdefault(alike, _told(changes, entry, policy))
        if len(told) >= MAX_TOLD:
            break
    return list(told.values())[:MAX_TOLD]


def _flips(
    version: CompiledPolicy,
    facts: Mapping[str, Any],
    now: int,
    tried: list[Change],
    size: int,
    smaller: set[frozenset[int]],
) -> Iterator[tuple[frozenset[int], Entry]]:
    """Every set of this size that holds no smaller one that flips already, with what it decides."""
    for numbers in combinations(range(len(tried)), size):
        chosen, changes = frozenset(numbers), [tried[i] for i in numbers]
        if not _clash(changes) and not any(fewer <= chosen for fewer in smaller):
            yield chosen, _decide(version, dict(facts), now, changes)


def _clash(changes: list[Change]) -> bool:
    """Two changes that set one fact, or change a list and set it."""
    by_fact: dict[str, list[str]] = {}
    for change in changes:
        by_fact.setdefault(change.fact, []).append(change.kind)
    return any("set" in kinds and len(kinds) > 1 for kinds in by_fact.values())


def _decide(version: CompiledPolicy, facts: dict[str, Any], now: int, changes: list[Change]) -> Entry:
    for change in changes:
        if change.fact == NOW:
            now = change.value
        else:
            facts = change.apply(facts)
    return version.entry_for(facts, now)


def _told(changes: list[Change], entry: Entry, policy: Policy) -> dict[str, Any]:
    shown = [_shown(change, policy) for change in changes]
    text = " and ".join(s["text"] for s in shown)
    return {
        "outcome": entry.outcome,
        "rule": entry.id,
        "text": f"{entry.outcome} if {text}",
        "changes": shown,
    }


def _shown(change: Change, policy: Policy) -> dict[str, Any]:
    type_ = TIMESTAMP if change.fact == NOW else policy.facts[change.fact].type
    value_type = type_.item if change.kind != "set" and type_.item is not None else type_
    hidden = change.fact != NOW and policy.facts[change.fact].private
    value = "(private)" if hidden else show(change.value, value_type)
    return {
        "fact": change.fact,
        "kind": change.kind,
        "value": value,
        "named": change.kind != "set" and change.because is not None,
        "text": _phrase(change, value_type, hidden),
    }


def _phrase(change: Change, type_: Type, hidden: bool) -> str:
    """In words: by the name of the condition it was found in for items of lists, by the fact otherwise."""
    if change.fact == NOW:
        return f"it is {show_value(change.value, type_)} or later"
    fact = change.fact.replace("_", " ")
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
