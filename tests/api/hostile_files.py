"""Sixty files that must be refused in a dispute: name, content, and the codes that may refuse it."""

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from PIL import Image

HTML = b"<!doctype html><script>alert(document.domain)</script>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
KIND = "file-kind"
BROKEN = "file-broken"
PIXELS = "file-too-many-pixels"
LARGE = "file-too-large"
MISSING = "invalid-request"


class Hostile(NamedTuple):
    name: str
    content: bytes
    code: str


def image(format: str, size: tuple[int, int] = (40, 30)) -> bytes:
    target = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(target, format)
    return target.getvalue()


def png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, pixels: bytes) -> bytes:
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + png_chunk(b"IDAT", pixels) + png_chunk(b"IEND", b"")


def box(kind: bytes, content: bytes = b"", size: int | None = None) -> bytes:
    return struct.pack(">I", len(content) + 8 if size is None else size) + kind + content


def archive(name: str = "../../evil.sh") -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        made.writestr(name, "echo")
    return target.getvalue()


SOLID_WEBP = b"RIFF\x1a\0\0\0WEBPVP8L\x0e\0\0\0/\x87\x13\xe8\x03\x07\x10\x11\xfd\x0fDD\xff\x03"
"""5,000 by 4,001 black pixels, which Pillow takes half a second to write."""
FTYP = box(b"ftyp", b"isom\0\0\0\0isom")
MP4 = FTYP + box(b"moov", b"\0" * 32) + box(b"mdat", b"\0" * 64)


def hostile_files() -> Iterator[Hostile]:
    yield from other_kinds()
    yield from wrong_names()
    yield from broken_images()
    yield from bombs()
    yield from broken_documents()


def other_kinds() -> Iterator[Hostile]:
    yield Hostile("page.html", HTML, KIND)
    yield Hostile("drawing.svg", SVG, KIND)
    yield Hostile("drawing.png", SVG, KIND)
    yield Hostile("page.pdf", HTML, KIND)
    yield Hostile("page.jpg", HTML, KIND)
    yield Hostile("movie.gif", image("GIF"), KIND)
    yield Hostile("movie.jpg", b"GIF89a/*" + b"\0" * 20 + b"*/=1;alert(1)", KIND)
    yield Hostile("picture.bmp", image("BMP"), KIND)
    yield Hostile("picture.tiff", image("TIFF"), KIND)
    yield Hostile("icon.ico", image("ICO"), KIND)
    yield Hostile("files.zip", archive(), KIND)
    yield Hostile("files.jpg", archive(), KIND)
    yield Hostile("files.pdf", archive("/etc/cron.d/evil"), KIND)
    yield Hostile("files.gz", gzip.compress(b"\0" * 1_000_000), KIND)
    yield Hostile("picture.png.gz", gzip.compress(image("PNG")), KIND)
    yield Hostile("program.pdf", b"\x7fELF\x02\x01\x01" + b"\0" * 60, KIND)
    yield Hostile("program.exe", b"MZ\x90\0" + b"\0" * 60, KIND)
    yield Hostile("shell.jpg", b"#!/bin/sh\nrm -rf /\n", KIND)
    yield Hostile("page.php", b"<?php system($_GET['c']); ?>", KIND)
    yield Hostile("nothing.jpg", b"", KIND)
    yield Hostile("one.png", b"\x89", KIND)
    yield Hostile("space.pdf", b" " * 100 + PDF, KIND)
    yield Hostile("riff.webp", b"RIFF\x24\0\0\0WAVEfmt " + b"\0" * 30, KIND)
    yield Hostile("quick.mp4", box(b"ftyp", b"qt  \0\0\0\0qt  ") + box(b"moov"), KIND)


def wrong_names() -> Iterator[Hostile]:
    jpeg = image("JPEG")
    yield Hostile("photo.png", jpeg, KIND)
    yield Hostile("photo.html", jpeg, KIND)
    yield Hostile("photo.jpg.exe", jpeg, KIND)
    yield Hostile("photo", jpeg, KIND)
    yield Hostile("photo.", jpeg, KIND)
    yield Hostile("photo.jpg\0.php", jpeg, KIND)
    yield Hostile("photo.svg", image("PNG"), KIND)
    yield Hostile("a" * 300 + ".exe", jpeg, KIND)
    yield Hostile("../../etc/passwd", jpeg, KIND)
    yield Hostile("..", jpeg, MISSING)
    yield Hostile("report.html", PDF, KIND)
    yield Hostile("film.mp3", MP4, KIND)


