"""What the rules and outputs of a policy depend on, directly or through named conditions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.expression import typed as t
from engine.policy.messages import Part, Place
from engine.policy.validated import ValidatedPolicy


@dataclass(frozen=True, slots=True)
class References:
    facts: frozenset[str]
    parameters: frozenset[str]
    conditions: frozenset[str]


def references(validated: ValidatedPolicy) -> References:
    nodes = list(_nodes(validated))
    quoted = [p for p in _parts(validated) if isinstance(p, Place)]
    tables = {r.rule.for_each.parameter for r in validated.rules if r.rule.for_each is not None}
    tables |= {n.table for n in nodes if isinstance(n, t.Row)}
    return References(
        frozenset(
            {n.name for n in nodes if isinstance(n, t.FactRef)}
            | _names(quoted, "fact")
            | _choosing(validated)
        ),
        frozenset(
            {n.name for n in nodes if isinstance(n, t.ParameterRef)} | _names(quoted, "parameter") | tables
        ),
        frozenset(n.name for n in nodes if isinstance(n, t.ConditionRef)),
    )


def _nodes(validated: ValidatedPolicy) -> Iterator[t.Typed]:
    """Every node of every expression that a rule or output needs; each named condition once."""
    pending: list[t.Typed] = [r.applies for r in validated.rules if r.applies is not None]
    pending += validated.outputs.values()
    pending += validated.set_values()
    seen: set[str] = set()
    while pending:
        for node in pending.pop().walk():
            yield node
            if isinstance(node, t.ConditionRef) and node.name not in seen:
                seen.add(node.name)
                pending.append(validated.conditions[node.name])


def _parts(validated: ValidatedPolicy) -> Iterator[Part]:
    yield from validated.otherwise_message
    for rule in validated.rules:
        yield from rule.message


def _choosing(validated: ValidatedPolicy) -> set[str]:
    """The fact that chooses the version."""
    return set(filter(None, [validated.policy.in_force_by]))


def _names(places: Iterable[Place], kind: str) -> set[str]:
    return {p.name.partition(".")[0] for p in places if p.kind == kind}
