"""Whether a comparison excludes the changes of outcome that a build forbids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.claims import words
from engine.claims.difference import Change, Difference, NotProven

Forbidden = tuple[str, str]
"""The old and the new outcome."""
Outcomes = Mapping[str, frozenset[str]]
"""The outcomes of each policy of one side."""


@dataclass(frozen=True, slots=True)
class NotExcluded:
    """A forbidden change that is possible, or that nothing excludes, and why."""

    policy: str
    change: Forbidden
    why: str

    def __str__(self) -> str:
        old, new = self.change
        return f"{self.policy}: `{old}->{new}` is forbidden and not excluded: {self.why}"


def not_excluded(
    difference: Difference, forbidden: Sequence[Forbidden], old: Outcomes, new: Outcomes
) -> list[NotExcluded]:
    """The forbidden changes that the comparison does not exclude, once for each policy."""
    found: dict[tuple[str, Forbidden], NotExcluded] = {}
    for pair in forbidden:
        for one in _of(pair, difference, old, new):
            found.setdefault((one.policy, pair), one)
    return list(found.values())


def _of(pair: Forbidden, difference: Difference, old: Outcomes, new: Outcomes) -> Iterator[NotExcluded]:
    for change in difference.changes:
        if (why := _why(pair, change)) is not None:
            yield NotExcluded(change.policy, pair, why)
    for missing in difference.not_proven:
        if _is_open(pair, missing):
            yield NotExcluded(missing.policy, pair, missing.why)
    for policy in sorted(old.keys() & new.keys()):
        if _may_be_renamed(pair, old[policy], new[policy]):
            yield NotExcluded(policy, pair, "an outcome has another name, or is gone")


def _why(pair: Forbidden, change: Change) -> str | None:
    match change.kind:
        case "outcome" | "on_error":
            return "it is possible" if (change.old, change.new) == pair else None
        case "policy" | "in_force":
            return words.sentence(change).partition(": ")[2]
        case "accepted" if change.facts is None:
            return "a fact has another type, so nothing was compared"
        case "accepted" if _misses_a_fact(change) and _by_refusal(pair, change):
            return "one side needs a fact that the other does not know"
    return None


def _misses_a_fact(change: Change) -> bool:
    """Whether a side needs a fact that the other does not know.

    Where only values are refused, outcomes have been compared. A fact that a side does not know is ignored, because services
    send what the next version needs before it is in force.
    """
    decisions = (change.old_decision or {}, change.new_decision or {})
    return any(error["code"] == "missing" for d in decisions for error in d.get("errors", ()))


def _by_refusal(pair: Forbidden, change: Change) -> bool:
    """Whether the outcome of the side that refuses fits the forbidden change."""
    if change.new == "refused":
        return change.new_decision is not None and change.new_decision["outcome"] == pair[1]
    return change.old_decision is not None and change.old_decision["outcome"] == pair[0]


def _is_open(pair: Forbidden, missing: NotProven) -> bool:
    if missing.kind == "outcome":
        return (missing.old, missing.new) == pair
    return missing.kind == "accepted"


def _may_be_renamed(pair: Forbidden, old: frozenset[str], new: frozenset[str]) -> bool:
    """Whether only one side has an outcome of the pair, and the other has one that may stand for it."""
    before, after = pair
    gone = after in old - new and before in old and new - old
    come = before in new - old and after in new and old - new
    return bool(gone or come)
