"""Every parameter is used, so that changing it has an effect.

Bad: the owner changes `keep_for`, but the rule still uses 90 days.

    parameters: {keep_for: {type: duration, value: 30d}}
    rules: [{id: time-is-up, when: now >= closed_at + days(90), then: delete}]

Good: the rule reads the parameter.

    parameters: {keep_for: {type: duration, value: 30d}}
    rules: [{id: time-is-up, when: now >= closed_at + keep_for, then: delete}]
"""

from __future__ import annotations

from collections.abc import Iterator

from documents.diagnostics import Diagnostic
from engine.lint.finding import name_node, warning
from engine.lint.references import references
from engine.policy.validated import ValidatedPolicy

CODE = "no-unused-parameter"


def find(validated: ValidatedPolicy) -> Iterator[Diagnostic]:
    used = references(validated).parameters
    for name, parameter in validated.policy.parameters.items():
        if name not in used:
            node = name_node(validated.policy, "parameters", name)
            hint = (
                "delete it, or name it in a rule"
                if parameter.table is None
                else "delete it, or read it with `for_each` or `row`"
            )
            yield warning(node, CODE, f"the parameter `{name}` is never used", hint)
