"""Monitors the evidence storage for frequent health checks that must not block."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

import structlog

from marketplace.disputes.storage.store import StorageUnavailable, WrongVolume, open_storage, open_store

log = structlog.get_logger(__name__)

EVERY_SECONDS: Final = 15.0
PATIENCE_SECONDS: Final = 0.5
SLOW: Final = "timeout"


class StorageWatch:
    """Checks the storage at most once in `every` seconds and never concurrently. Callers wait at most `patience` seconds."""

    def __init__(self, *, every: float = EVERY_SECONDS, patience: float = PATIENCE_SECONDS) -> None:
        self._every, self._patience = every, patience
        self._asking = threading.Lock()
        # One permanent thread: bucket clients are created per thread.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="storage-watch")
        self._asked_at = 0.0
        self._answer: Future[str | None] | None = None

    def warm_up(self) -> None:
        """Creates the bucket client, which is slow. Needs no database, so that the server starts without one."""
        self._thread.submit(_ask, lambda: open_storage().read_marker())

    def problem(self) -> str | None:
        """Raises DatabaseError if the right volume is unknown."""
        try:
            answer = self._latest()
        except WrongVolume as none_installed:
            return str(none_installed)
        try:
            return answer.result(timeout=self._patience)
        except TimeoutError:
            return SLOW

    def _latest(self) -> Future[str | None]:
        if self._answer is not None and not self._is_old(self._answer):
            return self._answer
        store = open_store()  # not in the thread, which has no database connection, and not under the lock
        with self._asking:
            if self._answer is None or self._is_old(self._answer):
                self._asked_at = time.monotonic()
                self._answer = self._thread.submit(_ask, store.check)
            return self._answer

    def _is_old(self, answer: Future[str | None]) -> bool:
        return answer.done() and time.monotonic() - self._asked_at >= self._every


def _ask(check: Callable[[], object]) -> str | None:
    try:
        check()
    except StorageUnavailable as problem:
        return str(problem)
    except Exception:
        log.exception("storage_check_failed")
        return "unusable: see the log"
    return None
