"""Explains the common database errors to operators in one sentence instead of a stack trace."""

import sqlite3
from typing import Final

from django.db.utils import Error, InterfaceError, OperationalError

STOPPING: Final = frozenset({"57P01", "57P02", "57P03"})
LOCKED: Final = "55P03"  # by another transaction, for longer than `lock_timeout`
MISSING: Final = frozenset({"42P01", "42703"})  # a table, a column


def outage_of(error: BaseException | None) -> str | None:
    """One line that says why the database is unreachable. None if it is reachable, or if the error is a different one."""
    if not isinstance(error, (OperationalError, InterfaceError)):
        return None
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        return _line(error) if _sqlite_code(cause) == sqlite3.SQLITE_CANTOPEN else None
    state = getattr(cause, "sqlstate", None)
    return _line(error) if state is None or state in STOPPING or state[:2] in {"08", "28", "3D"} else None


def is_busy(error: BaseException | None) -> bool:
    """Whether another connection locked SQLite, or the row in PostgreSQL, for too long."""
    cause = error.__cause__ if isinstance(error, OperationalError) else None
    if isinstance(cause, sqlite3.Error):
        return _sqlite_code(cause) == sqlite3.SQLITE_BUSY
    return getattr(cause, "sqlstate", None) == LOCKED


def explain(error: Error) -> tuple[str, str] | None:
    """The problem and how to solve it."""
    if reason := outage_of(error):
        return f"the database is unreachable: {reason}", "check that it is running, and check DATABASE_URL"
    cause = error.__cause__
    if getattr(cause, "sqlstate", None) in MISSING or str(error).startswith(
        ("no such table", "no such column")
    ):
        return f"the database is not migrated: {_line(error)}", "run `manage.py migrate`"
    if is_busy(error):
        return "another process has locked the database for too long", "try again, or stop it first"
    if isinstance(cause, sqlite3.Error) and _sqlite_code(cause) == sqlite3.SQLITE_READONLY:
        return "the database is not writable", "run this as the server's user, who owns its folder"
    return None


def _sqlite_code(error: sqlite3.Error) -> int:
    """The primary code, without the extended part."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
