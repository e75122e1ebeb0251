"""The states of disputes and media, and the allowed transitions. The triggers are generated from these tables."""

from collections.abc import Mapping
from typing import Final

from django.db import models


class DisputeStatus(models.TextChoices):
    OPEN = "open"
    REOPENED = "reopened"
    CLOSED = "closed"


class MediaState(models.TextChoices):
    """uploading: the row exists, the object may. quarantined: stored, hidden until a scanner has passed it. doomed: hidden and
    about to be deleted. purged: the object is gone."""

    UPLOADING = "uploading"
    QUARANTINED = "quarantined"
    LIVE = "live"
    DOOMED = "doomed"
    PURGED = "purged"


# (from, action) -> to
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
    """SQL on OLD and NEW that is true if `column` changes in a way that no row of the table allows."""
    allowed = sorted({(before, after) for (before, _), after in moves.items()})
    pairs = " OR ".join(f"(OLD.{column} = '{old}' AND NEW.{column} = '{new}')" for old, new in allowed)
    return f"NEW.{column} <> OLD.{column} AND NOT ({pairs})"
