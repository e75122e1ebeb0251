"""Every fact is used, so that callers and case writers need not supply values that nothing reads.

Bad: a fact that no rule, output or message depends on.

    facts: {buyer_id: string, shoe_size: int}
    rules: [{id: own-product, when: buyer_id == "3", then: deny}]

Good: only facts that the policy reads.

    facts: {buyer_id: string}
    rules: [{id: own-product, when: buyer_id == "3", then: deny}]
"""

from __future__ import annotations

from collections.abc import Iterator

from documents.diagnostics import Diagnostic
from engine.lint.finding import name_node, warning
from engine.lint.references import references
from engine.policy.validated import ValidatedPolicy

CODE = "no-unused-fact"


def find(validated: ValidatedPolicy) -> Iterator[Diagnostic]:
    used = references(validated).facts
    for name in validated.policy.facts:
        if name not in used:
            node = name_node(validated.policy, "facts", name)
            yield warning(node, CODE, f"the fact `{name}` is never used", "delete it, or test it in a rule")
