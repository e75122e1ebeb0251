"""Limits concurrent media work in a process, so that a hanging storage or a flood of large images does not exhaust threads and
memory."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

AT_ONCE = 2
WAITING = 1
"""Running and waiting together leave one of the server's four threads free."""
WAIT_SECONDS = 2.0

_slots = threading.BoundedSemaphore(AT_ONCE)
_queue = threading.BoundedSemaphore(AT_ONCE + WAITING)


class MediaBusy(Exception):
    """All slots are taken; the caller may try again."""


@contextmanager
def media_slot() -> Iterator[None]:
    if not _queue.acquire(blocking=False):
        raise MediaBusy
    try:
        if not _slots.acquire(timeout=WAIT_SECONDS):
            raise MediaBusy
        try:
            yield
        finally:
            _slots.release()
    finally:
        _queue.release()
