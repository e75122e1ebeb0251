"""Mutants of whole rules: removed, reordered, with another outcome, without an obligation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from documents.nodes import Mapping, Node, Scalar, Sequence
from engine.mutation.lists import dropping, swapping
from engine.mutation.mutant import Mutant, replacing
from engine.mutation.parameters import scalar_mutants
from engine.policy.model import Hit, Otherwise, Policy, Rule, Status


def rule_mutants(policy: Policy) -> Iterator[Mutant]:
    rules = _child(policy.node, "rules")
    assert isinstance(rules, Sequence)
    for position, rule in enumerate(policy.rules):
        yield dropping(rules, position, f"the rule `{rule.id}` is dropped")
        if position:
            before = policy.rules[position - 1].id
            yield swapping(rules, position - 1, f"the rules `{before}` and `{rule.id}` change places")
    parts: list[Rule | Otherwise] = [*policy.rules, policy.otherwise]
    for part in parts:
        yield from _outcomes(part.then_node, policy.outcomes, f"the outcome of `{part.id}`")
        yield from _outcomes(_child(part.node, "status"), get_args(Status), f"the status of `{part.id}`")
        yield from _obligations(part.node, part.id)
    yield from _defaults(policy)
    yield from _outcomes(_child(policy.node, "on_error"), policy.outcomes, "`on_error`")
    yield from _outcomes(_child(policy.node, "hit"), get_args(Hit), "`hit`")


def _child(node: Node, key: str) -> Node | None:
    return node.get(key) if isinstance(node, Mapping) else None


def _outcomes(node: Node | None, outcomes: tuple[str, ...], what: str) -> Iterator[Mutant]:
    """Replace an outcome by the previous and by the next one in the list."""
    if not isinstance(node, Scalar):
        return
    at = outcomes.index(node.text)
    for other in (*outcomes[max(0, at - 1) : at], *outcomes[at + 1 : at + 2]):
        yield replacing(node, _written(node, other), f"{what} becomes `{other}`")


def _written(node: Scalar, word: str) -> str:
    """A word in the quoting style of the scalar that it replaces."""
    return f"{node.style}{word}{node.style}" if node.style in ("'", '"') else word


def _defaults(policy: Policy) -> Iterator[Mutant]:
    for output in policy.outputs.values():
        default = _child(output.node, "default")
        if isinstance(default, Scalar):
            yield from scalar_mutants(default, output.type)


def _obligations(node: Node, id_: str) -> Iterator[Mutant]:
    obligations = _child(node, "obligations")
    if isinstance(obligations, Sequence):
        for position, item in enumerate(obligations.items):
            word = item.text if isinstance(item, Scalar) else ""
            yield dropping(obligations, position, f"the obligation `{word}` of `{id_}` is dropped")
