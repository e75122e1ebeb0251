"""Common operational errors are reported in one sentence, without a stack trace."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import structlog
from django.db import DatabaseError, IntegrityError, InternalError, OperationalError, ProgrammingError
from psycopg.errors import DiskFull, LockNotAvailable, ReadOnlySqlTransaction, UniqueViolation

from config.command_line import main
from config.logs import shorten_outages
from marketplace.outages import explain, outage_of
from tests.sampling import sample

DEAD = "postgresql://comity@127.0.0.1:1/comity"


def manage(*arguments: str, **environment: str) -> tuple[int, list[str]]:
    """The exit code, and the lines on standard error."""
    kept = {"PATH": os.environ["PATH"], "COMITY_DEBUG": "true"}
    command = [sys.executable, "manage.py", *arguments]
    run = subprocess.run(
        command, env=kept | environment, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL
    )
    return run.returncode, run.stderr.splitlines()


@pytest.mark.parametrize("command", sample(["person show bea", "migrate"], every=2))
def test_database_that_is_down_is_one_sentence(command: str) -> None:
    code, (message, hint) = manage(*command.split(), DATABASE_URL=DEAD)
    assert code == 1
    assert message.startswith("CommandError: the database is unreachable: ")
    assert "Connection refused" in message
    assert hint == "hint: check that it is running, and check DATABASE_URL"


@pytest.mark.full
def test_folder_that_is_missing_is_one_sentence(tmp_path: Path) -> None:
    code, lines = manage("migrate", DATABASE_URL=f"sqlite:///{tmp_path}/missing/comity.sqlite3")
    assert (code, lines[0]) == (1, "CommandError: the database is unreachable: unable to open database file")


def test_database_without_tables_is_one_sentence(tmp_path: Path) -> None:
    code, lines = manage("person", "show", "bea", DATABASE_URL=f"sqlite:///{tmp_path}/empty.sqlite3")
    assert code == 1
    assert lines == [
        "CommandError: the database is not migrated: no such table: accounts_user",
        "hint: run `manage.py migrate`",
    ]


def test_wrong_setting_is_one_sentence() -> None:
    code, lines = manage("migrate", COMITY_DEBUG="perhaps")
    assert (code, len(lines)) == (1, 1)
    assert lines[0].startswith("CommandError: COMITY_DEBUG: ")


@pytest.mark.parametrize("command", sample(["check", "shell -c 1"], every=2))
def test_missing_secret_is_one_sentence_with_the_way_out(command: str) -> None:
    """As in another terminal than that of `make run`."""
    code, lines = manage(*command.split(), COMITY_DEBUG="false")
    assert (code, lines) == (
        1,
        [
            "CommandError: COMITY_SECRET_KEY is not set: use at least 50 random characters, "
            "or set COMITY_DEBUG=true to try out Comity on this machine."
        ],
    )


def test_help_needs_no_settings() -> None:
    assert manage("help", COMITY_DEBUG="false")[0] == 0


def test_duties_that_fail_without_a_database_log_a_line_each() -> None:
    code, lines = manage("run_due", "--skip-checks", DATABASE_URL=DEAD)
    assert code == 1
    assert len(lines) == len({line.partition('"event"')[0] for line in lines})
    assert not any("Traceback" in line for line in lines)
    assert sum("Connection refused" in line for line in lines) == len(lines) - 1


@pytest.mark.parametrize("error", [OperationalError("near SELECT: syntax error"), ZeroDivisionError("ours")])
def test_other_errors_keep_their_stack(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    if isinstance(error, OperationalError):
        cause = ProgrammingError("near SELECT")
        cause.sqlstate = "42601"  # type: ignore[attr-defined]
        error.__cause__ = cause

    def fail(_: list[str]) -> None:
        raise error

    monkeypatch.setattr("config.command_line.execute_from_command_line", fail)
    with pytest.raises(type(error)):
        main(["manage.py", "migrate"])
    event = {"event": "failed", "exc_info": error}
    assert shorten_outages(None, "error", dict(event)) == event


def test_stack_of_an_outage_is_left_out_of_the_log_however_it_is_logged() -> None:
    outage = OperationalError("connection failed: refused\n\tIs the server running?")
    for exc_info in (outage, (type(outage), outage, None)):
        line = shorten_outages(None, "error", {"event": "failed", "exc_info": exc_info})
        assert line == {"event": "failed", "error": "connection failed: refused"}
    try:
        raise outage
    except OperationalError:
        line = shorten_outages(None, "error", {"event": "failed", "exc_info": True})
    assert line == {"event": "failed", "error": "connection failed: refused"}
    assert shorten_outages in structlog.get_config()["processors"]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_locked_database_is_one_sentence_and_one_line_in_the_log(database: str) -> None:
    """Periodic work meets the lock every minute."""
    busy = OperationalError("locked\nCONTEXT: while locking a row")
    if database == "sqlite":
        busy.__cause__ = sqlite3.OperationalError("locked")
        busy.__cause__.sqlite_errorcode = sqlite3.SQLITE_BUSY
    else:
        busy.__cause__ = LockNotAvailable("locked")
    assert explain(busy) == (
        "another process has locked the database for too long",
        "try again, or stop it first",
    )
    line = shorten_outages(None, "error", {"event": "duty_failed", "exc_info": busy})
    assert line == {"event": "duty_failed", "error": "locked"}


def of_sqlite(code: int) -> sqlite3.Error:
    cause = sqlite3.DatabaseError("no")
    cause.sqlite_errorcode = code
    return cause


@pytest.mark.parametrize(
    ("error", "cause", "message"),
    [
        (DatabaseError, of_sqlite(sqlite3.SQLITE_NOTADB), "the database does not work: no"),
        (DatabaseError, of_sqlite(sqlite3.SQLITE_CORRUPT_VTAB), "the database does not work: no"),
        (OperationalError, of_sqlite(sqlite3.SQLITE_FULL), "the database does not work: no"),
        (OperationalError, of_sqlite(sqlite3.SQLITE_IOERR_WRITE), "the database does not work: no"),
        (OperationalError, of_sqlite(sqlite3.SQLITE_READONLY_DBMOVED), "the database is not writable"),
        (InternalError, ReadOnlySqlTransaction("no"), "the database is read-only"),
        (OperationalError, DiskFull("no"), "the database is unreachable: no"),
    ],
)
def test_database_that_cannot_be_used_is_one_sentence_and_one_line_in_the_log(
    error: type[DatabaseError], cause: Exception, message: str
) -> None:
    raised = error("no\nLINE 1: INSERT")
    raised.__cause__ = cause
    explained = explain(raised)
    assert explained is not None
    assert explained[0] == message
    line = shorten_outages(None, "error", {"event": "duty_failed", "exc_info": raised})
    assert line == {"event": "duty_failed", "error": "no"}


@pytest.mark.parametrize("cause", [None, UniqueViolation("twice"), of_sqlite(sqlite3.SQLITE_CONSTRAINT)])
def test_row_that_is_there_already_is_no_outage(cause: Exception | None) -> None:
    raised = IntegrityError("twice")
    raised.__cause__ = cause
    assert outage_of(raised) is None
    assert explain(raised) is None
