"""How many threads of the server may wait at once for what others hold up, so that one is always left for everybody else.

Only threads that serve a request are counted: command lines, background work and tests may wait as they like.
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
"""Seconds that anybody may wait without being counted: work that goes on is never refused, only what is stuck."""


class TooManyWaiting(Exception):
    """No place is left; the caller may try again soon."""


class Places:
    """Counts who waits."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._taken: Counter[str] = Counter()
        self._moved = 0.0

    @contextmanager
    def take(
        self, limit: int, *, who: str = "", share: int | None = None, seconds: float = 0
    ) -> Iterator[None]:
        """One of `limit` places, of which `who` holds at most `share`. Raises TooManyWaiting, at once where no place has come
        free for so many seconds."""
        with self._changed:
            patience = max(0.0, min(seconds, self._moved + seconds - time.monotonic()))
            if not self._changed.wait_for(lambda: self._has_room(limit, who, share), patience):
                raise TooManyWaiting
            self._taken[who] += 1
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
    """Marks a thread of the server for as long as it serves a request."""
    token = _serving.set(True)
    try:
        yield
    finally:
        _serving.reset(token)


def is_serving() -> bool:
    return _serving.get()


@contextmanager
def place(who: str = "", *, share: int | None = None, seconds: float = 0) -> Iterator[None]:
    """Held while waiting. Raises TooManyWaiting where only one thread is left."""
    if not is_serving():
        yield
        return
    with _waiting.take(max(1, settings.COMITY_THREADS - 1), who=who, share=share, seconds=seconds):
        yield


class Wait:
    """One wait of at most `seconds`, which needs a place from some time on."""

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
