"""`gap_because` says why no version is in force, so there must be a period in which none is.

Bad: version 1 never ends, so the reason is about nothing; its owner forgot `effective_until`.

    version 1: {gap_because: the campaign is over}

Good: the version ends.

    version 1: {effective_until: 2026-09-01T00:00:00Z, gap_because: the campaign is over}
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from documents.diagnostics import Diagnostic
from engine.lint.finding import key_node, warning
from engine.policy.in_force import number_at, periods
from engine.policy.model import Policy
from engine.policy.version_check import numbers_before_gaps

CODE = "no-unused-gap-because"


def find(versions: Sequence[Policy]) -> Iterator[Diagnostic]:
    before_gaps = numbers_before_gaps(versions)
    for policy in versions:
        if policy.gap_because is not None and policy.version not in before_gaps:
            message, hint = _explained(policy, versions)
            yield warning(key_node(policy, "gap_because"), CODE, message, hint)


def _explained(policy: Policy, versions: Sequence[Policy]) -> tuple[str, str]:
    end = policy.effective_until
    if end is None and policy.withdrawn is None:
        message = f"version {policy.version} never ends, so no gap follows it"
        return message, "add the `effective_until` at which it ends, or delete `gap_because`"
    next_number = None if end is None else number_at(periods(versions), end)
    if next_number is not None and next_number < policy.version:
        message = f"version {next_number} is in force again when version {policy.version} ends, so no gap follows it"
        return message, f"end version {next_number} too, or delete `gap_because`"
    return f"no gap follows version {policy.version}", "delete `gap_because`"
