"""Handle parameter values that cases assume when a parameter's value is mutated.

A case that assumes the policy's current value under `with` tests that value. So it runs without the assumption, and detects a
changed value. Assumptions of other values remain.
"""

from __future__ import annotations

from dataclasses import replace

from engine.bundle import Bundle
from engine.cases.case import Case
from engine.policy.parameter_settings import with_settings


def unassuming(bundle: Bundle, case: Case) -> Case:
    """The case without assumptions that equal the policy's own values."""
    policy = bundle.choose(case.policy, case.facts, case.at).version.validated.policy
    assumed, _ = with_settings(policy, case.settings)
    kept = {}
    for name, node in case.settings.items():
        one, other = policy.parameters[name], assumed.parameters[name]
        if one.value != other.value or (one.table and other.table and one.table.rows != other.table.rows):
            kept[name] = node
    return replace(case, settings=kept)
