"""The interface of the evidence storage, and the check that it is the volume that the database knows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Final, Protocol, cast

from django.core.files.storage import storages

from marketplace.disputes.models import EvidenceVolume

ALIAS: Final = "evidence"
PREFIX: Final = "e/"
MARKER: Final = f"{PREFIX}volume"
"""The object that identifies the volume. It is stored with the evidence, so that it moves with it."""
MARKER_BYTES: Final = 200
NO_MARKER: Final = "the evidence volume is missing: it has no marker"


class StorageUnavailable(Exception):
    """The storage did not complete the operation in time: whether the object exists is unknown."""


class ObjectMissing(StorageUnavailable):
    """A row exists, but its object does not."""


class WrongVolume(StorageUnavailable):
    """The storage responds, but is not the volume that the database knows. Nothing was read or written."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    key: str
    size: int
    modified_at: datetime


class Storage(Protocol):
    """Every method raises StorageUnavailable within the storage's timeouts.

    INVARIANT: methods that take a `volume` raise WrongVolume, and do nothing, unless the marker names that volume.
    """

    def put(self, key: str, content: BinaryIO, *, size: int, volume: str) -> None: ...

    def fetch(self, key: str, *, volume: str) -> BinaryIO: ...

    def remove(self, key: str, *, volume: str) -> None: ...

    def check(self, *, volume: str) -> None: ...

    def objects(self) -> Iterator[StoredObject]:
        """Without the marker. Empty if nothing was installed."""

    def read_marker(self) -> str | None:
        """None if there is no marker."""

    def write_marker(self, volume: str) -> None:
        """Creates the location of the evidence. Never overwrites."""


@dataclass(frozen=True, slots=True)
class EvidenceStore:
    """The storage, with the volume checked before each use."""

    storage: Storage
    volume: str

    def put(self, key: str, content: BinaryIO, *, size: int) -> None:
        """Durable when it returns; never overwrites."""
        self.storage.put(key, content, size=size, volume=self.volume)

    def fetch(self, key: str) -> BinaryIO:
        """Raises ObjectMissing. The caller closes the file."""
        return self.storage.fetch(key, volume=self.volume)

    def remove(self, key: str) -> None:
        """Returns once the object is verifiably absent, in every version. Idempotent."""
        self.storage.remove(key, volume=self.volume)

    def objects(self) -> Iterator[StoredObject]:
        self.check_volume()
        return self.storage.objects()

    def check_volume(self) -> None:
        """Returns if this is the right volume, even if it is full."""
        expect_volume(self.storage.read_marker(), self.volume)

    def check(self) -> None:
        """Returns if the right volume is reachable and has room for a file. Cheap and read-only."""
        self.storage.check(volume=self.volume)


def open_storage() -> Storage:
    return cast(Storage, storages[ALIAS])


def open_store() -> EvidenceStore:
    """Raises WrongVolume if none was installed."""
    known = EvidenceVolume.current()
    if known is None:
        raise WrongVolume("no evidence volume is installed: run `manage.py evidence install`")
    return EvidenceStore(open_storage(), str(known.identity))


def expect_volume(marker: str | None, volume: str) -> None:
    if marker is None:
        raise WrongVolume(NO_MARKER)
    if marker != volume:
        raise WrongVolume("wrong evidence volume: its marker is not the one the database knows")


def write_words(volume: str) -> bytes:
    """The content of a marker."""
    return f"{volume}\nThis file identifies the volume to Comity. Without it, evidence is out of reach.\n".encode()


def read_words(marker: bytes) -> str:
    return marker.decode(errors="replace").partition("\n")[0].strip()
