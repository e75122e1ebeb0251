"""Changes in sentences."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from engine.claims.difference import Change, Difference, NotProven


def sentence(change: Change) -> str:
    """What changes, in one sentence."""
    name, old, new = change.policy, change.old, change.new
    match change.kind:
        case "outcome":
            return f"{name}: `{old}` becomes `{new}`"
        case "rule":
            return f"{name}: the outcome stays, and its rule `{old}` becomes `{new}`"
        case "status":
            return f"{name}: the status of a refusal changes from {_word(old)} to {_word(new)}"
        case "obligations":
            return f"{name}: the outcome stays, and its obligations {_listed(old)} become {_listed(new)}"
        case "matched":
            return f"{name}: the outcome stays, and the rules that apply change from {_listed(old)} to {_listed(new)}"
        case "accepted" if change.facts is None:
            return f"{name}: a fact has another type, so no input is accepted by both sides"
        case "accepted":
            side = "the old" if old == "accepted" else "the new"
            return f"{name}: only {side} side accepts these facts"
        case "on_error":
            return f"{name}: facts that do not fit give `{new}` instead of `{old}`"
        case "in_force" if old is None:
            return f"{name}: from {change.now} version {new} is in force, where there was none"
        case "in_force":
            return f"{name}: from {change.now} no version is in force, where version {old} was"
        case "policy":
            return f"{name}: the policy is {'new' if old is None else 'gone'}"
    output = change.kind.partition(".")[2]
    return f"{name}: the outcome stays, and the output `{output}` changes from {_value(old)} to {_value(new)}"


def not_proven(missing: NotProven) -> str:
    what = (
        f"change from `{missing.old}` to `{missing.new}`"
        if missing.kind == "outcome"
        else f"change of {missing.kind}"
    )
    return f"{missing.policy}: not proven that there is no {what}: {missing.why}"


def lines(difference: Difference) -> Iterator[str]:
    """A difference for people: the sentences, each with its smallest input."""
    for change in difference.changes:
        yield sentence(change)
        if change.facts is not None:
            yield f"   at {change.now}, given {json.dumps(change.facts, ensure_ascii=False)}"
            for word, decision in (("old", change.old_decision), ("new", change.new_decision)):
                if decision is not None:
                    yield f"   {word}: {decision['outcome']} by `{decision['rule']}`"
    for missing in difference.not_proven:
        yield not_proven(missing)
    for name in difference.texts:
        yield f"{name}: only texts changed, every decision stays"
    for policy, bounds in difference.bounds.items():
        if bounds:
            told = ", ".join(f"{size} of `{path}`" for path, size in bounds.items())
            yield f"{policy}: proven for lists of any length by looking at {told}"
    if difference.assumed is not None:
        yield f"assumed: lists have at most {difference.assumed} items where no bound can be derived"
    yield "equal" if difference.equal else "different" if difference.changes else "not proven"


def _word(value: Any) -> str:
    return "none" if value is None else f"`{value}`"


def _value(value: Any) -> str:
    return f"`{json.dumps(value, ensure_ascii=False)}`"


def _listed(values: Any) -> str:
    return ", ".join(f"`{v}`" for v in values) if values else "(none)"
