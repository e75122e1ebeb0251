"""Checks that a file stored as is contains nothing else: no archive after a PDF, no HTML after a video."""

import os
import struct
from typing import BinaryIO

from marketplace.disputes.media.kinds import UnacceptableFile

MAX_BOXES = 10_000
PDF_TAIL = 1024
BROKEN = "The file is truncated, or has data after its end."


def check_pdf(content: BinaryIO, size: int) -> None:
    content.seek(max(0, size - PDF_TAIL))
    if not content.read().rstrip(b"\r\n\t \0").endswith(b"%%EOF"):
        raise UnacceptableFile("file-broken", BROKEN)


def check_mp4(content: BinaryIO, size: int) -> None:
    """The top-level boxes must fill the file exactly, and include the movie index."""
    names = set()
    position = boxes = 0
    while position < size:
        name, length = _read_box(content, position, size)
        boxes += 1
        if length is None or position + length > size or boxes > MAX_BOXES:
            raise UnacceptableFile("file-broken", BROKEN)
        names.add(name)
        position += length
    if not {b"ftyp", b"moov"} <= names:
        raise UnacceptableFile("file-broken", BROKEN)


def _read_box(content: BinaryIO, position: int, size: int) -> tuple[bytes, int | None]:
    """The name and the length of a box; the length is None if invalid."""
    content.seek(position)
    header = content.read(16)
    if len(header) < 8:
        return b"", None
    length, name = struct.unpack(">I4s", header[:8])
    if length == 0:  # the last box extends to the end
        return name, size - position
    if length == 1:
        if len(header) < 16:
            return name, None
        (long,) = struct.unpack(">Q", header[8:])
        return name, long if long >= 16 else None
    return name, length if length >= 8 else None


def measure(content: BinaryIO) -> int:
    return content.seek(0, os.SEEK_END)
