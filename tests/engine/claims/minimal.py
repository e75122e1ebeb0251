"""Whether the input of a change could be smaller. Has its own idea of each kind of change."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from engine.backends.smt.model import plain
from engine.claims.difference import Change
from engine.compiled import CompiledPolicy
from engine.decision import Decision
from engine.expression.quantity import parse_timestamp, to_datetime
from engine.expression.types import Type
from engine.expression.values import to_json, to_python

Decide = Callable[[Mapping[str, Any]], Decision]


def decider(of: CompiledPolicy, change: Change, *, superset: bool = True) -> Decide:
    """Decides facts at the moment of the change."""
    now = parse_timestamp(change.now or "")
    assert now is not None
    return lambda facts: of.decide(facts, now=to_datetime(now), bundle_digest="", superset=superset)


def remains(change: Change, old: Decision, new: Decision, renamed: Mapping[str, str]) -> bool:
    """Whether two decisions still differ as the change says."""
    if change.kind == "outcome":
        return (old.outcome, new.outcome) == (change.old, change.new)
    if change.kind == "accepted":
        return bool(old.errors) != bool(new.errors) and bool(old.errors) == (change.old == "refused")
    if old.errors or new.errors or old.outcome != new.outcome:
        return False
    if change.kind.startswith("outputs."):
        name = change.kind.removeprefix("outputs.")
        return bool(old.outputs.get(name) != new.outputs.get(name))
    return {
        "rule": _named(old.rule, renamed) != new.rule,
        "status": old.status != new.status,
        "obligations": set(old.obligations) != set(new.obligations),
        "matched": {_named(r, renamed) for r in old.matched} != set(new.matched),
    }[change.kind]


def _named(rule: str, renamed: Mapping[str, str]) -> str:
    name, bracket, row = rule.partition("[")
    return renamed.get(rule) or renamed.get(name, name) + bracket + row


def plainer(facts: Mapping[str, Any], types: Mapping[str, Type]) -> Iterator[Mapping[str, Any]]:
    """The facts with one of them at its plain default, or without one item of a list."""
    for name, value in facts.items():
        type_ = types[name]
        if type_.optional:
            yield {n: v for n, v in facts.items() if n != name}
        default = to_json(to_python(plain(type_), type_))
        if value != default:
            yield {**facts, name: default}
        if isinstance(value, list):
            yield from ({**facts, name: value[:i] + value[i + 1 :]} for i in range(len(value)))


def assert_minimal(
    old: CompiledPolicy, new: CompiledPolicy, change: Change, renamed: Mapping[str, str] | None = None
) -> None:
    """That a smaller input does not show the change."""
    assert change.facts is not None
    types = {n: f.type for v in (new, old) for n, f in v.validated.policy.facts.items()}
    sides = [decider(v, change, superset=change.kind != "accepted") for v in (old, new)]
    assert remains(change, *(decide(change.facts) for decide in sides), renamed or {})
    for facts in plainer(change.facts, types):
        smaller = remains(change, *(decide(facts) for decide in sides), renamed or {})
        assert not smaller, f"{change.kind}: {change.facts} could be {facts}"
