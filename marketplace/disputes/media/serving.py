"""A file of a dispute as a browser may have it: saved, never shown inside a page of ours, never cached."""

from dataclasses import dataclass
from typing import BinaryIO, Final

from marketplace.disputes.media.kinds import find_kind
from marketplace.disputes.media.turns import media_turn
from marketplace.disputes.models import Media
from marketplace.disputes.storage.vault import open_vault

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
    """Raises StorageUnavailable or MediaBusy. Whoever asks closes the file."""
    kind = find_kind(media.kind)
    name = media.label or f"evidence-{media.pk}.{kind.name}"
    with media_turn():
        return Content(open_vault().fetch(media.key), name, kind.media_type)
