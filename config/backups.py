"""Backups of an embedded installation: a copy of the SQLite file taken while the server runs, and the evidence files.

The database is copied first. A file uploaded meanwhile is then an extra one, which `retention orphans` lists; a file purged
meanwhile leaves a row without a file, which the next sweep purges again. Evidence is copied together with its volume marker,
and only from the volume that the database knows.
"""

import hashlib
import json
import shutil
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import connection

from config.alone import InUse, lock_database, no_server

DATABASE: Final = "comity.sqlite3"
EVIDENCE: Final = "evidence"
MANIFEST: Final = "manifest.json"
STAGE: Final = ".restoring"
MARKER: Final = "e/volume"
VOLUME: Final = "SELECT identity FROM disputes_evidencevolume ORDER BY id DESC LIMIT 1"
ANY_TABLE: Final = "SELECT 1 FROM sqlite_master LIMIT 1"
SHOWN: Final = "SELECT key FROM disputes_media WHERE state IN ('live', 'quarantined')"


class BackupRefused(Exception):
    """Nothing was changed. The hint says what to do instead."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def back_up(folder: Path, *, now: datetime) -> int:
    """Write a backup and return its size. The folder gets its final name only once complete."""
    source = _database_file()
    if not _holds_tables(source):
        hint = "set DATABASE_URL as for the server; a relative path depends on the current folder"
        raise BackupRefused(f"there is no database in `{source}`", hint)
    if folder.exists():
        raise BackupRefused(f"`{folder}` exists", "choose a new folder, such as one named after today's date")
    unfinished = folder.with_name(folder.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True, mode=0o700)
    with closing(sqlite3.connect(unfinished / DATABASE)) as copy:
        _copy_database(source.resolve().as_uri(), copy)
    evidence = _evidence_folder()
    if evidence and _fits(_untouched(unfinished / DATABASE), evidence):
        _copy_evidence(evidence, unfinished / EVIDENCE)
    sizes_and_sums = {name: _sign(unfinished / name) for name in _files(unfinished)}
    manifest = {"made_at": now.isoformat(), "files": sizes_and_sums}
    (unfinished / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n")
    unfinished.rename(folder)
    return sum(size for size, _ in sizes_and_sums.values())


def lacks_evidence(folder: Path) -> bool:
    """Whether the backup holds only the database, since the evidence volume was missing."""
    return _evidence_folder() is not None and not _fits(_untouched(folder / DATABASE), folder / EVIDENCE)


def missing_evidence(folder: Path) -> list[str]:
    """Files that should be downloadable but are missing from the backup, since they were not in the evidence folder."""
    if not _evidence_folder():
        return []
    there = set(_files(folder / EVIDENCE)) if (folder / EVIDENCE).is_dir() else set()
    missing = _shown(_untouched(folder / DATABASE)) - there
    # Without files purged during the backup.
    return sorted(missing & _shown(_database_file().resolve().as_uri())) if missing else []


def verify_backup(folder: Path) -> datetime:
    """When the backup was made. Raises BackupRefused if a file is missing, changed or unexpected, or if the database is
    corrupt."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
        promised = {name: tuple(signature) for name, signature in manifest["files"].items()}
        made_at = datetime.fromisoformat(manifest["made_at"])
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        raise BackupRefused(f"`{folder}` is not a backup", "choose a folder that `backup` created") from None
    actual = {name: _sign(folder / name) for name in _files(folder)}
    for name in sorted(promised.keys() | actual.keys()):
        if promised.get(name) != actual.get(name):
            raise BackupRefused(f"`{name}` in the backup has changed", "use another backup")
    with closing(sqlite3.connect(_untouched(folder / DATABASE), uri=True)) as database:
        [(verdict,)] = database.execute("PRAGMA integrity_check(1)").fetchall()
        is_empty = not database.execute(ANY_TABLE).fetchall()
    if verdict != "ok":
        raise BackupRefused(f"the database in the backup is corrupt: {verdict}", "use another backup")
    if is_empty:
        raise BackupRefused("the database in the backup is empty", "use another backup")
    return made_at


