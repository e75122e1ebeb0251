"""Server threads that repeat a task and survive its errors."""

import threading
import time
from abc import ABC, abstractmethod
from contextlib import suppress
from typing import Final

from django.core.cache import cache
from django.db import connections

from decisions.logs import get_logger

LEASE_SECONDS: Final = 120
"""How long a worker that was killed during its turn keeps the others waiting."""

log = get_logger(__name__)


class Background(threading.Thread, ABC):
    """Subclasses implement the task as `look`."""

    def __init__(self, *, name: str, seconds: float) -> None:
        super().__init__(name=name, daemon=True)
        self._seconds = seconds
        self._stopping = threading.Event()

    def run(self) -> None:
        while True:
            self._look_and_survive()
            if self._stopping.wait(self._seconds):
                return

    @abstractmethod
    def look(self) -> None: ...

    def stop(self) -> None:
        self._stopping.set()
        self.join()

    def _look_and_survive(self) -> None:
        try:
            self.look()
        except Exception:
            log.exception("background_failed", thread=self.name)


class Shared(Background):
    """Runs in one worker at a time among all that share the cache, and as often in total as it would in one. After
    LEASE_SECONDS another worker joins, so `look` must tolerate overlap."""

    def _look_and_survive(self) -> None:
        try:
            if self._take_turn():
                super()._look_and_survive()
                self._rest()
        finally:
            connections.close_all()  # nothing else closes a thread's connection, which may be broken by the next run

    def _take_turn(self) -> bool:
        try:
            return cache.add(self._turn, time.time(), timeout=LEASE_SECONDS) or self._retake_turn()
        except Exception as error:
            log.warning("turn_not_taken", thread=self.name, reason=str(error))
            return True  # running twice is better than never

    def _retake_turn(self) -> bool:
        """If the clock was set back, the turn would end only when the old time returns. Clocks of several servers may differ
        a little."""
        taken = cache.get(self._turn)
        if taken is None or taken <= time.time() + LEASE_SECONDS:
            return False
        cache.set(self._turn, time.time(), timeout=LEASE_SECONDS)
        return True

    def _rest(self) -> None:
        """Slightly less than the pause, so that a worker that wakes then gets its turn."""
        with suppress(Exception):
            cache.set(self._turn, time.time(), timeout=self._seconds * 0.9)

    @property
    def _turn(self) -> str:
        return f"turn:{self.name}"
