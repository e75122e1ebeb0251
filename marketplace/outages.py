"""Explains the common database errors to operators in one sentence instead of a stack trace."""

import sqlite3
from typing import Final

from django.db.utils import DatabaseError, Error, InterfaceError, OperationalError

STOPPING: Final = frozenset({"57P01", "57P02", "57P03"})
READ_ONLY: Final = "25006"  # a standby server, after a failover
UNUSABLE: Final = frozenset(
    {"08", "28", "3D", "53", "58"}
)  # connection, credentials, name, disk and memory, I/O
BROKEN: Final = frozenset(
    {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
)
LOCKED: Final = "55P03"  # by another transaction, for longer than `lock_timeout`
MISSING: Final = frozenset({"42P01", "42703"})  # a table, a column


def outage_of(error: BaseException | None) -> str | None:
    """One line that says why the database cannot be used. None if it can, or if the error is a different one."""
    if not isinstance(error, (DatabaseError, InterfaceError)):
        return None
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        code = _sqlite_code(cause)
        return _line(error) if code in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, *BROKEN} else None
    state = getattr(cause, "sqlstate", None)
    if state is None:
        return _line(error) if isinstance(error, (OperationalError, InterfaceError)) else None
    return _line(error) if state in {*STOPPING, READ_ONLY} or state[:2] in UNUSABLE else None


def is_busy(error: BaseException | None) -> bool:
    """Whether another connection locked SQLite, or the row in PostgreSQL, for too long."""
    cause = error.__cause__ if isinstance(error, OperationalError) else None
    if isinstance(cause, sqlite3.Error):
        return _sqlite_code(cause) == sqlite3.SQLITE_BUSY
    return getattr(cause, "sqlstate", None) == LOCKED


def explain(error: Error) -> tuple[str, str] | None:
    """The problem and how to solve it."""
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error) and _sqlite_code(cause) == sqlite3.SQLITE_READONLY:
        return "the database is not writable", "run this as the server's user, who owns its folder"
    if getattr(cause, "sqlstate", None) == READ_ONLY:
        return "the database is read-only", "name the primary server in DATABASE_URL, not a standby"
    if isinstance(cause, sqlite3.Error) and _sqlite_code(cause) in BROKEN:
        return (
            f"the database does not work: {_line(error)}",
            "check its disk and DATABASE_URL, or restore a backup",
        )
    if reason := outage_of(error):
        return f"the database is unreachable: {reason}", "check that it is running, and check DATABASE_URL"
    if getattr(cause, "sqlstate", None) in MISSING or str(error).startswith(
        ("no such table", "no such column")
    ):
        return f"the database is not migrated: {_line(error)}", "run `manage.py migrate`"
    if is_busy(error):
        return "another process has locked the database for too long", "try again, or stop it first"
    return None


def _sqlite_code(error: sqlite3.Error) -> int:
    """The primary code, without the extended part."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
