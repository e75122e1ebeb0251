"""Backups restore correctly, and incomplete ones are refused."""

import json
import shutil
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from config import backups
from config.backups import BackupRefused, back_up, missing_evidence, restore, verify_backup
from config.databases import configure_database

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


class Installation:
    """A database with one table, and evidence next to it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.database, self.evidence = folder / "live.sqlite3", folder / "evidence"
        self.run("PRAGMA journal_mode=WAL")
        self.run("CREATE TABLE sales (id INTEGER PRIMARY KEY, name TEXT)")
        self.run("INSERT INTO sales (name) VALUES ('desk')")
        self.run("CREATE TABLE disputes_media (key TEXT, state TEXT)")
        self.run("INSERT INTO disputes_media VALUES ('e/1', 'live'), ('e/2', 'purged'), ('e/3', 'uploading')")
        (self.evidence / "e").mkdir(parents=True)
        (self.evidence / "e" / "1").write_bytes(b"photo")

    def run(self, sql: str) -> list[Any]:
        with closing(sqlite3.connect(self.database, timeout=60)) as database:
            rows = database.execute(sql).fetchall()
            database.commit()
            return rows

    def files(self) -> dict[str, bytes]:
        return {
            str(path.relative_to(self.evidence)): path.read_bytes()
            for path in self.evidence.rglob("*")
            if path.is_file()
        }


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Installation:
    made = Installation(tmp_path / "live")
    monkeypatch.setattr(backups, "_database_file", lambda: made.database)
    settings.STORAGES = {**settings.STORAGES, "evidence": {"OPTIONS": {"location": made.evidence}}}
    return made


@pytest.fixture
def folder(installation: Installation, tmp_path: Path) -> Path:
    back_up(tmp_path / "backup", now=NOW)
    return tmp_path / "backup"


def test_restored_is_what_was_backed_up(installation: Installation, folder: Path) -> None:
    installation.run("DELETE FROM sales")
    installation.run("CREATE TABLE later (id INTEGER)")
    (installation.evidence / "e" / "1").unlink()
    (installation.evidence / "e" / "2").write_bytes(b"later")

    restore(folder, replace=True)

    assert installation.run("SELECT * FROM sales") == [(1, "desk")]
    tables = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
    assert installation.run(tables) == [("disputes_media",), ("sales",)]
    assert installation.files() == {"e/1": b"photo"}


def test_empty_place_takes_a_backup_without_a_word(installation: Installation, folder: Path) -> None:
    for path in [installation.evidence / "e" / "1", *installation.database.parent.glob("live.sqlite3*")]:
        path.unlink()

    restore(folder, replace=False)

    assert installation.run("SELECT name FROM sales") == [("desk",)]
    assert installation.files() == {"e/1": b"photo"}


def test_data_is_not_lost_by_mistake(installation: Installation, folder: Path) -> None:
    with pytest.raises(BackupRefused, match="this installation already has data"):
        restore(folder, replace=False)
    assert installation.files() == {"e/1": b"photo"}


def test_backup_while_others_write_is_of_one_moment(installation: Installation, tmp_path: Path) -> None:
    installation.run("CREATE TABLE pairs (left INTEGER, right INTEGER)")
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            installation.run(f"INSERT INTO pairs VALUES ({number}, {number})")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            back_up(tmp_path / f"backup-{number}", now=NOW)
    finally:
        stop.set()
        writer.join()

    for number in range(5):
        verify_backup(tmp_path / f"backup-{number}")
        with closing(sqlite3.connect(tmp_path / f"backup-{number}" / "comity.sqlite3")) as database:
            [(rows, highest)] = database.execute("SELECT count(*), coalesce(max(left), 0) FROM pairs")
        assert rows == highest


@pytest.mark.parametrize("name", ["comity.sqlite3", "evidence/e/1"])
@pytest.mark.parametrize("damage", ["changed", "cut off", "missing"])
def test_damaged_backup_is_not_restored(
    name: str, damage: str, installation: Installation, folder: Path
) -> None:
    file = folder / name
    content = file.read_bytes()
    if damage == "missing":
        file.unlink()
    else:
        file.write_bytes(content[:-1] + (b"" if damage == "cut off" else bytes([content[-1] ^ 1])))

    with pytest.raises(BackupRefused, match=f"`{name}` in the backup has changed"):
        restore(folder, replace=True)
    assert installation.run("SELECT name FROM sales") == [("desk",)]


def test_file_that_was_slipped_in_is_noticed(installation: Installation, folder: Path) -> None:
    (folder / "evidence" / "e" / "3").write_bytes(b"forged")

    with pytest.raises(BackupRefused, match="`evidence/e/3` in the backup has changed"):
        verify_backup(folder)


@pytest.mark.parametrize("manifest", ["", "[]", "{}", '{"files": {}, "made_at": "soon"}', None])
def test_folder_without_its_manifest_is_no_backup(
    manifest: str | None, installation: Installation, folder: Path
) -> None:
    file = folder / "manifest.json"
    file.unlink() if manifest is None else file.write_text(manifest)

    with pytest.raises(BackupRefused, match="is not a backup"):
        verify_backup(folder)


def test_backup_that_broke_off_is_not_there_under_its_name(
    installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(backups, "_copy_evidence", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            back_up(tmp_path / "broken", now=NOW)
    assert not (tmp_path / "broken").exists()

    back_up(tmp_path / "broken", now=NOW)
    assert verify_backup(tmp_path / "broken") == NOW


def test_earlier_backup_is_not_overwritten(installation: Installation, folder: Path) -> None:
    with pytest.raises(BackupRefused, match="exists"):
        back_up(folder, now=NOW)


def test_installation_without_files_of_evidence_is_backed_up_too(
    installation: Installation, tmp_path: Path, settings: Any
) -> None:
    settings.STORAGES = {name: value for name, value in settings.STORAGES.items() if name != "evidence"}

    back_up(tmp_path / "small", now=NOW)

    assert list(json.loads((tmp_path / "small" / "manifest.json").read_text())["files"]) == ["comity.sqlite3"]


def test_commands_say_what_they_did(
    installation: Installation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "by-command"
    call_command("backup", folder)
    call_command("restore", folder, "--check")
    with pytest.raises(
        CommandError, match="this installation already has data\nhint: pass --replace to overwrite it"
    ):
        call_command("restore", folder)
    call_command("restore", folder, "--replace")

    made, checked, restored, _ = capsys.readouterr().out.splitlines()
    assert made.startswith(f"{folder}: ")
    assert checked.startswith(f"{folder}: whole, of ")
    assert restored.startswith(f"{folder}: restored, of ")


@pytest.mark.parametrize("state", ["live", "quarantined"])
def test_missing_file_is_reported_and_the_rest_is_backed_up(
    state: str, installation: Installation, tmp_path: Path
) -> None:
    installation.run(f"INSERT INTO disputes_media VALUES ('e/9', '{state}')")

    with pytest.raises(CommandError, match="lacks 1 file of evidence"):
        call_command("backup", tmp_path / "partly")

    assert missing_evidence(tmp_path / "partly") == ["e/9"]
    restore(tmp_path / "partly", replace=True)
    assert installation.files() == {"e/1": b"photo"}


def test_wrong_evidence_folder_is_noticed(installation: Installation, tmp_path: Path, settings: Any) -> None:
    settings.STORAGES["evidence"]["OPTIONS"]["location"] = tmp_path / "nowhere"

    with pytest.raises(CommandError, match="is COMITY_EVIDENCE_DIR the server's"):
        call_command("backup", tmp_path / "empty")


def test_file_that_was_purged_meanwhile_is_not_missing(installation: Installation, folder: Path) -> None:
    (folder / "evidence" / "e" / "1").unlink()
    installation.run("UPDATE disputes_media SET state = 'purged'")

    assert missing_evidence(folder) == []


def test_database_without_disputes_misses_nothing(installation: Installation, folder: Path) -> None:
    with closing(sqlite3.connect(folder / "comity.sqlite3")) as database:
        database.execute("DROP TABLE disputes_media")
        database.commit()

    assert missing_evidence(folder) == []


VOLUME = "11111111-2222-3333-4444-555555555555"


@pytest.fixture
def marked(installation: Installation) -> Installation:
    """An installation whose database knows its evidence volume."""
    installation.run("CREATE TABLE disputes_evidencevolume (id INTEGER PRIMARY KEY, identity CHAR(32))")
    known = VOLUME.replace("-", "")
    installation.run(f"INSERT INTO disputes_evidencevolume (identity) VALUES ('{'0' * 32}'), ('{known}')")
    (installation.evidence / "e" / "volume").write_text(f"{VOLUME}\nDo not delete.\n")
    return installation


def test_marker_of_the_volume_is_backed_up_and_comes_back(marked: Installation, tmp_path: Path) -> None:
    before = marked.files()
    back_up(tmp_path / "marked", now=NOW)
    (marked.evidence / "e" / "1").unlink()
    (marked.evidence / "e" / "2").write_bytes(b"later")

    for _ in range(2):
        restore(tmp_path / "marked", replace=True)
        assert marked.files() == before


def lose(evidence: Path) -> None:
    evidence.rename(evidence.with_name("unmounted"))


def lose_to_a_stub(evidence: Path) -> None:
    lose(evidence)
    (evidence / "e").mkdir(parents=True)


def lose_to_another(evidence: Path) -> None:
    lose_to_a_stub(evidence)
    (evidence / "e" / "volume").write_text(VOLUME.replace("1", "9"))
    (evidence / "e" / "1").write_bytes(b"foreign")


@pytest.mark.parametrize("happens", [lose, lose_to_a_stub, lose_to_another])
def test_backup_without_the_volume_says_so_and_its_restore_leaves_the_files(
    marked: Installation, tmp_path: Path, capsys: pytest.CaptureFixture[str], happens: Any
) -> None:
    before = marked.files()
    happens(marked.evidence)
    with pytest.raises(CommandError, match="the backup contains only the database"):
        call_command("backup", tmp_path / "half")
    assert not (tmp_path / "half" / "evidence").exists()

    shutil.rmtree(marked.evidence, ignore_errors=True)
    marked.evidence.with_name("unmounted").rename(marked.evidence)
    call_command("restore", tmp_path / "half", "--replace")
    assert "evidence files are left alone" in capsys.readouterr().out
    assert marked.files() == before


@pytest.mark.parametrize("happens", [lose, lose_to_a_stub, lose_to_another])
def test_nothing_is_restored_onto_another_volume_by_mistake(
    marked: Installation, tmp_path: Path, happens: Any
) -> None:
    back_up(tmp_path / "whole", now=NOW)
    marked.run("DELETE FROM sales")
    happens(marked.evidence)
    before = marked.files()

    with pytest.raises(BackupRefused, match="the evidence volume that the database knows is missing"):
        restore(tmp_path / "whole", replace=True)
    assert (marked.files(), marked.run("SELECT * FROM sales")) == (before, [])

    for path in marked.database.parent.glob("live.sqlite3*"):
        path.unlink()
    restore(tmp_path / "whole", replace=True)
    assert marked.files() == {"e/1": b"photo", "e/volume": f"{VOLUME}\nDo not delete.\n".encode()}


def test_restore_that_broke_off_can_be_repeated(
    marked: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = marked.files()
    back_up(tmp_path / "whole", now=NOW)
    with monkeypatch.context() as patched:
        patched.setattr(backups, "_copy_evidence", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            restore(tmp_path / "whole", replace=True)
    restore(tmp_path / "whole", replace=True)
    assert marked.files() == before


def test_missing_database_is_not_backed_up(
    installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative path in another folder."""
    elsewhere = tmp_path / "elsewhere.sqlite3"
    monkeypatch.setattr(backups, "_database_file", lambda: elsewhere)

    with pytest.raises(BackupRefused, match=r"there is no database in `.*elsewhere\.sqlite3`"):
        back_up(tmp_path / "none", now=NOW)

    assert not elsewhere.exists()
    assert not list(tmp_path.glob("none*"))


def test_backup_of_an_empty_database_is_not_restored(installation: Installation, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "comity.sqlite3").touch()
    manifest = {
        "made_at": NOW.isoformat(),
        "files": {"comity.sqlite3": backups._sign(empty / "comity.sqlite3")},
    }
    (empty / "manifest.json").write_text(json.dumps(manifest))

    with pytest.raises(BackupRefused, match="the database in the backup is empty"):
        restore(empty, replace=True)

    assert installation.run("SELECT name FROM sales") == [("desk",)]


def test_postgresql_is_refused_with_a_hint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr(backups, "connection", _Connection("postgresql"))

    with pytest.raises(BackupRefused, match="this is for SQLite"):
        back_up(tmp_path / "none", now=NOW)


class _Connection:
    def __init__(self, vendor: str) -> None:
        self.vendor = vendor


def test_database_of_the_settings_is_the_one_that_is_backed_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    described = _Connection("sqlite")
    described.settings_dict = configure_database(f"sqlite:///{tmp_path / 'mine.sqlite3'}")
    monkeypatch.setattr(backups, "connection", described)

    assert backups._database_file() == tmp_path / "mine.sqlite3"
