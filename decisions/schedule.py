"""What will change in the policies in force, and when."""

from datetime import datetime
from typing import NamedTuple

from engine import Bundle
from engine.expression.quantity import to_datetime
from engine.policy.in_force import number_at


class Change(NamedTuple):
    """From `at` on, `version` decides instead of `before`; None stands for no version."""

    at: datetime
    policy: str
    before: int | None
    version: int | None


def coming_changes(bundle: Bundle, *, now: datetime) -> list[Change]:
    """Every scheduled change of version, the next one first."""
    changes = []
    for name, versions in bundle.policies.items():
        for period in versions.periods:
            at = to_datetime(period.start)
            if at > now:
                before = number_at(versions.periods, period.start - 1)
                changes.append(Change(at, name, before, period.version))
    return sorted(changes, key=lambda change: (change.at, change.policy))
