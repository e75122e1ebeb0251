"""Every outcome can occur: a rule, `otherwise` or `on_error` returns it.

Bad: callers handle `flag`, but it never occurs.

    outcomes: [allow, flag, block]
    on_error: block
    rules: [{id: threat, when: score > 0.9, then: block}]
    otherwise: {id: clean, then: allow, permit_because: …}

Good: a rule returns it.

    rules: [{id: threat, when: score > 0.9, then: block}, {id: harsh, when: score > 0.5, then: flag}]
"""

from __future__ import annotations

from collections.abc import Iterator

from documents.diagnostics import Diagnostic
from documents.nodes import Mapping, Node, Sequence
from engine.lint.finding import warning
from engine.policy.validated import ValidatedPolicy

CODE = "no-unused-outcome"


def find(validated: ValidatedPolicy) -> Iterator[Diagnostic]:
    policy = validated.policy
    given = {policy.on_error, policy.otherwise.then, *(r.then for r in policy.rules)}
    for position, outcome in enumerate(policy.outcomes):
        if outcome not in given:
            message = f"no rule gives the outcome `{outcome}`"
            hint = "delete it from `outcomes`, or write the rule that gives it"
            yield warning(_place(policy.node, position), CODE, message, hint)


def _place(policy: Node, position: int) -> Node:
    outcomes = policy.get("outcomes") if isinstance(policy, Mapping) else None
    return outcomes.items[position] if isinstance(outcomes, Sequence) else policy
