"""Finds objects without a row, and rows without an object."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from marketplace.disputes.models import Media
from marketplace.disputes.states import MediaState
from marketplace.disputes.storage.store import StoredObject, open_store

MIN_AGE = timedelta(hours=24)
SHOWN = (MediaState.LIVE, MediaState.QUARANTINED)


@dataclass(frozen=True, slots=True)
class Orphans:
    """Recent objects are left out: their row may be about to be written."""

    objects: tuple[StoredObject, ...]
    rows: tuple[Media, ...]


def find_orphans(*, now: datetime) -> Orphans:
    # Read the rows first: an object is stored before its row is published, so the later listing must contain it.
    shown = list(Media.objects.filter(state__in=SHOWN).order_by("pk"))
    stored = list(open_store().objects())
    old = (stored_object for stored_object in stored if stored_object.modified_at <= now - MIN_AGE)
    return Orphans(tuple(_without_row(old)), tuple(_without_object(shown, stored)))


def remove_orphans(objects: Iterable[StoredObject]) -> None:
    """Raises StorageUnavailable. Rows without an object need a person's attention."""
    for stored_object in objects:
        open_store().remove(stored_object.key)


def _without_row(objects: Iterable[StoredObject]) -> list[StoredObject]:
    known = set(Media.objects.exclude(state=MediaState.PURGED).values_list("key", flat=True))
    return [stored_object for stored_object in objects if stored_object.key not in known]


def _without_object(shown: list[Media], stored: list[StoredObject]) -> list[Media]:
    keys = {stored_object.key for stored_object in stored}
    missing = [media.pk for media in shown if media.key not in keys]
    return list(Media.objects.filter(pk__in=missing, state__in=SHOWN).order_by("pk"))
