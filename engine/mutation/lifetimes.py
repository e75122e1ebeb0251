"""Mutants of when versions are in force: moved and dropped moments, dropped withdrawals, another `in_force_by` or none.

The start of the first version stays: no case can be decided before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from documents.nodes import Mapping, Scalar
from engine.expression.types import TIMESTAMP
from engine.mutation.mutant import Mutant, content_end, replacing
from engine.mutation.parameters import scalar_mutants
from engine.policy.model import Policy

MOMENTS = ("effective_from", "effective_until")
KEYS = (*MOMENTS, "withdrawn", "in_force_by")


def lifetime_mutants(versions: Sequence[Policy]) -> Iterator[Mutant]:
    first = min(policy.effective_from for policy in versions)
    for policy in versions:
        assert isinstance(policy.node, Mapping)
        for position, (key, value) in enumerate(policy.node.entries):
            if key.text not in KEYS or not isinstance(value, Scalar):
                continue
            if key.text in MOMENTS and (key.text != "effective_from" or policy.effective_from > first):
                yield from scalar_mutants(value, TIMESTAMP)
            if key.text == "in_force_by":
                yield from (replacing(value, name) for name in _other_choosing_facts(policy))
            if key.text != "effective_from":
                yield _dropping(policy.node, position)


def _other_choosing_facts(policy: Policy) -> list[str]:
    return [
        name
        for name, fact in policy.facts.items()
        if fact.type == TIMESTAMP and not fact.private and name != policy.in_force_by
    ]


def _dropping(mapping: Mapping, position: int) -> Mutant:
    """Remove a key and its value, in block and in flow style. The caret points at the value."""
    key, value = mapping.entries[position]
    if position + 1 < len(mapping.entries):
        start, end = key.start, mapping.entries[position + 1][0].start
    else:
        start, end = content_end(mapping.entries[position - 1][1]), content_end(value)
    return Mutant(value.source, value.start, content_end(value), f"`{key.text}` is dropped", (start, end, ""))
