"""Adds an effect to the outbox in the transaction of the change that causes it."""

from collections.abc import Mapping
from datetime import datetime

from marketplace.outbox.models import OutboxEvent


def add_event(*, kind: str, subject_id: int, payload: Mapping[str, object], now: datetime) -> OutboxEvent:
    """Raises IntegrityError if this subject already had this event."""
    return OutboxEvent.objects.create(
        kind=kind, dedup=f"{kind}:{subject_id}", payload=dict(payload), created_at=now
    )