def broken_images() -> Iterator[Hostile]:
    jpeg, whole_png, webp = image("JPEG"), image("PNG"), image("WEBP")
    yield Hostile("cut.jpg", jpeg[: len(jpeg) // 2], BROKEN)
    yield Hostile("cut.png", whole_png[: len(whole_png) // 2], BROKEN)
    yield Hostile("cut.webp", webp[: len(webp) // 2], BROKEN)
    yield Hostile("head.jpg", jpeg[:16], BROKEN)
    yield Hostile("head.png", whole_png[:16], BROKEN)
    yield Hostile("page.jpeg", b"\xff\xd8\xff\xe0" + HTML, BROKEN)
    yield Hostile("script.jpg", b"\xff\xd8\xff/*" + b"*/=alert(1)//" * 10, BROKEN)
    yield Hostile("page.webp", b"RIFF\x64\0\0\0WEBP" + HTML, BROKEN)
    yield Hostile("empty.png", png(0, 0, b""), BROKEN)
    yield Hostile("noise.png", png(100, 100, b"no zlib at all"), BROKEN)
    yield Hostile("pixels.jpg", b"\xff\xd8\xff" + bytes(range(256)) * 20, BROKEN)


def bombs() -> Iterator[Hostile]:
    yield Hostile("huge.png", png(30_000, 30_000, zlib.compress(b"\0" * 100_000)), PIXELS)
    yield Hostile("long.png", png(2**31 - 1, 1, zlib.compress(b"\0" * 1000)), PIXELS)
    yield Hostile("most.png", png(2**31 - 1, 2**31 - 1, zlib.compress(b"\0")), PIXELS)
    yield Hostile("solid.png", image_of_zeros(9_000, 9_000), PIXELS)
    yield Hostile("tall.webp", webp_header(16_383, 16_383), BROKEN)
    yield Hostile("solid.webp", SOLID_WEBP, PIXELS)
    yield Hostile("text.png", text_bomb(), BROKEN)
    yield Hostile("large.jpg", b"\xff\xd8\xff" + b"\0" * 10_000_001, LARGE)
    yield Hostile("large.pdf", b"%PDF-1.4\n" + b"\0" * 10_000_001, LARGE)


def image_of_zeros(width: int, height: int) -> bytes:
    """243 MB of pixels in 240 KB."""
    return png(width, height, zeros((width * 3 + 1) * height))


def zeros(size: int) -> bytes:
    """zlib data for this many zeros, built from repeated compressed megabytes, since compressing all takes a second."""
    packer = zlib.compressobj(9, wbits=-15)
    megabyte = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    rest = packer.compress(bytes(size % 2**20)) + packer.flush()
    checksum = size % 65_521 << 16 | 1
    return b"\x78\xda" + megabyte * (size // 2**20) + rest + checksum.to_bytes(4, "big")


def webp_header(width: int, height: int) -> bytes:
    size = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    extended = b"VP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + size
    return b"RIFF" + struct.pack("<I", len(extended) + 4) + b"WEBP" + extended


def text_bomb() -> bytes:
    """A text chunk that expands to 300 MB."""
    text = png_chunk(b"zTXt", b"Comment\0\0" + zeros(300_000_000))
    whole = png(10, 10, zlib.compress(bytes(310)))
    return whole[:33] + text + whole[33:]


def broken_documents() -> Iterator[Hostile]:
    yield Hostile("cut.pdf", PDF[:-10], BROKEN)
    yield Hostile("head.pdf", b"%PDF-1.7\n", BROKEN)
    yield Hostile("archive.pdf", PDF + archive(), BROKEN)
    yield Hostile("page.pdf", PDF + HTML, BROKEN)
    yield Hostile("cut.mp4", MP4[:-5], BROKEN)
    yield Hostile("page.mp4", MP4 + HTML, BROKEN)
    yield Hostile("archive.mp4", MP4 + archive(), BROKEN)
    yield Hostile("no-index.mp4", FTYP + box(b"mdat", b"\0" * 64), BROKEN)
    yield Hostile("loop.mp4", FTYP + box(b"moov", size=2), BROKEN)
    yield Hostile("far.mp4", FTYP + struct.pack(">I4sQ", 1, b"moov", 2**63), BROKEN)
    yield Hostile("boxes.mp4", FTYP + box(b"moov") + box(b"free") * 20_000, BROKEN)