def restore(folder: Path, *, replace: bool, then: Callable[[], None] = lambda: None) -> None:
    """Verify the backup, then replace the current data, unless somebody uses it. A failure before the database is in place
    changes nothing. If the backup `lacks_evidence`, the evidence folder is left alone. No server starts before `then` has
    returned."""
    target = _database_file()
    verify_backup(folder)
    evidence = _evidence_folder()
    if not replace and (_holds_tables(target) or _holds_files(evidence)):
        raise BackupRefused("this installation already has data", "pass --replace to overwrite it")
    if evidence and target.exists() and not _fits(target.resolve().as_uri(), evidence):
        raise BackupRefused(
            "the evidence volume that the database knows is missing",
            f"mount it; to restore onto a new one, move `{target}` away first",
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    connection.close()
    try:
        with no_server(target):
            with closing(lock_database(target)) as there:
                _put_in_place(folder, there, None if lacks_evidence(folder) else evidence)
            then()
    except InUse as in_use:
        raise BackupRefused(str(in_use), in_use.hint) from None


def _put_in_place(folder: Path, there: sqlite3.Connection, evidence: Path | None) -> None:
    if evidence is None:
        _copy_database(_untouched(folder / DATABASE), there)
        return
    stage = evidence / STAGE
    shutil.rmtree(stage, ignore_errors=True)
    try:
        _copy_evidence(folder / EVIDENCE, stage)
        _copy_database(_untouched(folder / DATABASE), there)
    except BaseException:
        shutil.rmtree(stage, ignore_errors=True)
        raise
    _swap(evidence, stage)


def _swap(evidence: Path, stage: Path) -> None:
    """Replaces file by file, since the folder may be the root of a volume and cannot be renamed. The marker is replaced last,
    so that an interrupted restore can be repeated."""
    new = set(_files(stage))
    for name in set(_files(evidence)) - new - {MARKER}:
        (evidence / name).unlink()
    for name in sorted(new, key=lambda name: (name == MARKER, name)):
        (evidence / name).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        (stage / name).replace(evidence / name)
    if MARKER not in new:
        (evidence / MARKER).unlink(missing_ok=True)
    shutil.rmtree(stage)


def _fits(database: str, evidence: Path) -> bool:
    """Whether the folder is the volume that the database knows. Databases of earlier versions know none."""
    with closing(sqlite3.connect(database, uri=True)) as rows:
        try:
            known = rows.execute(VOLUME).fetchone()
        except sqlite3.DatabaseError:  # from before markers existed, or broken
            return True
    if known is None:
        return True
    try:
        return uuid.UUID((evidence / MARKER).read_text().partition("\n")[0]) == uuid.UUID(known[0])
    except (OSError, ValueError):
        return False


def _shown(database: str) -> set[str]:
    with closing(sqlite3.connect(database, uri=True)) as rows:
        try:
            return {key for (key,) in rows.execute(SHOWN)}
        except sqlite3.OperationalError:  # a database from before disputes existed
            return set()


def _database_file() -> Path:
    if connection.vendor != "sqlite":
        raise BackupRefused("this is for SQLite", "docs/operations.md says how to back up PostgreSQL")
    return Path(connection.settings_dict["NAME"])


def _evidence_folder() -> Path | None:
    """None if evidence is in a bucket, which the operator backs up separately."""
    storage: dict[str, Any] = settings.STORAGES.get("evidence", {})
    location = storage.get("OPTIONS", {}).get("location")
    return Path(location) if location else None


def _untouched(database: Path) -> str:
    """Opens the backup read-only, or SQLite would create files next to it."""
    return f"{database.resolve().as_uri()}?immutable=1"


def _copy_database(source: str, there: sqlite3.Connection) -> None:
    """SQLite's online backup: consistent despite concurrent writes, and all or nothing."""
    with closing(sqlite3.connect(source, uri=True)) as here:
        here.backup(there)
        there.commit()


def _copy_evidence(source: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in _files(source):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copy2(source / name, target / name)
        except FileNotFoundError:  # purged since it was listed
            continue


def _files(folder: Path) -> Iterator[str]:
    """Relative names, without the manifest and leftovers of an interrupted restore."""
    names = (path.relative_to(folder) for path in sorted(folder.rglob("*")) if path.is_file())
    return (str(name) for name in names if str(name) != MANIFEST and name.parts[0] != STAGE)


def _sign(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        return path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()


def _holds_tables(database: Path) -> bool:
    if not database.exists():
        return False
    with closing(sqlite3.connect(database)) as connection:
        return bool(connection.execute(ANY_TABLE).fetchall())


def _holds_files(folder: Path | None) -> bool:
    return folder is not None and any(_files(folder))
