"""Evidence as local files, in a folder that no server serves."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from django.core.files.storage import FileSystemStorage
from django.utils.deconstruct import deconstructible

from marketplace.disputes.storage.vault import ObjectMissing, StorageUnavailable, StoredObject


@deconstructible(path="marketplace.disputes.storage.files.EvidenceFiles")
class EvidenceFiles(FileSystemStorage):
    def __init__(self, location: str | Path) -> None:
        super().__init__(location=location, base_url=None)

    def put(self, key: str, content: BinaryIO, *, size: int) -> None:
        path = Path(self.path(key))
        with _unavailable():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # O_EXCL: whoever comes second with a key fails, and never overwrites.
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                shutil.copyfileobj(content, file)
                file.flush()
                os.fsync(file.fileno())
            _sync_folder(path.parent)

    def fetch(self, key: str) -> BinaryIO:
        with _unavailable():
            try:
                return Path(self.path(key)).open("rb")
            except FileNotFoundError:
                raise ObjectMissing(key) from None

    def remove(self, key: str) -> None:
        path = Path(self.path(key))
        with _unavailable():
            # A place that nothing was ever put into is the wrong one: the object is somewhere else, and not absent.
            if not path.parent.is_dir():
                raise StorageUnavailable("the evidence folder is not there")
            path.unlink(missing_ok=True)
            _sync_folder(path.parent)
            if os.path.lexists(path):
                raise StorageUnavailable(f"{key} is still there")

    def check(self) -> None:
        folder = Path(self.location)
        with _unavailable():
            while not folder.exists():  # made by the first file that is put there
                folder = folder.parent
            if not folder.is_dir() or not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
                raise StorageUnavailable("the evidence folder: nothing can be put there")

    def objects(self) -> Iterator[StoredObject]:
        root = Path(self.location)
        with _unavailable():
            for path in sorted(root.rglob("*")):
                if path.is_file():
                    found = path.stat()
                    modified_at = datetime.fromtimestamp(found.st_mtime, UTC)
                    yield StoredObject(path.relative_to(root).as_posix(), found.st_size, modified_at)


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageUnavailable(f"the evidence folder: {error.strerror}") from error


def _sync_folder(folder: Path) -> None:
    """A name is durable once its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
