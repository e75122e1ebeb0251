"""A lock that is handed on in the order in which it was asked for."""

import threading
import time
from collections import deque

from marketplace.waiting import MOMENT, Wait


class Turns:
    """SQLite wakes whoever happens to look when the database is free, and looks less often the longer one has
    waited; so a writer among busy ones could wait for many seconds. In here nobody is overtaken."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._taken = False
        self._moved = 0.0
        self._waiting: deque[threading.Lock] = deque()

    def take(self, wait: Wait) -> bool:
        """Whether it is one's turn before the time is up. Raises TooManyWaiting where turns have not moved on for a moment
        and all places of those who wait are taken."""
        with self._guard:
            if not self._taken:
                self._take()
                return True
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
            patience = self._moved + MOMENT - time.monotonic()
        if turn.acquire(timeout=min(max(0.0, patience), wait.left)):
            return True
        try:
            wait.take_place()
            return turn.acquire(timeout=wait.left) or not self._withdraw(turn)
        except BaseException:
            if not self._withdraw(turn):
                self.leave()
            raise

    def leave(self) -> None:
        with self._guard:
            if self._waiting:
                self._take()
                self._waiting.popleft().release()
            else:
                self._taken = False

    def _take(self) -> None:
        self._taken = True
        self._moved = time.monotonic()

    def _withdraw(self, turn: threading.Lock) -> bool:
        """Whether the turn is still waited for, and not handed over just now."""
        with self._guard:
            if turn not in self._waiting:
                return False
            self._waiting.remove(turn)
            return True
