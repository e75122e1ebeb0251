"""A lock that is handed on in the order in which it was asked for."""

import threading
from collections import deque


class Turns:
    """SQLite wakes whoever happens to look when the database is free, and looks less often the longer one has
    waited; so a writer among busy ones could wait for many seconds. In here nobody is overtaken."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Lock] = deque()

    def take(self, *, seconds: float) -> bool:
        """Whether it is one's turn before the time is up."""
        with self._guard:
            if not self._taken:
                self._taken = True
                return True
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        if turn.acquire(timeout=seconds):
            return True
        with self._guard:
            if turn in self._waiting:
                self._waiting.remove(turn)
                return False
        return True  # it was handed over as the time ran out

    def leave(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False
