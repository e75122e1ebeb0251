"""Triggers are installed after every migration, and missing ones are detected."""

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import connection

from decisions import triggers

pytestmark = pytest.mark.django_db


def drop(name: str, table: str) -> None:
    on_table = f" ON {table}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}{on_table}")


def test_all_are_there_after_migrating():
    assert triggers.missing() == []


def test_dropped_one_is_missed_by_the_check_and_put_back_by_migrate():
    drop("chats_chat_stays_locked", "chats_chat")
    assert triggers.missing() == ["chats_chat_stays_locked"]
    warnings = [message for message in run_checks(databases=["default"]) if message.id == "decisions.W001"]
    assert len(warnings) == 1
    assert "chats_chat_stays_locked" in warnings[0].msg
    call_command("migrate", verbosity=0)
    assert triggers.missing() == []


def test_installing_again_changes_nothing():
    everything = triggers.declared(connection.vendor)
    triggers.install(everything)
    triggers.install(everything)
    assert triggers.missing() == []


def test_lifted_ones_come_back_with_the_next_migration():
    triggers.lift()
    assert len(triggers.missing()) == len(triggers.declared(connection.vendor))
    call_command("migrate", verbosity=0)
    assert triggers.missing() == []


@pytest.mark.postgresql
def test_disabled_trigger_counts_as_missing():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE chats_chat DISABLE TRIGGER chats_chat_stays_locked")
    assert triggers.missing() == ["chats_chat_stays_locked"]
