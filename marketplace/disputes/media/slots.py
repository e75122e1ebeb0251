"""How much slow work on media one process does at once: a storage that hangs, or a flood of large images, must
not take the threads and the memory of everybody else."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

AT_ONCE = 2
WAITING = 1
"""With those at work one less than the four threads of the server, so that somebody is left for all else."""
WAIT_SECONDS = 2.0

_slots = threading.BoundedSemaphore(AT_ONCE)
_queue = threading.BoundedSemaphore(AT_ONCE + WAITING)


class MediaBusy(Exception):
    """All turns are taken; the caller may try again."""


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
