"""Ensures that nothing replaces or empties the database while a server uses it.

SQLite: a server opens the database only during requests, so it holds a shared lock on a separate file for its whole life. Other
processes are detected while they have the database open. PostgreSQL lists its sessions.
"""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import structlog
from django.db import connection

log = structlog.get_logger(__name__)

# A role that may not see other users' sessions sees that they exist, but not their kind. The server's own workers have no user.
OTHER_SESSIONS: Final = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND usesysid IS NOT NULL
    AND coalesce(backend_type, 'client backend') = 'client backend'
"""


class InUse(Exception):
    """Somebody else uses the database. The hint says how to find them."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def serve() -> None:
    """Called by every server worker at startup; waits for a running restore. The lock ends with the process, however it ends."""
    file = database_file()
    if file is None:
        return
    try:
        descriptor = _open(file)
    except OSError as error:  # for example a missing volume: /readyz reports that the database is down
        log.warning("database_folder_unusable", error=str(error))
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        log.warning("waiting_for_restore", database=str(file))
        fcntl.flock(descriptor, fcntl.LOCK_SH)


@contextmanager
def alone() -> Iterator[None]:
    """Holds exclusive use of the database: nobody else uses it, and with SQLite no server can start. Raises InUse."""
    file = database_file()
    if connection.vendor == "postgresql":
        _check_sessions()
        yield
    elif file is None:
        yield
    else:
        connection.close()
        with no_server(file):
            lock_database(file).close()
            yield


def database_file() -> Path | None:
    """None for PostgreSQL and for in-memory SQLite."""
    name = str(connection.settings_dict["NAME"])
    on_disk = connection.vendor == "sqlite" and ":memory:" not in name and "mode=memory" not in name
    return Path(name) if on_disk else None


def lock_database(file: Path) -> sqlite3.Connection:
    """Until the connection is closed, nobody else can read or write. Raises InUse."""
    database = sqlite3.connect(file, isolation_level=None, timeout=1)
    try:
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("BEGIN EXCLUSIVE")
        database.execute("COMMIT")
    except sqlite3.OperationalError as error:
        database.close()
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        hint = f"stop it and try again; `fuser {file}` shows it"
        raise InUse("another process has the database open", hint) from None
    return database


@contextmanager
def no_server(file: Path) -> Iterator[None]:
    descriptor = _open(file)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            hint = f"stop it first; `fuser {_lock_file(file)}` shows its processes"
            raise InUse("a server is running on this database", hint) from None
        yield
    finally:
        os.close(descriptor)


def _check_sessions() -> None:
    with connection.cursor() as cursor:
        cursor.execute(OTHER_SESSIONS)
        [count] = cursor.fetchone()
    if count:
        hint = "stop the server and other clients; the view pg_stat_activity lists them"
        raise InUse(f"the database has {count} other session{'' if count == 1 else 's'}", hint)


def _open(file: Path) -> int:
    """World-readable: a restore may run as another user than the server."""
    return os.open(_lock_file(file), os.O_RDONLY | os.O_CREAT, 0o644)


def _lock_file(file: Path) -> Path:
    """The same one whichever symbolic link leads to the database."""
    real = file.resolve()
    return real.with_name(real.name + ".server")
