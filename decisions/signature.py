"""Notices changes of a policy folder without reading its files."""

from pathlib import Path

from documents.folders import unread_files
from engine.bundle import policy_files
from engine.policy.released import LOCK

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
