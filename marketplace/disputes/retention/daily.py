"""The sweep as one of the things that are due: once a day, whoever asks."""

from datetime import datetime, timedelta
from typing import Final

import structlog
from django.core.cache import cache

from marketplace.disputes.retention.clock import ClockDoubt, choose_moment, last_run
from marketplace.disputes.retention.sweeping import sweep
from marketplace.disputes.storage.store import StorageUnavailable

log = structlog.get_logger(__name__)

DAY: Final = timedelta(hours=23)
"""A little less, so that a sweep at the same hour each day is never taken for one too many."""
TOLD: Final = "retention-sweep-waits"
TOLD_FOR: Final = timedelta(hours=1)


def sweep_daily(*, now: datetime) -> int:
    """How many files were deleted: none while the clock is in doubt, until somebody runs `manage.py retention sweep
    --confirm`, and none while the storage is out of reach, which is tried again at every call."""
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
        _tell(str(problem), "look at `evidence` in /readyz; the sweep begins once the storage is back")
        return 0
    cache.delete(TOLD)
    return len(swept.deleted)


def _tell(reason: str, hint: str) -> None:
    """At most once an hour, unless the hint changes: this is called every minute."""
    if cache.get(TOLD) != hint:
        log.warning("retention_sweep_waits", reason=reason, hint=hint)
        cache.set(TOLD, hint, TOLD_FOR.total_seconds())
