"""Periodic work, run by the server's own thread, by cron or by both at once.

App configurations name it: `due = ("shop.stock.recount",)`. The functions take `now`, do what is due, may be called at any
time, and return how much they did.
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
    """The amount of work done; None if it failed, which is logged."""

    name: str
    count: int | None


def run_due(*, now: datetime) -> list[Done]:
    """A failing function does not stop the others."""
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
