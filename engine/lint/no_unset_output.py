"""Every output without a `value` is set by a rule or by `otherwise`.

Bad: the fee is 0 whichever rule decides.

    outputs: {fee: {type: int, default: 0}}
    rules: [{id: late, when: days_late > 3, then: deny}]

Good: a rule sets it.

    rules: [{id: late, when: days_late > 3, then: deny, set: {fee: 500}}]
"""

from __future__ import annotations

from collections.abc import Iterator

from documents.diagnostics import Diagnostic
from engine.lint.finding import name_node, warning
from engine.policy.validated import ValidatedPolicy

CODE = "no-unset-output"


def find(validated: ValidatedPolicy) -> Iterator[Diagnostic]:
    policy = validated.policy
    given = {name for rule in policy.rules for name in rule.sets} | policy.otherwise.sets.keys()
    for name, output in policy.outputs.items():
        if output.is_set and name not in given:
            node = name_node(policy, "outputs", name)
            hint = "`set` it in a rule, or give it a `value`"
            yield warning(node, CODE, f"no rule sets the output `{name}`", hint)
