"""A backup that is made while people go on holds decisions that can be made again, in a log that verifies."""

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from config.backups import back_up
from decisions.chain import seal_log
from decisions.models import DecisionRecord
from decisions.signing import write_new_key
from tests.evidence import local_evidence
from tests.marketplace.factories import LATER, NOW
from tests.marketplace.life import Staff, live
from tests.postgres import installed_program

RESTORED = "comity_restored"
BACKUPS = 5
"""The last one is restored; it was made in the middle of some sale."""

pytestmark = [pytest.mark.full, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def evidence(request, tmp_path: Path, settings, _django_db_marker: None) -> Path:
    return local_evidence(request, settings, tmp_path / "evidence")


class Load:
    """People who go on until the block ends."""

    def __init__(self, staff: Staff) -> None:
        self.staff = staff
        self.lived = 0
        self._ending = threading.Event()
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        try:
            while not self._ending.is_set():
                live(self.staff, 1_000 + self.lived, words="where")
                seal_log(now=LATER)
                self.lived += 1
        except Exception as error:
            self._error = error
        finally:
            connection.close()

    def __enter__(self) -> "Load":
        self._thread.start()
        self.go_on()
        return self

    def go_on(self) -> None:
        """Until the next sale is over."""
        lived = self.lived
        while self.lived == lived and self._thread.is_alive():
            self._thread.join(0.01)

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()
        if self._error is not None:
            raise self._error


def test_backup_under_load(database_url: str, tmp_path: Path, settings: Any) -> None:
    write_new_key(tmp_path / "log.key")
    settings.COMITY_LOG_KEY = tmp_path / "log.key"
    settings.COMITY_LOG_HEADS = str(tmp_path / "heads")
    staff = Staff()
    for number in range(3):
        live(staff, number, words="where")
    seal_log(now=NOW)
    settings.COMITY_LOG_HEADS = ""  # a head that is newer than the backup would be missing from it
    before = DecisionRecord.objects.count()

    with Load(staff) as load:
        for number in range(BACKUPS):
            make_backup(tmp_path / f"{number}")
            load.go_on()
    after = DecisionRecord.objects.count()

    with restored_from(tmp_path / f"{BACKUPS - 1}", database_url, key=settings.COMITY_LOG_KEY) as manage:
        manage("migrate", "-v0")
        verified = manage("policy", "verify-log", "--head", str(tmp_path / "heads"))
        replayed = manage("policy", "replay", "--since", "2026-01-01T00:00:00Z").splitlines()
    [(count, verdict)] = [line.split(" ") for line in replayed]
    assert verdict == "same"
    assert before < int(count) <= after
    assert int(verified.split()[0]) > before, "heads that were made meanwhile came along"


def make_backup(folder: Path) -> None:
    folder.mkdir()
    if connection.vendor == "sqlite":
        back_up(folder / "backup", now=LATER)
        return
    said = connection.settings_dict
    target = ["--host", said["HOST"], "--username", said["USER"], said["NAME"]]
    dump = [installed_program("pg_dump"), "--format=custom", f"--file={folder / 'dump'}", *target]
    subprocess.run(dump, check=True)


class restored_from:
    """Another installation, which the backup is restored to; gives a function that runs its `manage.py`."""

    def __init__(self, folder: Path, database_url: str, *, key: Path) -> None:
        self.folder = folder
        self.key = key
        self.server_url = database_url
        self.url = f"sqlite:///{folder / 'restored.sqlite3'}"
        if connection.vendor == "postgresql":
            self.url = database_url.rpartition("/")[0] + f"/{RESTORED}"

    def __enter__(self) -> Any:
        if connection.vendor == "sqlite":
            self.manage("restore", str(self.folder / "backup"))
            return self.manage
        with psycopg.connect(self.server_url, autocommit=True) as server:
            server.execute(f"CREATE DATABASE {RESTORED}")
        said = connection.settings_dict
        target = ["--host", said["HOST"], "--username", said["USER"], "--dbname", RESTORED]
        subprocess.run([installed_program("pg_restore"), *target, self.folder / "dump"], check=True)
        return self.manage

    def __exit__(self, *_: object) -> None:
        if connection.vendor == "postgresql":
            with psycopg.connect(self.server_url, autocommit=True) as server:
                server.execute(f"DROP DATABASE {RESTORED} WITH (FORCE)")

    def manage(self, *arguments: str) -> str:
        environment = os.environ | {
            "DATABASE_URL": self.url,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "COMITY_EVIDENCE_DIR": str(self.folder / "restored-evidence"),
            "COMITY_LOG_KEY": str(self.key),
            "COMITY_LOG_LEVEL": "ERROR",
        }
        command = [sys.executable, "manage.py", *arguments]
        ran = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout
