"""What installed apps require of a bundle: certain policies, and no obligation that no app carries out."""

from datetime import UTC, datetime

from django.apps import apps

from engine import Bundle, Diagnostic, PolicyNotInForce, UnknownPolicy


def needed_policies() -> list[str]:
    """The names in the app configurations' `policies`."""
    return sorted(name for config in apps.get_app_configs() for name in getattr(config, "policies", ()))


def carried_out() -> list[str]:
    """The obligations in the app configurations' `carries_out`."""
    return sorted(name for config in apps.get_app_configs() for name in getattr(config, "carries_out", ()))


def find_missing(bundle: Bundle, folder: str) -> tuple[Diagnostic, ...]:
    return tuple(problem for name in needed_policies() if (problem := _look_for(name, bundle, folder)))


def _look_for(name: str, bundle: Bundle, folder: str) -> Diagnostic | None:
    try:
        bundle.version_at(name, datetime.now(UTC))
    except UnknownPolicy:
        message = f"the policy `{name}` is missing"
    except PolicyNotInForce:
        message = f"no version of the policy `{name}` is in force yet"
    else:
        return None
    return Diagnostic(folder, 1, 1, "missing-policy", message, "Comity needs it: restore it")
