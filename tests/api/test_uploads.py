"""Files are received as a stream: a refused one costs no memory, an accepted one only disk space."""

import tracemalloc
from pathlib import Path
from typing import BinaryIO

import pytest
from django.http import HttpRequest
from django.test import RequestFactory

from api import uploads
from api.uploads import expect_upload, receive_upload
from marketplace.disputes.media.kinds import UnacceptableFile
from marketplace.disputes.storage.store import StorageUnavailable
from tests.api.hostile_files import FTYP

MB = 1_000_000
HEAD = b'--between\r\nContent-Disposition: form-data; name="file"; filename="%s"\r\n\r\n'


def request(name: bytes, start: bytes) -> HttpRequest:
    """A file of 45 MB."""
    body = HEAD % name + start + b"\0" * (45 * MB) + b"\r\n--between--\r\n"
    made = RequestFactory().post("/", body, "multipart/form-data; boundary=between")
    expect_upload(made)
    return made


def peak_of(made: HttpRequest) -> tuple[int, str]:
    """The peak memory, and why the file was refused."""
    tracemalloc.start()
    try:
        with receive_upload(made) as upload:
            return tracemalloc.get_traced_memory()[1], upload.kind.name
    except UnacceptableFile as refused:
        return tracemalloc.get_traced_memory()[1], refused.code
    finally:
        tracemalloc.stop()


def full_disk() -> BinaryIO:
    return Path("/dev/full").open("wb")


def test_full_disk_is_a_storage_that_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads.tempfile, "TemporaryFile", full_disk)
    with pytest.raises(StorageUnavailable), receive_upload(request(b"film.mp4", FTYP)):
        pass


@pytest.mark.parametrize(
    ("name", "start", "answer"),
    [
        (b"film.mp4", FTYP, "mp4"),
        (b"photo.jpg", b"\xff\xd8\xff", "file-too-large"),  # no line break in 45 MB
        (b"page.html", b"", "file-kind"),
    ],
)
def test_memory_does_not_grow_with_the_file(name: bytes, start: bytes, answer: str) -> None:
    peak, said = peak_of(request(name, start))

    assert said == answer
    assert peak < 3 * MB
