"""Everything that is due from time to time, whoever runs it: the server's own thread, cron, both at once.

App configurations name it: `due = ("shop.stock.recount",)`, functions that take `now`, do what is due by then, may be
called again at any time, and say how much they did.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.apps import apps
from django.utils.module_loading import import_string

log = structlog.get_logger(__name__)

Duty = Callable[..., int]


@dataclass(frozen=True, slots=True)
class Done:
    """How much of it was done; None where it failed, which the log tells about."""

    name: str
    count: int | None


def run_due(*, now: datetime) -> list[Done]:
    """A duty that fails stops none of the others."""
    return [Done(name, _run(name, duty, now)) for name, duty in duties()]


def duties() -> Iterator[tuple[str, Duty]]:
    for config in apps.get_app_configs():
        for path in getattr(config, "due", ()):
            yield path.rpartition(".")[2], import_string(path)


def _run(name: str, duty: Duty, now: datetime) -> int | None:
    try:
        count = duty(now=now)
    except Exception:
        log.exception("duty_failed", duty=name)
        return None
    if count:
        log.info("duty_done", duty=name, count=count)
    return count
