"""Malware scanning: none by default, or a clamd over its INSTREAM command."""

import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol
from urllib.parse import urlsplit

import structlog
from django.conf import settings

from marketplace.disputes.models import Media
from marketplace.disputes.states import MediaState
from marketplace.disputes.storage.store import StorageUnavailable, open_store

log = structlog.get_logger(__name__)

CHUNK = 64 * 1024
SECONDS = 5.0


class ScannerUnavailable(Exception):
    """The scanner gave no result."""


class Scanner(Protocol):
    def scan(self, content: BinaryIO) -> str:
        """The name of the detected malware, empty for a clean file. Raises ScannerUnavailable."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`threat` is the name of the malware, or empty."""

    threat: str

    @property
    def is_clean(self) -> bool:
        return not self.threat


@dataclass(frozen=True, slots=True)
class Clamd:
    """`tcp://host:port` or `unix:///path/to/socket`."""

    address: str

    def scan(self, content: BinaryIO) -> str:
        try:
            with self._connect() as connection:
                connection.sendall(b"zINSTREAM\0")
                while chunk := content.read(CHUNK):
                    connection.sendall(struct.pack(">I", len(chunk)) + chunk)
                connection.sendall(struct.pack(">I", 0))
                return _read_verdict(_read_answer(connection))
        except OSError as error:
            raise ScannerUnavailable(f"{type(error).__name__}") from error

    def _connect(self) -> socket.socket:
        parts = urlsplit(self.address)
        if parts.scheme == "unix":
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(SECONDS)
            connection.connect(parts.path)
            return connection
        return socket.create_connection((parts.hostname, parts.port), timeout=SECONDS)


def _read_answer(connection: socket.socket) -> bytes:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < 4096:
        piece = connection.recv(4096)
        if not piece:
            break
        answer += piece
    return answer.rstrip(b"\0\n")


def _read_verdict(answer: bytes) -> str:
    words = answer.decode(errors="replace").removeprefix("stream: ")
    if words == "OK":
        return ""
    if words.endswith(" FOUND"):
        return words.removesuffix(" FOUND")[:200]
    raise ScannerUnavailable(f"the scanner answered {words[:100]!r}")


def find_scanner() -> Scanner | None:
    return Clamd(settings.COMITY_SCANNER) if settings.COMITY_SCANNER else None


def ask_scanner(media: Media, content: BinaryIO, *, scanner: Scanner) -> Verdict | None:
    """None if the file could not be scanned."""
    content.seek(0)
    try:
        return Verdict(scanner.scan(content))
    except ScannerUnavailable as problem:
        log.warning("media_not_scanned", media_id=media.pk, problem=str(problem))
        return None


def note_verdict(media: Media, verdict: Verdict, *, now: datetime) -> None:
    """Apply a scan result to a quarantined file: release it if clean, otherwise keep it quarantined."""
    quarantined = Media.objects.filter(pk=media.pk, state=MediaState.QUARANTINED)
    if verdict.is_clean:
        quarantined.update(scanned_at=now, state=MediaState.LIVE)
    else:
        log.warning("media_threat_found", media_id=media.pk, threat=verdict.threat)
        quarantined.update(scanned_at=now, threat=verdict.threat)


def scan_quarantined(*, scanner: Scanner, now: datetime, report: Callable[[str], None]) -> None:
    """Scan files that have no result yet."""
    waiting = Media.objects.filter(state=MediaState.QUARANTINED, scanned_at=None).order_by("pk")
    for media in waiting.iterator(chunk_size=100):
        try:
            with open_store().fetch(media.key) as content:
                verdict = ask_scanner(media, content, scanner=scanner)
        except StorageUnavailable as problem:
            report(f"media {media.pk}: not read, {problem}")
            continue
        if verdict is not None:
            note_verdict(media, verdict, now=now)
        clean = verdict is not None and verdict.is_clean
        report(f"media {media.pk}: {'clean' if clean else 'stays quarantined'}")
