"""Database triggers that apps declare. They are installed after every migration, since SQLite drops a table's triggers when it
alters the table, and verified by the system check and the readiness check."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.apps import AppConfig, apps
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.signals import post_migrate

VENDORS: Final = ("sqlite", "postgresql")
"""The databases that triggers are written for."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """Refuses `event` on rows of `table` for which `when` is true, with `message` as the error.

    `event` is the SQL after BEFORE. `when` is a condition on OLD, NEW and subselects that both databases understand. `share`
    names a row ("chats_chat WHERE id = NEW.chat_id") that PostgreSQL locks before the check, so that a concurrent change of it
    is waited for; SQLite has only one writer.
    """

    name: str
    table: str
    event: str
    message: str
    when: str = "TRUE"
    share: str = ""
    vendors: tuple[str, ...] = VENDORS

    def statements(self, vendor: str) -> list[str]:
        return self._sqlite() if vendor == "sqlite" else self._postgresql()

    def _sqlite(self) -> list[str]:
        return [
            f"DROP TRIGGER IF EXISTS {self.name}",
            f"CREATE TRIGGER {self.name} BEFORE {self.event} ON {self.table} FOR EACH ROW WHEN {self.when} "
            f"BEGIN SELECT RAISE(ABORT, '{self.message}'); END",
        ]

    def _postgresql(self) -> list[str]:
        level = "STATEMENT" if self.event == "TRUNCATE" else "ROW"
        lock = f"PERFORM 1 FROM {self.share} FOR SHARE; " if self.share else ""
        returned = "OLD" if self.event == "DELETE" else "NEW"
        return [
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {lock}"
            f"IF {self.when} THEN RAISE EXCEPTION '{self.message}' "
            f"USING ERRCODE = 'integrity_constraint_violation'; "
            f"END IF; RETURN {returned}; END $$",
            f"CREATE OR REPLACE TRIGGER {self.name} BEFORE {self.event} ON {self.table} "
            f"FOR EACH {level} EXECUTE FUNCTION {self.name}()",
        ]


def unchanged(table: str) -> Trigger:
    return Trigger(f"{table}_no_update", table, "UPDATE", f"{table} is append-only")


def append_only(table: str, *, unless: str = "FALSE") -> tuple[Trigger, ...]:
    """A row of which `unless` is true may be deleted."""
    message = f"{table} is append-only"
    return (
        unchanged(table),
        Trigger(f"{table}_no_delete", table, "DELETE", message, when=f"NOT {unless}"),
        Trigger(f"{table}_no_truncate", table, "TRUNCATE", message, vendors=("postgresql",)),
        no_replace(table),
    )


def no_replace(table: str) -> Trigger:
    """SQLite's INSERT OR REPLACE deletes the old row without firing UPDATE or DELETE triggers."""
    when = f"EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)"
    return Trigger(
        f"{table}_no_replace", table, "INSERT", f"{table} has this row", when=when, vendors=("sqlite",)
    )


class GuardedAppConfig(AppConfig):
    """An app whose tables have triggers."""

    # Each app sets `default = True`, or Django would take this imported class for the app's configuration.
    default = False
    triggers: tuple[Trigger, ...] = ()

    def ready(self) -> None:
        post_migrate.connect(_install_after_migration, sender=self)


def _install_after_migration(*, sender: GuardedAppConfig, using: str, **_: Any) -> None:
    install(sender.triggers, using=using)


def install(triggers: Iterable[Trigger], *, using: str = DEFAULT_DB_ALIAS) -> None:
    """Idempotent. Skips tables that do not exist."""
    connection = connections[using]
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        for trigger in _for_vendor(triggers, connection.vendor):
            if trigger.table in tables:
                for statement in trigger.statements(connection.vendor):
                    cursor.execute(statement)


def lift(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Removes all triggers until the next migration, for a test database that is about to be emptied."""
    connection = connections[using]
    existing = _existing(connection)
    with connection.cursor() as cursor:
        for trigger in declared(connection.vendor):
            if trigger.name in existing:
                on_table = f" ON {trigger.table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER {trigger.name}{on_table}")


def missing(*, using: str = DEFAULT_DB_ALIAS) -> list[str]:
    connection = connections[using]
    existing = _existing(connection)
    return [trigger.name for trigger in declared(connection.vendor) if trigger.name not in existing]


def is_migrated(*, using: str = DEFAULT_DB_ALIAS) -> bool:
    """Whether the tables exist that triggers belong to."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    return all(trigger.table in tables for trigger in declared(connection.vendor))


def declared(vendor: str) -> list[Trigger]:
    configs = (config for config in apps.get_app_configs() if isinstance(config, GuardedAppConfig))
    return [trigger for config in configs for trigger in _for_vendor(config.triggers, vendor)]


def _for_vendor(triggers: Iterable[Trigger], vendor: str) -> list[Trigger]:
    return [trigger for trigger in triggers if vendor in trigger.vendors]


def _existing(connection: BaseDatabaseWrapper) -> set[str]:
    query = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {name for (name,) in cursor.fetchall()}
