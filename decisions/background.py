"""A thread of the server that does the same thing again and again, whatever goes wrong in between."""

import threading
from abc import ABC, abstractmethod

import structlog

log = structlog.get_logger(__name__)


class Background(threading.Thread, ABC):
    """Subclasses say what is done in `look`."""

    def __init__(self, *, name: str, seconds: float) -> None:
        super().__init__(name=name, daemon=True)
        self._seconds = seconds
        self._stopping = threading.Event()

    def run(self) -> None:
        while True:
            self._look_and_survive()
            if self._stopping.wait(self._seconds):
                return

    @abstractmethod
    def look(self) -> None: ...

    def stop(self) -> None:
        self._stopping.set()
        self.join()

    def _look_and_survive(self) -> None:
        try:
            self.look()
        except Exception:
            log.exception("background_failed", thread=self.name)
