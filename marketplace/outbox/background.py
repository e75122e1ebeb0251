"""Server thread that runs due work, so that an embedded installation needs no cron."""

import threading

from django.conf import settings
from django.utils import timezone

from decisions.background import Shared
from marketplace.outbox.due import run_due


class DueRunner(Shared):
    def __init__(self, *, seconds: float) -> None:
        super().__init__(name="due-runner", seconds=seconds)

    def look(self) -> None:
        run_due(now=timezone.now())


_started: DueRunner | None = None
_starting = threading.Lock()


def start_running_due() -> DueRunner | None:
    """Starts the thread once per process, unless the settings leave the work to `manage.py run_due`."""
    global _started
    with _starting:
        if settings.COMITY_DUE_SECONDS and (_started is None or not _started.is_alive()):
            _started = DueRunner(seconds=settings.COMITY_DUE_SECONDS)
            _started.start()
        return _started
