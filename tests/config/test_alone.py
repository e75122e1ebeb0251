"""Commands that replace or empty the database are refused while it is in use, and then change nothing."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from django.db import connection

from config import alone, backups
from marketplace.accounts.models import User
from tests.serving import CLIENT

SECONDS = 60
NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
HOLD = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
database.execute("SELECT count(*) FROM sqlite_master").fetchall()
print("open", flush=True)
sys.stdin.read()
"""


def manage(*arguments: str, database_url: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", *arguments]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": database_url}
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL
    )


@contextmanager
def process(*command: str, **options: Any) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(command, text=True, stdin=subprocess.PIPE, **options) as started:
        try:
            yield started
        finally:
            started.kill()


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Path:
    """The file of a database with one row more than its backup."""
    file, evidence = tmp_path / "live.sqlite3", tmp_path / "evidence"
    monkeypatch.setattr(backups, "_database_file", lambda: file)
    settings.STORAGES = {**settings.STORAGES, "evidence": {"OPTIONS": {"location": evidence}}}
    evidence.mkdir()
    (evidence / "photo").write_bytes(b"photo")
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE sales (name TEXT)")
        database.execute("INSERT INTO sales VALUES ('desk')")
        database.commit()
        backups.back_up(tmp_path / "backup", now=NOW)
        database.execute("INSERT INTO sales VALUES ('lamp')")
        database.commit()
    return file


def sales(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as database:
        return [name for (name,) in database.execute("SELECT name FROM sales")]


def restore(file: Path) -> str:
    """Returns why it was refused."""
    try:
        backups.restore(file.parent / "backup", replace=True)
    except backups.BackupRefused as refused:
        return f"{refused}; {refused.hint}"
    return ""


def test_restore_is_refused_while_another_process_has_the_database_open(installation: Path) -> None:
    with process(sys.executable, "-c", HOLD, str(installation), stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        assert restore(installation).startswith("another process has the database open; stop it")
    assert sales(installation) == ["desk", "lamp"]

    assert restore(installation) == ""
    assert sales(installation) == ["desk"]


def test_nobody_reads_or_writes_while_a_restore_is_under_way(
    installation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Including the time before its files are in place."""
    copied: list[str] = []

    def look(_source: Path, target: Path) -> None:
        target.mkdir()
        with (
            closing(sqlite3.connect(installation, timeout=0)) as database,
            pytest.raises(sqlite3.OperationalError, match="database is locked"),
        ):
            database.execute("INSERT INTO sales VALUES ('chair')")
        copied.append(target.name)

    monkeypatch.setattr(backups, "_copy_evidence", look)
    assert restore(installation) == ""
    assert copied == [".restoring"]


def test_restore_that_fails_halfway_changes_nothing(
    installation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_source: Path, target: Path) -> None:
        target.mkdir()
        (target / "photo").write_bytes(b"half")
        raise OSError("no space left")

    with monkeypatch.context() as patched:
        patched.setattr(backups, "_copy_evidence", fail)
        with pytest.raises(OSError, match="no space left"):
            backups.restore(installation.parent / "backup", replace=True)

    assert sales(installation) == ["desk", "lamp"]
    assert [path.name for path in (installation.parent / "evidence").iterdir()] == ["photo"]
    assert restore(installation) == ""


def test_restore_is_refused_while_an_idle_server_runs_and_not_once_it_was_killed(installation: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{installation}",
        "COMITY_DEBUG": "true",
        "COMITY_DUE_SECONDS": "0",
        "MODERATION_CLASSIFIER": "none",
    }
    command = [str(Path(sys.executable).parent / "granian"), "--interface", "wsgi", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--no-ws", "config.wsgi:application"]
    outputs = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with process(*command, env=environment, start_new_session=True, **outputs) as server:
        try:
            wait_for(f"http://127.0.0.1:{port}/healthz")
            assert restore(installation).startswith("a server is running on this database; stop it first")
            flushed = manage("flush", "--noinput", database_url=environment["DATABASE_URL"])
        finally:
            os.killpg(server.pid, signal.SIGKILL)

    assert flushed.returncode == 1
    assert flushed.stderr.splitlines()[0] == "CommandError: a server is running on this database"
    assert sales(installation) == ["desk", "lamp"]
    until(lambda: restore(installation) == "")
    assert sales(installation) == ["desk"]


def test_server_that_starts_waits_for_a_restore_to_end(
    installation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alone, "database_file", lambda: installation)
    server = threading.Thread(target=alone.serve)
    with alone.no_server(installation):
        server.start()
        server.join(0.2)
        assert server.is_alive()
    server.join(SECONDS)
    assert not server.is_alive()


def test_server_starts_although_the_folder_of_the_database_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alone, "database_file", lambda: tmp_path / "missing" / "live.sqlite3")
    alone.serve()
    assert list(tmp_path.iterdir()) == []


def wait_for(url: str) -> None:
    def answers() -> bool:
        try:
            return CLIENT.get(url).status_code == 200
        except httpx.HTTPError:
            return False

    until(answers)


def until(holds: Any) -> None:
    """Gives up after a minute, which only a hang would take."""
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it hangs"
        time.sleep(0.05)


@pytest.mark.django_db(transaction=True)
def test_flush_is_refused_while_somebody_else_is_connected(database_url: str) -> None:
    """This test's own connection is the other one."""
    User.objects.create_user("bea")
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM accounts_user")
        cursor.fetchall()

    refused = manage("flush", "--noinput", database_url=database_url)

    assert refused.returncode == 1
    expected = {
        "sqlite": "another process has the database open",
        # Threads of earlier tests may have left sessions open.
        "postgresql": r"the database has (1 other session|\d+ other sessions)",
    }
    assert re.fullmatch(f"CommandError: {expected[connection.vendor]}", refused.stderr.splitlines()[0])
    assert refused.stderr.splitlines()[1].startswith("hint: stop ")
    assert User.objects.filter(username="bea").exists()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_sessions_of_other_users_count_though_little_is_shown_of_them(database_url: str) -> None:
    """Connected as a user that is no superuser and may not read all statistics."""
    with connection.cursor() as cursor:
        cursor.execute("DROP ROLE IF EXISTS plain")
        cursor.execute("CREATE ROLE plain LOGIN")
    try:
        host = connection.settings_dict["HOST"]
        with psycopg.connect(host=host, user="plain", dbname=connection.settings_dict["NAME"]) as plain:
            shown = plain.execute(
                "SELECT backend_type, query FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND usesysid IS NOT NULL"
            ).fetchall()
            assert set(shown) == {(None, "<insufficient privilege>")}
            assert plain.execute(alone.OTHER_SESSIONS).fetchone() == (len(shown),)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP ROLE plain")


def test_server_is_recognized_through_a_symbolic_link(installation: Path, tmp_path: Path) -> None:
    link = tmp_path / "elsewhere" / "database"
    link.parent.mkdir()
    link.symlink_to(installation)
    with (
        alone.no_server(link),
        pytest.raises(alone.InUse, match="a server is running"),
        alone.no_server(installation),
    ):
        pass
