"""The states of disputes and of media, and every move between them; triggers are made from these tables."""

from collections.abc import Mapping
from typing import Final

from django.db import models


class DisputeStatus(models.TextChoices):
    OPEN = "open"
    REOPENED = "reopened"
    CLOSED = "closed"


class MediaState(models.TextChoices):
    """uploading: the row is there, the object may be. quarantined: kept, shown to nobody until a scanner
    has passed it. doomed: shown to nobody and about to be deleted. purged: the object is gone."""

    UPLOADING = "uploading"
    QUARANTINED = "quarantined"
    LIVE = "live"
    DOOMED = "doomed"
    PURGED = "purged"


# (from, act) -> to
DISPUTE_MOVES: Final[Mapping[tuple[str, str], str]] = {
    (DisputeStatus.OPEN, "close"): DisputeStatus.CLOSED,
    (DisputeStatus.REOPENED, "close"): DisputeStatus.CLOSED,
    (DisputeStatus.CLOSED, "reopen"): DisputeStatus.REOPENED,
}

MEDIA_MOVES: Final[Mapping[tuple[str, str], str]] = {
    (MediaState.UPLOADING, "show"): MediaState.LIVE,
    (MediaState.UPLOADING, "quarantine"): MediaState.QUARANTINED,
    (MediaState.UPLOADING, "doom"): MediaState.DOOMED,
    (MediaState.QUARANTINED, "show"): MediaState.LIVE,
    (MediaState.QUARANTINED, "doom"): MediaState.DOOMED,
    (MediaState.LIVE, "doom"): MediaState.DOOMED,
    (MediaState.DOOMED, "purge"): MediaState.PURGED,
}


def forbidden_move(column: str, moves: Mapping[tuple[str, str], str]) -> str:
    """SQL on OLD and NEW that holds where `column` changes as no row of the table says."""
    allowed = sorted({(before, after) for (before, _), after in moves.items()})
    pairs = " OR ".join(f"(OLD.{column} = '{old}' AND NEW.{column} = '{new}')" for old, new in allowed)
    return f"NEW.{column} <> OLD.{column} AND NOT ({pairs})"
