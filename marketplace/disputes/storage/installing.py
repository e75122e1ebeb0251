"""Installs the evidence volume: writes a marker to it, once, and the same identity to the database."""

import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from documents.plurals import counted
from marketplace.disputes.models import EvidenceVolume, Media
from marketplace.disputes.states import MediaState
from marketplace.disputes.storage.store import MARKER, Storage, open_storage

ADOPT = "mount the right volume; to use this one from now on, repeat with --adopt"
DAMAGED = f"restore the file `{MARKER}` from a backup; if there is none, delete it and repeat"
ACCEPT = "mount the volume that has them; to continue without them, repeat with --accept-missing"


class InstallRefused(Exception):
    """Nothing was changed. The hint says what to do."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Installed:
    volume: str
    new: bool


def install_volume(*, adopt: bool, accept_missing: bool, now: datetime) -> Installed:
    """Idempotent. Raises InstallRefused or StorageUnavailable."""
    storage = open_storage()
    row = EvidenceVolume.current()
    known, marker = str(row.identity) if row else None, storage.read_marker()
    if known is not None and known == marker:
        return Installed(known, new=False)
    _expect_whole(marker)
    if not adopt:
        _expect_unused(known, marker)
    if not accept_missing:
        _expect_files(storage)
    identity = marker or str(uuid.uuid4())
    # Write the marker last: if that fails, the row is rolled back.
    with transaction.atomic(durable=True):
        EvidenceVolume.objects.create(identity=identity, installed_at=now)
        if marker is None:
            storage.write_marker(identity)
    return Installed(identity, new=True)


def _expect_whole(marker: str | None) -> None:
    """An installation that was killed, or a full disk, may leave an empty marker."""
    with suppress(ValueError):
        if marker is None or uuid.UUID(marker):
            return
    raise InstallRefused("the marker of this evidence volume is damaged", DAMAGED)


def _expect_unused(known: str | None, marker: str | None) -> None:
    if known is None and marker is not None:
        raise InstallRefused("this evidence volume belongs to another database", ADOPT)
    if known is not None:
        what = "has no marker" if marker is None else "is a different one"
        raise InstallRefused(f"the database knows an evidence volume, but the current one {what}", ADOPT)


def _expect_files(storage: Storage) -> None:
    """A volume without the files that can still be downloaded is the wrong one."""
    shown = Media.objects.filter(state__in=[MediaState.LIVE, MediaState.QUARANTINED])
    keys = set(shown.values_list("key", flat=True))
    if not keys:
        return
    missing = keys - {stored.key for stored in storage.objects()}
    if missing:
        raise InstallRefused(f"it lacks {counted(len(missing), 'file')} that can still be downloaded", ACCEPT)
