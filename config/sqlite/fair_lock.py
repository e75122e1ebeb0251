"""A lock that is handed on in the order in which it was asked for."""

import threading
import time
from collections import deque

from marketplace.waiting import MOMENT, Wait


class FairLock:
    """SQLite wakes whoever happens to look when the database is free, and looks less often the longer one has
    waited; so a writer among busy ones could wait for many seconds. In here nobody is overtaken."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._held = False
        self._moved = 0.0
        self._waiting: deque[threading.Lock] = deque()

    def acquire(self, wait: Wait) -> bool:
        """Whether it is one's turn before the time is up. Raises TooManyWaiting where turns have not moved on for a moment
        and all places of those who wait are taken."""
        with self._guard:
            if not self._held:
                self._hold()
                return True
            waiter = threading.Lock()
            waiter.acquire()
            self._waiting.append(waiter)
            patience = self._moved + MOMENT - time.monotonic()
        if waiter.acquire(timeout=min(max(0.0, patience), wait.left)):
            return True
        try:
            wait.take_place()
            return waiter.acquire(timeout=wait.left) or not self._withdraw(waiter)
        except BaseException:
            if not self._withdraw(waiter):
                self.release()
            raise

    def release(self) -> None:
        with self._guard:
            if self._waiting:
                self._hold()
                self._waiting.popleft().release()
            else:
                self._held = False

    def _hold(self) -> None:
        self._held = True
        self._moved = time.monotonic()

    def _withdraw(self, waiter: threading.Lock) -> bool:
        """Whether the turn is still waited for, and not handed over just now."""
        with self._guard:
            if waiter not in self._waiting:
                return False
            self._waiting.remove(waiter)
            return True
