"""Delivers outbox events at least once. An event in progress when its process is killed is delivered again, so handlers
deduplicate by `dedup`.

App configurations name handlers: `outbox = {"order.completed": "shop.mail.thank_both"}`.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.apps import apps
from django.db.models import F, Q, QuerySet
from django.utils.module_loading import import_string

from marketplace.outbox.models import OutboxEvent

log = structlog.get_logger(__name__)

LEASE: Final = timedelta(minutes=5)
LONGEST_PAUSE: Final = timedelta(hours=1)

Handler = Callable[[OutboxEvent], None]


class Undelivered(Exception):
    """Some events could not be delivered yet; the log says why."""


def deliver_events(*, now: datetime) -> int:
    """Returns the number of delivered events. Concurrent calls never deliver the same event twice. Raises Undelivered after all
    events have been tried."""
    delivered = failed = 0
    for event in _take_due(now):
        try:
            for handle in handlers_of(event.kind):
                handle(event)
        except Exception:
            log.exception("outbox_delivery_failed", dedup=event.dedup, attempts=event.attempts)
            _rows(event).update(not_before=now + pause_after(event.attempts))
            failed += 1
        else:
            _rows(event).update(sent_at=now, not_before=None)
            delivered += 1
    if failed:
        raise Undelivered(f"{failed} events could not be delivered, {delivered} were")
    return delivered


def handlers_of(kind: str) -> list[Handler]:
    paths = (getattr(config, "outbox", {}).get(kind) for config in apps.get_app_configs())
    return [log_event, *(import_string(path) for path in paths if path)]


def log_event(event: OutboxEvent) -> None:
    """Called for every event, in addition to other handlers."""
    log.info("outbox_event", kind=event.kind, dedup=event.dedup, payload=event.payload)


def pause_after(attempts: int) -> timedelta:
    return min(timedelta(seconds=2 ** min(attempts, 20)), LONGEST_PAUSE)


def _take_due(now: datetime) -> Iterator[OutboxEvent]:
    """A conditional UPDATE claims an event; the lease expires if the process is killed."""
    # Nothing waits longer than LONGEST_PAUSE: a later time was written by a fast clock.
    waits = Q(not_before__gt=now, not_before__lte=now + 2 * LONGEST_PAUSE)
    due = OutboxEvent.objects.filter(~waits, sent_at=None)
    for number in due.order_by("pk").values_list("pk", flat=True):
        if due.filter(pk=number).update(not_before=now + LEASE, attempts=F("attempts") + 1):
            yield OutboxEvent.objects.get(pk=number)


def _rows(event: OutboxEvent) -> QuerySet[OutboxEvent]:
    return OutboxEvent.objects.filter(pk=event.pk, sent_at=None)
