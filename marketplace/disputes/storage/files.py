"""Evidence as local files, in a folder that no web server exposes."""

import io
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import FileSystemStorage
from django.utils.deconstruct import deconstructible

from marketplace.disputes.media.kinds import KINDS
from marketplace.disputes.storage.store import (
    MARKER,
    MARKER_BYTES,
    NO_MARKER,
    PREFIX,
    ObjectMissing,
    StorageUnavailable,
    StoredObject,
    WrongVolume,
    expect_volume,
    read_words,
    write_words,
)

ROOM: Final = max(kind.max_bytes for kind in KINDS)
_MARKER_NAME: Final = MARKER.removeprefix(PREFIX)


@deconstructible(path="marketplace.disputes.storage.files.EvidenceFiles")
class EvidenceFiles(FileSystemStorage):
    """All operations are relative to one open folder whose marker was read: if a volume is mounted or unmounted meanwhile, they
    still reach the checked volume."""

    def __init__(self, location: str | Path) -> None:
        super().__init__(location=location, base_url=None)

    def put(self, key: str, content: BinaryIO, *, size: int, volume: str) -> None:
        name = _name(key)
        with _unavailable(), self._open(volume) as folder:
            _write(name, content, folder=folder)

    def fetch(self, key: str, *, volume: str) -> BinaryIO:
        name = _name(key)
        with _unavailable(), self._open(volume) as folder:
            try:
                return os.fdopen(os.open(name, os.O_RDONLY, dir_fd=folder), "rb")
            except FileNotFoundError:
                raise ObjectMissing(key) from None

    def remove(self, key: str, *, volume: str) -> None:
        name = _name(key)
        with _unavailable(), self._open(volume) as folder:
            with suppress(FileNotFoundError):
                os.unlink(name, dir_fd=folder)
            os.fsync(folder)
            if _is_there(name, folder=folder):
                raise StorageUnavailable(f"{key} still exists")

    def check(self, *, volume: str) -> None:
        with _unavailable(), self._open(volume) as folder:
            if not os.access(".", os.R_OK | os.W_OK | os.X_OK, dir_fd=folder):
                raise StorageUnavailable("the evidence folder: not writable")
            disk = os.fstatvfs(folder)
            # Some file systems do not report free inodes.
            if disk.f_bavail * disk.f_frsize < ROOM or (disk.f_files and not disk.f_favail):
                raise StorageUnavailable("the evidence folder: the disk is almost full")

    def objects(self) -> Iterator[StoredObject]:
        with _unavailable():
            try:
                entries = sorted(os.scandir(self._path), key=lambda entry: entry.name)
            except FileNotFoundError:
                return
            for entry in entries:
                key = PREFIX + entry.name
                if key != MARKER and entry.is_file(follow_symlinks=False):
                    about = entry.stat(follow_symlinks=False)
                    yield StoredObject(key, about.st_size, datetime.fromtimestamp(about.st_mtime, UTC))

    def read_marker(self) -> str | None:
        with _unavailable():
            try:
                folder = os.open(self._path, os.O_RDONLY | os.O_DIRECTORY)
            except FileNotFoundError:
                return None
            try:
                return _read_marker(folder)
            finally:
                os.close(folder)

    def write_marker(self, volume: str) -> None:
        with _unavailable():
            self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder = os.open(self._path, os.O_RDONLY | os.O_DIRECTORY)
            try:
                _write(_MARKER_NAME, io.BytesIO(write_words(volume)), folder=folder)
            finally:
                os.close(folder)

    @property
    def _path(self) -> Path:
        return Path(self.location, PREFIX)

    @contextmanager
    def _open(self, volume: str) -> Iterator[int]:
        try:
            folder = os.open(self._path, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:
            raise WrongVolume(NO_MARKER) from None
        try:
            expect_volume(_read_marker(folder), volume)
            yield folder
        finally:
            os.close(folder)


def _name(key: str) -> str:
    """A name within the folder. Raises SuspiciousFileOperation for a name outside of it, and for the marker."""
    name = key.removeprefix(PREFIX)
    if key in {name, MARKER} or "/" in name or name in {"", ".", ".."}:
        raise SuspiciousFileOperation(f"`{key}` is not an evidence key")
    return name


def _write(name: str, content: BinaryIO, *, folder: int) -> None:
    """Durable when it returns. An incomplete file is removed immediately."""
    # O_EXCL: never overwrite; the second writer of a key fails.
    descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            shutil.copyfileobj(content, file)
            file.flush()
            os.fsync(file.fileno())
        os.fsync(folder)  # a name is durable once its folder is synced
    except BaseException:
        with suppress(OSError):
            os.unlink(name, dir_fd=folder)
        raise


def _is_there(name: str, *, folder: int) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _read_marker(folder: int) -> str | None:
    try:
        descriptor = os.open(_MARKER_NAME, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=folder)
    except FileNotFoundError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        return read_words(file.read(MARKER_BYTES))


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageUnavailable(f"the evidence folder: {error.strerror}") from error
