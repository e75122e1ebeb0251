"""A first-in, first-out lock."""

import threading
import time
from collections import deque

from marketplace.waiting import MOMENT, Wait


class FairLock:
    """SQLite wakes any waiter that happens to poll when the database is free, and polls less often the longer one has waited.
    So a writer among busy ones could wait for many seconds. This lock is fair."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._held = False
        self._moved = 0.0
        self._waiting: deque[threading.Lock] = deque()

    def acquire(self, wait: Wait) -> bool:
        """Whether the lock was acquired in time. Raises TooManyWaiting if the lock has not changed hands for a moment and too
        many threads wait."""
        with self._guard:
            if not self._held:
                self._hold()
                return True
            waiter = threading.Lock()
            waiter.acquire()
            self._waiting.append(waiter)
        while (patience := min(self._moved + MOMENT - time.monotonic(), wait.left)) > 0:
            if waiter.acquire(timeout=patience):
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
        """False if the lock was handed over just now."""
        with self._guard:
            if waiter not in self._waiting:
                return False
            self._waiting.remove(waiter)
            return True
