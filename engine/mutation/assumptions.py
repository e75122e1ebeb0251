"""What cases assume of parameters, and how that is read when a parameter's value is mutated.

A case that assumes under `with` the very value that the policy has is a case about that value. So it is tried without this
assumption, and notices when the value is another. An assumption of another value stays.
"""

from __future__ import annotations

from dataclasses import replace

from engine.bundle import Bundle
from engine.cases.reader import Case
from engine.policy.parameter_settings import with_settings


def unassuming(bundle: Bundle, case: Case) -> Case:
    """The case without the assumptions that say what the policy says itself."""
    policy = bundle.version_at(case.policy, case.at).validated.policy
    assumed, _ = with_settings(policy, case.settings)
    kept = {}
    for name, node in case.settings.items():
        one, other = policy.parameters[name], assumed.parameters[name]
        if one.value != other.value or (one.table and other.table and one.table.rows != other.table.rows):
            kept[name] = node
    return replace(case, settings=kept)
