"""The accepted file kinds, detected from the first bytes and the file extension."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

HEAD = 16
"""The number of bytes needed for detection."""
MB = 1_000_000
MP4_BRANDS: Final = frozenset(
    {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV", b"dash"}
)


class UnacceptableFile(Exception):
    """The file is refused before anything is stored. `code` is stable, `message` is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Kind:
    name: str
    media_type: str
    extensions: frozenset[str]
    max_bytes: int
    max_pixels: int  # 0: not an image
    begins: Callable[[bytes], bool]


KINDS: Final = (
    Kind(
        name="jpeg",
        media_type="image/jpeg",
        extensions=frozenset({"jpg", "jpeg"}),
        max_bytes=10 * MB,
        max_pixels=40_000_000,
        begins=lambda head: head.startswith(b"\xff\xd8\xff"),
    ),
    Kind(
        name="png",
        media_type="image/png",
        extensions=frozenset({"png"}),
        max_bytes=10 * MB,
        max_pixels=40_000_000,
        begins=lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"),
    ),
    Kind(
        name="webp",
        media_type="image/webp",
        extensions=frozenset({"webp"}),
        max_bytes=10 * MB,
        max_pixels=20_000_000,  # its decoder needs twice the memory of the others
        begins=lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP",
    ),
    Kind(
        name="mp4",
        media_type="video/mp4",
        extensions=frozenset({"mp4"}),
        max_bytes=50 * MB,
        max_pixels=0,
        begins=lambda head: head[4:8] == b"ftyp" and head[8:12] in MP4_BRANDS,
    ),
    Kind(
        name="pdf",
        media_type="application/pdf",
        extensions=frozenset({"pdf"}),
        max_bytes=10 * MB,
        max_pixels=0,
        begins=lambda head: head.startswith((b"%PDF-1.", b"%PDF-2.")),
    ),
)
MAX_BYTES: Final = max(kind.max_bytes for kind in KINDS)


def tell_kind(head: bytes, name: str) -> Kind:
    """Raises UnacceptableFile unless the first bytes and the name agree on a kind."""
    extension = name.rpartition(".")[2].lower()
    for kind in KINDS:
        if kind.begins(head):
            if extension in kind.extensions:
                return kind
            raise UnacceptableFile("file-kind", f"The file is a {kind.name}, but its name says otherwise.")
    raise UnacceptableFile("file-kind", "Only jpeg, png, webp, mp4 and pdf files can be added.")


def find_kind(name: str) -> Kind:
    return next(kind for kind in KINDS if kind.name == name)


def check_size(kind: Kind, size: int) -> None:
    if size > kind.max_bytes:
        message = f"A {kind.name} may have at most {kind.max_bytes // MB} MB."
        raise UnacceptableFile("file-too-large", message)
