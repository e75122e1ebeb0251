"""What installed apps require of a bundle: certain policies, and no obligation that no app carries out."""

from datetime import UTC, datetime

from django.apps import apps

from engine import Bundle, Diagnostic, PolicyNotInForce, UnknownPolicy
from engine.expression.quantity import format_timestamp, to_datetime
from engine.policy.in_force import gaps


def needed_policies() -> list[str]:
    """The names in the app configurations' `policies`."""
    return sorted(name for config in apps.get_app_configs() for name in getattr(config, "policies", ()))


def carried_out() -> list[str]:
    """The obligations in the app configurations' `carries_out`."""
    return sorted(name for config in apps.get_app_configs() for name in getattr(config, "carries_out", ()))


def find_missing(bundle: Bundle, folder: str) -> tuple[Diagnostic, ...]:
    """An error for each needed policy that is not in force, and a warning for each that will not be at some later moment."""
    now = datetime.now(UTC)
    return tuple(problem for name in needed_policies() if (problem := _look_for(name, bundle, folder, now)))


def _look_for(name: str, bundle: Bundle, folder: str, now: datetime) -> Diagnostic | None:
    hint = "Comity needs it: restore it"
    try:
        bundle.version_at(name, now)
    except UnknownPolicy:
        return Diagnostic(folder, 1, 1, "missing-policy", f"the policy `{name}` is missing", hint)
    except PolicyNotInForce:
        message = f"no version of the policy `{name}` is in force"
        return Diagnostic(folder, 1, 1, "missing-policy", message, hint)
    ahead = next(
        (start for start, _ in gaps(bundle.policies[name].periods) if to_datetime(start) > now), None
    )
    if ahead is None:
        return None
    message = f"no version of the policy `{name}` is in force from {format_timestamp(ahead)} on"
    hint = "Comity needs it, and will answer 503 then: let a version take effect at that moment"
    return Diagnostic(folder, 1, 1, "policy-ends", message, hint, "warning")
