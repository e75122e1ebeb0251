"""Sanitizes an upload: re-encodes images and validates other files."""

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import structlog

from marketplace.disputes.media import reencode
from marketplace.disputes.media.kinds import Kind, UnacceptableFile, check_size
from marketplace.disputes.media.structure import check_mp4, check_pdf, measure
from marketplace.disputes.storage.store import StorageUnavailable

log = structlog.get_logger(__name__)

PROGRAM = Path(reencode.__file__)
WALL_SECONDS = 30
CHUNK = 64 * 1024
ANSWERS = {
    reencode.TOO_MANY_PIXELS: ("file-too-many-pixels", "The image has too many pixels."),
    reencode.TOO_MUCH_MEMORY: ("file-too-many-pixels", "The image is too large to process."),
}
UNREADABLE = ("file-broken", "The image cannot be read.")


@dataclass(frozen=True, slots=True)
class Upload:
    """A received file whose first bytes and name agree on a kind, and whose size is allowed."""

    content: BinaryIO
    kind: Kind
    name: str


@dataclass(frozen=True, slots=True)
class Prepared:
    content: BinaryIO
    size: int
    sha256: str


@contextmanager
def prepare(upload: Upload) -> Iterator[Prepared]:
    """Raises UnacceptableFile or StorageUnavailable. The file is deleted when the block ends."""
    if upload.kind.max_pixels:
        with tempfile.TemporaryFile() as target:
            _make_anew(upload, target)
            yield _describe(target, upload.kind)
    else:
        check = check_pdf if upload.kind.name == "pdf" else check_mp4
        check(upload.content, measure(upload.content))
        yield _describe(upload.content, upload.kind)


def _make_anew(upload: Upload, target: BinaryIO) -> None:
    upload.content.flush()
    os.lseek(upload.content.fileno(), 0, os.SEEK_SET)
    command = [sys.executable, "-I", str(PROGRAM), upload.kind.name, str(upload.kind.max_pixels)]
    try:
        done = subprocess.run(
            command,
            stdin=upload.content,
            stdout=target,
            stderr=subprocess.PIPE,
            timeout=WALL_SECONDS,
            env={},
        )
    except subprocess.TimeoutExpired:
        raise UnacceptableFile(*UNREADABLE) from None
    if done.returncode == reencode.NO_ROOM:
        raise StorageUnavailable("no space to re-encode an image")
    if done.returncode != reencode.FINE:
        log.info(
            "image_refused", exit_code=done.returncode, words=done.stderr[-300:].decode(errors="replace")
        )
        raise UnacceptableFile(*ANSWERS.get(done.returncode, UNREADABLE))


def _describe(content: BinaryIO, kind: Kind) -> Prepared:
    size = measure(content)
    check_size(kind, size)
    content.seek(0)
    digest = hashlib.sha256()
    while chunk := content.read(CHUNK):
        digest.update(chunk)
    content.seek(0)
    return Prepared(content, size, digest.hexdigest())
