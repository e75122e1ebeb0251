"""Every rule, or the whole policy, names its source, so that people know whom to ask before they change it.

Bad: a rule without a source.

    - {id: too-many, when: count > 3, then: deny}

Good: a rule with its own source, or a source for the whole policy.

    - {id: too-many, when: count > 3, then: deny, source: 'Trust council, 2026-02-11'}
"""

from __future__ import annotations

from collections.abc import Iterator

from documents.diagnostics import Diagnostic
from engine.lint.finding import warning
from engine.policy.validated import ValidatedPolicy

CODE = "require-source"


def find(validated: ValidatedPolicy) -> Iterator[Diagnostic]:
    policy = validated.policy
    silent = [rule for rule in policy.rules if rule.source is None]
    if silent and policy.source is None:
        others = len(silent) - 1
        more = f", nor do {others} others" if others > 1 else ", nor does one other" * others
        message = f"the rule `{silent[0].id}` does not say who decided it{more}"
        hint = "add `source:` to it or to the policy, for example `source: Trust council, 2026-02-11`"
        yield warning(silent[0].id_node, CODE, message, hint)
