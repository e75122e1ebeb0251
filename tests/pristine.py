"""Puts the test database back as migration left it after a test that committed.

Django would flush every table, then make permissions and triggers again: forty times as much work for each test.
"""

import sqlite3
import time
from typing import Any

from django.apps import apps
from django.db import connection

from decisions import texts, triggers
from decisions.triggers import GuardedAppConfig

HANGING_SECONDS = 60
"""Timeout against a connection that a test left in the middle of writing."""
LARGE = 500_000
"""Bytes of a PostgreSQL table from which on truncating is cheaper than deleting, which leaves dead rows."""
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'django_migrations'"
# As a replica, a session fires no triggers: neither ours nor those of foreign keys.
FUNCTION = """
CREATE FUNCTION pristine.restore() RETURNS void LANGUAGE plpgsql SET session_replication_role = replica AS $$ BEGIN
{truncated}
{restored}
END $$
"""
TRUNCATED = """
IF pg_relation_size('public.{table}') > {large} THEN TRUNCATE public.{table} CASCADE; END IF;
"""
EMPTIED = """
DELETE FROM public.{table};
"""
REFILLED = """
IF EXISTS ((SELECT t::text FROM public.{table} t) EXCEPT (SELECT t::text FROM pristine.{table} t))
    OR EXISTS ((SELECT t::text FROM pristine.{table} t) EXCEPT (SELECT t::text FROM public.{table} t)) THEN
    DELETE FROM public.{table};
    INSERT INTO public.{table} SELECT * FROM pristine.{table};
END IF;
"""


class Pristine:
    def __init__(self) -> None:
        self._copy: sqlite3.Connection | None = None

    def keep(self) -> None:
        """The database as it is now."""
        connection.ensure_connection()
        if connection.vendor == "sqlite":
            self._copy = sqlite3.connect(":memory:", check_same_thread=False)
            connection.connection.backup(self._copy)
        else:
            self._keep_on_postgresql()

    def _keep_on_postgresql(self) -> None:
        restored = []
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA IF EXISTS pristine CASCADE")
            cursor.execute("CREATE SCHEMA pristine")
            cursor.execute(TABLES)
            tables = [name for (name,) in cursor.fetchall()]
            for table in tables:
                cursor.execute(f"CREATE TABLE pristine.{table} AS TABLE public.{table}")
                restored.append((REFILLED if cursor.rowcount else EMPTIED).format(table=table))
            truncated = (TRUNCATED.format(table=table, large=LARGE) for table in tables)
            cursor.execute(FUNCTION.format(truncated="".join(truncated), restored="".join(restored)))

    def restore(self) -> None:
        texts.forget_texts()
        connection.ensure_connection()
        if self._copy is not None:
            self._copy.backup(connection.connection, progress=_Deadline())
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT pristine.restore()")
        if triggers.missing():  # a test lifted them
            for config in apps.get_app_configs():
                if isinstance(config, GuardedAppConfig):
                    triggers.install(config.triggers)


PRISTINE = Pristine()


class _Deadline:
    """SQLite is asked again every quarter of a second while the database is locked."""

    def __init__(self) -> None:
        self._end = time.monotonic() + HANGING_SECONDS

    def __call__(self, status: int, *_: Any) -> None:
        if time.monotonic() > self._end:
            raise TimeoutError("the test left a transaction open, so its database cannot be restored")
