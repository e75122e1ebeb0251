"""Every named value is used, directly or through another name that is used.

Bad: `left` is computed but never used.

    values: {left: ends_at - now}
    rules: [{id: soon, when: ends_at < now + days(1), then: deny}]

Good: a rule uses it.

    rules: [{id: soon, when: left < days(1), then: deny}]
"""

from __future__ import annotations

from collections.abc import Iterator

from documents.diagnostics import Diagnostic
from engine.lint.finding import name_node, warning
from engine.lint.references import references
from engine.policy.validated import ValidatedPolicy

CODE = "no-unused-value"


def find(validated: ValidatedPolicy) -> Iterator[Diagnostic]:
    used = references(validated).conditions
    for name in validated.policy.values:
        if name not in used:
            node = name_node(validated.policy, "values", name)
            hint = "delete it, or name it in a condition, rule or output"
            yield warning(node, CODE, f"the value `{name}` is never used", hint)
