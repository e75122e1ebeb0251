"""A file outside the database that lists who was erased, so that a restored backup does not bring anybody back.

Each line has the id of a user and when that user joined: a restored database may give the id to somebody else. A line is written
before the erasure commits: what broke off in between was asked for all the same, and is erased again.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from marketplace.accounts.models import User


class JournalUnreadable(Exception):
    """Says which line of the journal is none."""


@dataclass(frozen=True, slots=True)
class Entry:
    user_id: int
    joined: datetime


def journal() -> Path | None:
    path = getattr(settings, "COMITY_ERASURE_JOURNAL", None)
    return Path(path) if path else None


def note_erasure(user: User, *, now: datetime) -> None:
    """Raises OSError: without its line, a person is not erased."""
    path = journal()
    if path is None:
        return
    line = {"user_id": user.pk, "joined": user.date_joined.isoformat(), "erased_at": now.isoformat()}
    with os.fdopen(os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600), "r+b") as file:
        # What a power failure left of a line must not swallow the next one.
        broken_off = file.seek(0, os.SEEK_END) and not _ends_with_newline(file.fileno())
        file.write(b"\n" * bool(broken_off) + json.dumps(line).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _ends_with_newline(descriptor: int) -> bool:
    return os.pread(descriptor, 1, os.fstat(descriptor).st_size - 1) == b"\n"


def read_journal(path: Path) -> Iterator[Entry]:
    """Without a line that broke off. Raises OSError or JournalUnreadable."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                said = json.loads(line)
            except ValueError:
                continue
            try:
                yield Entry(int(said["user_id"]), datetime.fromisoformat(said["joined"]))
            except (KeyError, TypeError, ValueError):
                raise JournalUnreadable(f"line {number} of `{path}` names no erased account") from None
