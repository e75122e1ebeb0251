"""The bytes of an SQLite database that the running process has open.

Another process reads them: when a process closes a file, POSIX drops every lock that it holds on it, SQLite's too. Other
processes would then take the database for unused, and delete the log that this one goes on writing.
"""

import subprocess
from pathlib import Path

from django.db import connection


def read_database() -> bytes:
    """Without what is only in the write-ahead log."""
    return _read(_database())


def read_database_files() -> bytes:
    """The database, then its write-ahead log and the like."""
    database = _database()
    return _read(*sorted(database.parent.glob(database.name + "*")))


def _database() -> Path:
    return Path(connection.settings_dict["NAME"])


def _read(*files: Path) -> bytes:
    return subprocess.run(["cat", *files], capture_output=True, check=True, timeout=60).stdout
