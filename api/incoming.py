"""Limits how many server threads slow request bodies may occupy.

The server has no read timeout, a read in progress cannot be canceled, and only the thread that answers may read. So a reader
holds a slot, and checks the clock after each chunk.
"""

import time
from contextlib import AbstractContextManager, ExitStack, suppress
from io import UnsupportedOperation
from typing import Final, Protocol

from django.conf import settings
from django.http import HttpRequest

from api.problems import Problem
from marketplace.waiting import MOMENT, Places, TooManyWaiting, place

DRAINED: Final = 64 * 1024
"""Up to this much of an unread body is drained so that the connection can be reused."""
GRACE_SECONDS: Final = 10
BYTES_A_SECOND: Final = 16 * 1024
"""A body may take ten seconds, plus one second for each of these that has arrived."""
PIECE: Final = 64 * 1024
AT_ONCE: Final = 0.01
"""Seconds after which the next read asks for more: the client is sending faster than the chunk size."""

TOO_SLOW: Final = Problem("body-too-slow", "The body took too long to arrive. Use a faster connection.")
TOO_MANY: Final = Problem(
    "unavailable",
    "Too many slow requests. Please try again in a moment.",
    headers={"Retry-After": "5"},
)

_draining: Final = Places()


class Source(Protocol):
    def read(self, size: int, /) -> bytes: ...


class BodyRefused(OSError):
    """An OSError, since Django expects no other exception while reading a body."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)


class Incoming:
    """Replaces `wsgi.input`. `sender` is the client that slow bodies count against. `refusal` is set if the body was not read
    to its end."""

    def __init__(self, source: Source, *, length: int | None, awaits_word: bool = False) -> None:
        """`length` is None for a chunked body. `awaits_word` means that the client waits for 100 Continue."""
        self.sender = ""
        self.refusal: Problem | None = None
        self._source = source
        self._left = length
        self._awaits_word = awaits_word
        self._began: float | None = None
        self._received = 0
        self._step = 1
        self._place = ExitStack()

    def read(self, size: int = -1) -> bytes:
        """Returns less than `size` only at the end. Raises BodyRefused."""
        pieces = []
        while size and self._left != 0:
            piece = self._read_piece(
                min(part for part in (self._step, size, self._left) if part and part > 0)
            )
            pieces.append(piece)
            size -= len(piece) if size > 0 else 0
        return b"".join(pieces)

    def readline(self, size: int = -1) -> bytes:
        raise UnsupportedOperation("bodies are read by size")

    def finish(self) -> bool:
        """Whether the connection can be reused: drains what is left of a short body. One thread at a time does this, since it
        may have to wait."""
        with self._place, suppress(BodyRefused, TooManyWaiting):
            if self._left != 0 and self._may_drain():
                with _draining.take(1):
                    self.read(DRAINED)
        return self._left == 0

    def _may_drain(self) -> bool:
        is_held_back = self._awaits_word and self._began is None
        return self.refusal is None and not is_held_back and (self._left is None or self._left <= DRAINED)

    def _read_piece(self, size: int) -> bytes:
        if self.refusal is not None:
            raise BodyRefused(self.refusal)
        if self._began is None:
            self._begin()
        asked = time.monotonic()
        piece = self._source.read(size)
        self._count(len(piece), size, time.monotonic() - asked)
        if self._left != 0 and self._is_late():
            raise self._refuse(TOO_SLOW)
        return piece

    def _begin(self) -> None:
        try:
            self._place.enter_context(hold_place(self.sender))
        except TooManyWaiting:
            raise self._refuse(TOO_MANY) from None
        self._began = time.monotonic()

    def _is_late(self) -> bool:
        assert self._began is not None
        return time.monotonic() > self._began + GRACE_SECONDS + self._received / BYTES_A_SECOND

    def _refuse(self, problem: Problem) -> BodyRefused:
        self.refusal = problem
        return BodyRefused(problem)

    def _count(self, received: int, asked: int, seconds: float) -> None:
        """The source blocks until it has everything asked for, so a slow sender is read byte by byte."""
        self._step = min(PIECE, 2 * self._step) if seconds < AT_ONCE else 1
        self._received += received
        if received < asked:
            self._left = 0
        elif self._left is not None:
            self._left -= received
        if self._left == 0:
            self._place.close()


def hold_place(client: str) -> AbstractContextManager[None]:
    """One client holds at most half of the threads. Raises TooManyWaiting."""
    return place(f"client {client}", share=max(1, int(settings.COMITY_THREADS) // 2), seconds=MOMENT)


def name_sender(request: HttpRequest, sender: str) -> None:
    """Set the caller once authenticated; until then its address counts."""
    incoming = request.META.get("wsgi.input")
    if isinstance(incoming, Incoming):
        incoming.sender = sender
