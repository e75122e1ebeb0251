"""A background thread that reloads changed policies."""

import threading
from collections.abc import Hashable

from decisions import bundles
from decisions.background import Background


class Reloader(Background):
    """Reloads after each change of the signature. A file read while half-written is read again once complete."""

    def __init__(self, *, poll_seconds: float | None = None) -> None:
        super().__init__(name="policy-reloader", seconds=poll_seconds or bundles.configured().poll_seconds)
        self._seen: Hashable = object()  # unlike any signature

    def look(self) -> None:
        source = bundles.configured()
        # Taken before the load, so that a change during it is noticed next time.
        signature = source.signature()
        if signature != self._seen:
            self._seen = signature
            source.reload()
        source.looked()


_started: Reloader | None = None
_starting = threading.Lock()


def start_reloading() -> Reloader:
    """Starts the thread once per process; call it again after a fork."""
    global _started
    with _starting:
        if _started is None or not _started.is_alive():
            _started = Reloader()
            _started.start()
        return _started
