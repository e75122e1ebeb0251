"""A background thread that reloads changed policy files."""

import threading
from pathlib import Path

from decisions import bundles
from decisions.background import Background
from documents.folders import unread_files
from engine.bundle import policy_files
from engine.policy.released import LOCK

POLL_SECONDS = 0.5

# Path, inode, size, mtime and ctime of each policy file and of the lock file.
Signature = tuple[tuple[str, int, int, int, int], ...]


def read_signature(directory: Path) -> Signature:
    """Changes when a file is edited, added, renamed or removed, or a symbolic link is retargeted."""
    return tuple(
        _sign(path) for path in [*policy_files(directory), *unread_files(directory), directory / LOCK]
    )


def _sign(path: Path) -> tuple[str, int, int, int, int]:
    try:
        seen = path.stat()
    except OSError:  # removed since it was listed, or a dangling link: also a state
        return str(path), 0, 0, 0, 0
    return str(path), seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns


class Reloader(Background):
    """Reloads after each change of the signature. A file read while half-written is read again once complete."""

    def __init__(self, *, poll_seconds: float = POLL_SECONDS) -> None:
        super().__init__(name="policy-reloader", seconds=poll_seconds)
        self._seen: Signature | None = None

    def look(self) -> None:
        directory = bundles.configured()
        # Taken before the load, so that a change during it is noticed next time.
        signature = read_signature(directory.path)
        if signature != self._seen:
            self._seen = signature
            directory.reload()


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
