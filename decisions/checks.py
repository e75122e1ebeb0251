"""System checks: the policies load, and the database has the triggers that back them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

from decisions import bundles, triggers
from documents.folders import folders_in


def check_policies(**_: Any) -> list[CheckMessage]:
    problems = bundles.configured().ensure_loaded().problems
    return [Error(problem.render(), id="decisions.E001") for problem in problems]


def check_folders(**_: Any) -> list[CheckMessage]:
    """The apps check the folders that they name as `reads`."""
    policies = Path(settings.POLICIES_DIR)
    read = {name for app in apps.get_app_configs() for name in getattr(app, "reads", ())}
    return [
        Warning(f"No app reads {folder}, so nothing in it was checked.", id="decisions.W002")
        for folder in (folders_in(policies) if policies.is_dir() else ())
        if folder.name not in read
    ]


def check_triggers(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """A warning rather than an error, because `migrate`, which runs checks first, is what puts it right."""
    return [
        Warning(
            f"The database `{alias}` lacks the trigger `{name}` and would not refuse what policies forbid.",
            hint="Run `manage.py migrate`, which installs it.",
            id="decisions.W001",
        )
        for alias in databases or ()
        if triggers.is_migrated(using=alias)
        for name in triggers.missing(using=alias)
    ]
