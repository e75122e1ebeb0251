"""Runs the sweep once a day as part of the periodic work."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.core.cache import cache

from marketplace.disputes.retention.clock import ClockDoubt, choose_moment, last_run
from marketplace.disputes.retention.sweeping import sweep
from marketplace.disputes.storage.store import StorageUnavailable

log = structlog.get_logger(__name__)

DAY: Final = timedelta(hours=23)
"""A little less than a day, so that a sweep at the same hour every day is not skipped."""
TOLD: Final = "retention-sweep-waits"
TOLD_FOR: Final = timedelta(hours=1)


def sweep_daily(*, now: datetime) -> int:
    """Returns the number of deleted files. Deletes nothing while the clock is in doubt, until somebody runs `manage.py
    retention sweep --confirm`, or while the storage is unreachable, which is retried on every call."""
    last = last_run()
    if last is not None and timedelta(0) <= now - last < DAY:
        return 0
    try:
        moment = choose_moment(at=None, confirmed=False)
        swept = sweep(moment=moment, report=lambda item: None)
    except ClockDoubt as doubt:
        _tell(str(doubt), doubt.hint)
        return 0
    except StorageUnavailable as problem:
        _tell(str(problem), "see `evidence` in /readyz; the sweep runs once the storage is back")
        return 0
    with suppress(Exception):  # Redis may be down
        cache.delete(TOLD)
    return len(swept.deleted)


def _tell(reason: str, hint: str) -> None:
    """Log at most once an hour unless the hint changes: this is called every minute. While Redis is down, log every time."""
    with suppress(Exception):
        if cache.get(TOLD) == hint:
            return
    log.warning("retention_sweep_waits", reason=reason, hint=hint)
    with suppress(Exception):
        cache.set(TOLD, hint, TOLD_FOR.total_seconds())
