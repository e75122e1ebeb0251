"""Limits how many server threads may wait at once, so that one is always free.

Only threads that serve a request are counted; commands, background work and tests may wait without limit.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import Final

from django.conf import settings

MOMENT: Final = 0.25
"""Waits shorter than these seconds are not counted: only stuck work is refused."""


class TooManyWaiting(Exception):
    """No slot is free; the caller may try again soon."""


class Places:
    """A counting semaphore with a limit per holder."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._taken: Counter[str] = Counter()
        self._moved = 0.0

    @contextmanager
    def take(
        self, limit: int, *, who: str = "", share: int | None = None, seconds: float = 0
    ) -> Iterator[None]:
        """Take one of `limit` slots, of which `who` holds at most `share`. Waits for `seconds` at most, and not at all if no slot
        has been taken or freed for that long; then raises TooManyWaiting."""
        with self._changed:
            patience = max(0.0, min(seconds, self._moved + seconds - time.monotonic()))
            if not self._changed.wait_for(lambda: self._has_room(limit, who, share), patience):
                raise TooManyWaiting
            self._taken[who] += 1
            self._moved = time.monotonic()
        try:
            yield
        finally:
            with self._changed:
                self._taken -= Counter([who])
                self._moved = time.monotonic()
                self._changed.notify_all()

    def _has_room(self, limit: int, who: str, share: int | None) -> bool:
        return self._taken.total() < limit and (share is None or self._taken[who] < share)


_waiting: Final = Places()
_serving: ContextVar[bool] = ContextVar("serving", default=False)


@contextmanager
def serving() -> Iterator[None]:
    """Marks a server thread as serving a request."""
    token = _serving.set(True)
    try:
        yield
    finally:
        _serving.reset(token)


def is_serving() -> bool:
    return _serving.get()


@contextmanager
def place(who: str = "", *, share: int | None = None, seconds: float = 0) -> Iterator[None]:
    """Hold a slot while waiting. Raises TooManyWaiting if only one thread is left."""
    if not is_serving():
        yield
        return
    with _waiting.take(max(1, settings.COMITY_THREADS - 1), who=who, share=share, seconds=seconds):
        yield


class Wait:
    """A wait of at most `seconds`, which needs a slot once it lasts."""

    def __init__(self, seconds: float) -> None:
        self.deadline = time.monotonic() + seconds
        self._place = ExitStack()
        self._has_place = False

    def __enter__(self) -> "Wait":
        return self

    def __exit__(self, *_: object) -> None:
        self._place.close()

    @property
    def left(self) -> float:
        return max(0.0, self.deadline - time.monotonic())

    def take_place(self) -> None:
        """Raises TooManyWaiting."""
        if not self._has_place:
            self._place.enter_context(place())
            self._has_place = True
