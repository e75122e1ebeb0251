"""System checks: valid settings, loadable policies, and installed triggers."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, Warning
from django.core.exceptions import ImproperlyConfigured
from django.db import connections, router

from decisions import bundles, conf, triggers
from decisions.models import DecisionRecord
from documents.folders import folders_in


def check_settings(**_: Any) -> list[CheckMessage]:
    readers: tuple[Callable[[], object], ...] = (conf.policies_dir, conf.engine, conf.check_time_zones)
    return [Error(str(error), id="decisions.E002") for read in readers if (error := _error_of(read))]


def _error_of(read: Callable[[], object]) -> ImproperlyConfigured | None:
    try:
        read()
    except ImproperlyConfigured as error:
        return error
    return None


def check_policies(**_: Any) -> list[CheckMessage]:
    if conf.policy_source():
        return []  # the database may have no tables yet; /readyz reports problems
    with suppress(ImproperlyConfigured):  # reported by `check_settings`
        problems = bundles.configured().ensure_loaded().problems
        return [Error(problem.render(), id="decisions.E001") for problem in problems]
    return []


def check_folders(**_: Any) -> list[CheckMessage]:
    """Runs the checks of the folders that apps declare in `reads`."""
    if _error_of(conf.policies_dir):
        return []
    policies = conf.policies_dir()
    read = {name for app in apps.get_app_configs() for name in getattr(app, "reads", ())}
    return [
        Warning(f"No app reads {folder}, so it was not checked.", id="decisions.W002")
        for folder in (folders_in(policies) if policies.is_dir() else ())
        if folder.name not in read
    ]


def check_databases(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    return [
        Error(
            f"The database `{alias}` is {connections[alias].vendor}, which cannot protect decision records.",
            hint="Use PostgreSQL or SQLite, or keep the app `decisions` out of this database with a router.",
            id="decisions.E003",
        )
        for alias in databases or ()
        if connections[alias].vendor not in triggers.VENDORS
        and router.allow_migrate_model(alias, DecisionRecord)
    ]


def check_triggers(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """A warning, not an error: `migrate` runs checks first, and it is what installs them."""
    return [
        Warning(
            f"The database `{alias}` lacks the trigger `{name}`, so it would not enforce policies.",
            hint="Run `manage.py migrate`, which installs it.",
            id="decisions.W001",
        )
        for alias in databases or ()
        if connections[alias].vendor in triggers.VENDORS and triggers.is_migrated(using=alias)
        for name in triggers.missing(using=alias)
    ]
