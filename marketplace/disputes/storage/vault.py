"""What Comity asks of the storage `evidence`, whichever it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol, cast

from django.core.files.storage import storages

ALIAS = "evidence"
PREFIX = "e/"


class StorageUnavailable(Exception):
    """The storage did not do what it was asked, in time: whether the object is there now is unknown."""


class ObjectMissing(StorageUnavailable):
    """There is a row of this object, and no object."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    key: str
    size: int
    modified_at: datetime


class Vault(Protocol):
    """Every method raises StorageUnavailable within the storage's time-outs rather than wait for ever."""

    def put(self, key: str, content: BinaryIO, *, size: int) -> None:
        """Durable when it returns; never overwrites."""

    def fetch(self, key: str) -> BinaryIO:
        """Raises ObjectMissing. Whoever asks closes it."""

    def remove(self, key: str) -> None:
        """Returns when the object is seen to be absent, in every version; repeated, it does nothing."""

    def objects(self) -> Iterator[StoredObject]: ...

    def check(self) -> None:
        """Cheap, and changes nothing: returns when the storage can be reached."""


def open_vault() -> Vault:
    return cast(Vault, storages[ALIAS])
