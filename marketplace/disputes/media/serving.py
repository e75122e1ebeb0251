"""Serves a file of a dispute to a browser: as a download, never inline, never cached."""

from dataclasses import dataclass
from typing import BinaryIO, Final

from marketplace.disputes.media.kinds import find_kind
from marketplace.disputes.media.slots import media_slot
from marketplace.disputes.models import Media
from marketplace.disputes.storage.store import open_store

HARMLESS: Final = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
}


@dataclass(frozen=True, slots=True)
class Content:
    file: BinaryIO
    name: str
    media_type: str


def open_media(media: Media) -> Content:
    """Raises StorageUnavailable or MediaBusy. The caller closes the file."""
    kind = find_kind(media.kind)
    name = media.label or f"evidence-{media.pk}.{kind.name}"
    with media_slot():
        return Content(open_store().fetch(media.key), name, kind.media_type)
