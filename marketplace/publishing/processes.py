"""The server processes that poll for the bundle in force, and what is said until a break-glass activation is reviewed."""

from datetime import datetime, timedelta
from typing import Final

import structlog
from django.utils import timezone

from marketplace.publishing.models import ServerProcess
from marketplace.publishing.queries import unreviewed
from marketplace.publishing.source import BEAT_SECONDS

log = structlog.get_logger(__name__)

GONE_AFTER: Final = timedelta(seconds=3 * BEAT_SECONDS)


def living() -> list[ServerProcess]:
    return list(ServerProcess.objects.filter(seen_at__gte=timezone.now() - GONE_AFTER).order_by("pk"))


def forget_gone(*, now: datetime) -> int:
    """Deletes processes that have not been seen for a day, and returns their number."""
    return ServerProcess.objects.filter(seen_at__lt=now - timedelta(days=1)).delete()[0]


def remind_of_glass(*, now: datetime) -> int:
    """Repeats in the log, with each run of the periodic work, what was put in force without approval. Returns how many."""
    waiting = list(unreviewed())
    for activation in waiting:
        log.warning(
            "glass_not_reviewed",
            activation=activation.pk,
            bundle=activation.publication_id,
            reason=activation.reason,
        )
    return len(waiting)
