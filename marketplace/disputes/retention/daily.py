"""The sweep as one of the things that are due: once a day, whoever asks."""

from datetime import datetime, timedelta
from typing import Final

import structlog
from django.core.cache import cache

from marketplace.disputes.retention.clock import ClockDoubt, choose_moment, last_run
from marketplace.disputes.retention.sweeping import sweep

log = structlog.get_logger(__name__)

DAY: Final = timedelta(hours=23)
"""A little less, so that a sweep at the same hour each day is never taken for one too many."""
TOLD: Final = "retention-sweep-waits"
TOLD_FOR: Final = timedelta(hours=1)


def sweep_daily(*, now: datetime) -> int:
    """How many files were deleted. Where the clock is in doubt nothing is, until somebody looks and runs
    `manage.py retention sweep --confirm`."""
    last = last_run()
    if last is not None and timedelta(0) <= now - last < DAY:
        return 0
    try:
        moment = choose_moment(at=None, confirmed=False)
    except ClockDoubt as doubt:
        _tell(doubt)
        return 0
    cache.delete(TOLD)
    return len(sweep(moment=moment, report=lambda item: None).deleted)


def _tell(doubt: ClockDoubt) -> None:
    """Once an hour, and whenever there is something else to do about it: this is asked every minute."""
    if cache.get(TOLD) != doubt.hint:
        log.warning("retention_sweep_waits", reason=str(doubt), hint=doubt.hint)
        cache.set(TOLD, doubt.hint, TOLD_FOR.total_seconds())
