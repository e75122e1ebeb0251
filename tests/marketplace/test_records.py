"""Decisions that the services recorded are made again; those that read private facts of an erased person are not."""

import json
import logging
import subprocess
import time
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import InternalError, connection
from psycopg.errors import DataCorrupted

from config.backups import back_up
from decisions import bundles
from decisions.chain import seal_log
from decisions.models import DecisionRecord, PseudonymKey
from decisions.replay import replay_since
from decisions.verifying import verify_log
from marketplace.accounts.erasure import erase_account
from marketplace.accounts.models import User
from tests.conftest import SIZE
from tests.database_files import read_database_files
from tests.evidence import local_evidence
from tests.marketplace.factories import LATER, NOW
from tests.marketplace.life import Staff, live
from tests.postgres import installed_program

RECORDS = 10_000 if SIZE == "full" else 30
ERASED = 100 if SIZE == "full" else 1
CANARY = "zqcanary"
WAIT = 600
"""Seconds."""

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def evidence(request, tmp_path: Path, settings, _django_db_marker: None) -> Path:
    return local_evidence(request, settings, tmp_path / "evidence")


def replayed() -> Counter[tuple[str, str]]:
    return Counter((result.verdict, result.said) for result in replay_since(NOW - timedelta(days=1)))


def test_everything_is_decided_again_until_its_person_is_erased(tmp_path: Path, caplog: Any) -> None:
    caplog.set_level(logging.DEBUG)
    staff, buyers = Staff(), []
    while DecisionRecord.objects.count() < RECORDS or len(buyers) <= ERASED:
        buyers.append(live(staff, len(buyers), words=f"{CANARY}{len(buyers)}x"))
    decided = set(DecisionRecord.objects.values_list("policy", flat=True))
    assert decided == set(bundles.in_force().policies) - {"record_retention", "policy_change"}
    total = DecisionRecord.objects.count()
    assert replayed() == {("same", ""): total}
    seal_log(now=NOW)
    gone, staying = secrets_of(buyers[:ERASED]), secrets_of(buyers[ERASED:])
    assert Kept.now(tmp_path / "before").lacks(gone) == {}, "each is in the tables, the files and a backup"

    for buyer in buyers[:ERASED]:
        erase_account(user_id=buyer.pk, now=LATER)

    assert replayed() == {("same", ""): total - ERASED, ("not-replayable", "erased"): ERASED}
    assert verify_log(key=None).problems == []
    kept = Kept.now(tmp_path / "after")
    assert kept.holds(gone) == {}
    assert kept.lacks(staying) == {}
    export = export_titles(tmp_path / "titles.parquet")
    assert "inbox_title" in caplog.text
    assert [secret for secret in gone | staying if secret in caplog.text or secret.encode() in export] == []


def secrets_of(people: list[User]) -> set[str]:
    """A word of each person's private fact, and the key that it is sealed under."""
    keys = PseudonymKey.objects.filter(actor_id__in=[person.pk for person in people])
    words = {f"{CANARY}{person.username.removeprefix('buyer')}x" for person in people}
    return words | set(keys.values_list("key", flat=True))


@dataclass(frozen=True)
class Kept:
    """Every value of every table, the bytes of the database's files, and a new backup."""

    places: dict[str, bytes]

    @classmethod
    def now(cls, folder: Path) -> "Kept":
        folder.mkdir()
        if connection.vendor == "sqlite":
            return cls({"tables": tables(), "files": read_database_files(), "backup": sqlite_backup(folder)})
        files = {"files": postgresql_files()} if SIZE == "full" else {}
        return cls({"tables": tables(), "backup": postgresql_backup(), **files})

    def lacks(self, secrets: set[str]) -> dict[str, list[str]]:
        return self._where(lambda content: [s for s in secrets if s.encode() not in content])

    def holds(self, secrets: set[str]) -> dict[str, list[str]]:
        return self._where(lambda content: [s for s in secrets if s.encode() in content])

    def _where(self, find: Any) -> dict[str, list[str]]:
        return {place: found for place, content in self.places.items() if (found := find(content))}


def tables() -> bytes:
    rows = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            rows.append(json.dumps(cursor.fetchall(), default=_plain))
    return "\n".join(rows).encode()


def _plain(value: Any) -> str:
    return bytes(value).decode("latin-1") if isinstance(value, memoryview | bytes) else str(value)


def sqlite_backup(folder: Path) -> bytes:
    back_up(folder / "backup", now=LATER)
    return (folder / "backup" / "comity.sqlite3").read_bytes()


def postgresql_files() -> bytes:
    """A plain VACUUM leaves bytes of deleted rows in the free space of a page."""
    with connection.cursor() as cursor:
        vacuum_fully(cursor)
        cursor.execute("CHECKPOINT")
        cursor.execute("SELECT oid FROM pg_database WHERE datname = current_database()")
        [oid] = cursor.fetchone()
        cursor.execute("SHOW data_directory")
        [data] = cursor.fetchone()
    return b"".join(file.read_bytes() for file in (Path(data) / "base" / str(oid)).iterdir())


def vacuum_fully(cursor: Any) -> None:
    """Wait for other tests: their open transactions, in databases of their own, keep rows whose large values are gone already
    (PostgreSQL bug 18351)."""
    for left in reversed(range(WAIT)):
        try:
            return cursor.execute("VACUUM FULL")
        except InternalError as error:
            if not left or not isinstance(error.__cause__, DataCorrupted):
                raise
        time.sleep(1)


def postgresql_backup() -> bytes:
    said = connection.settings_dict
    command = [installed_program("pg_dump"), "--host", said["HOST"], "--username", said["USER"], said["NAME"]]
    return subprocess.run(command, capture_output=True, check=True).stdout


def export_titles(out: Path) -> bytes:
    arguments = ("--since", "2026-01-01T00:00:00Z", "--policy", "inbox_title", "--out", str(out))
    call_command("policy", "export", *arguments)
    return out.read_bytes()
