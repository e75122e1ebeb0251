"""Every rule says who decided it, so that whoever wants to change it knows whom to ask.

Bad: a rule out of nowhere.

    - {id: too-many, when: count > 3, then: deny}

Good: a rule with its source.

    - {id: too-many, when: count > 3, then: deny, source: 'Trust council, 2026-02-11'}
"""

from __future__ import annotations

from collections.abc import Iterator

from documents.diagnostics import Diagnostic
from engine.lint.finding import warning
from engine.policy.validated import ValidatedPolicy

CODE = "require-source"


def find(validated: ValidatedPolicy) -> Iterator[Diagnostic]:
    for rule in validated.policy.rules:
        if rule.source is None:
            message = f"the rule `{rule.id}` does not say who decided it"
            yield warning(
                rule.id_node, CODE, message, "add `source:`, for example `source: Trust council, 2026-02-11`"
            )
