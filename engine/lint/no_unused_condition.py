"""Every named condition is used, directly or through another one that is used.

Bad: `sold` is declared but never used.

    conditions: {sold: status == "sold", mine: owner == "7"}
    rules: [{id: own, when: mine, then: deny}]

Good: a rule uses it.

    conditions: {sold: status == "sold", mine: owner == "7"}
    rules: [{id: own, when: mine || sold, then: deny}]
"""

from __future__ import annotations

from collections.abc import Iterator

from documents.diagnostics import Diagnostic
from engine.lint.finding import name_node, warning
from engine.lint.references import references
from engine.policy.validated import ValidatedPolicy

CODE = "no-unused-condition"


def find(validated: ValidatedPolicy) -> Iterator[Diagnostic]:
    used = references(validated).conditions
    for name in validated.policy.conditions:
        if name not in used:
            node = name_node(validated.policy, "conditions", name)
            yield warning(
                node, CODE, f"the condition `{name}` is never used", "delete it, or name it in a rule"
            )
