"""Receives one file of a multipart body as a stream, and stops reading once the file is unacceptable."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO, Final

from django.core.exceptions import TooManyFilesSent
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest
from django.http.multipartparser import MAX_TOTAL_HEADER_SIZE as HEADERS  # type: ignore[attr-defined]
from django.http.multipartparser import MultiPartParserError

from api.problems import Problem
from marketplace.disputes.media.kinds import (
    HEAD,
    MAX_BYTES,
    Kind,
    UnacceptableFile,
    check_size,
    tell_kind,
)
from marketplace.disputes.media.preparing import Upload
from marketplace.disputes.storage.store import StorageUnavailable

FIELD: Final = "file"
MULTIPART: Final = "multipart/form-data"
ONE_FILE: Final = "Send one file, in the field `file`, and nothing else"
LONG_HEADERS: Final = "Request max total header size exceeded."
UPLOAD_LIMIT: Final = MAX_BYTES + 64 * 1024
"""Limit of the whole body: the file and the multipart overhead."""


class OneFile(FileUploadHandler):
    """Writes to a temporary file. Detects the kind from the first bytes and counts the size while reading; Content-Length and
    Content-Type are not trusted."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.content: BinaryIO | None = None
        self.kind: Kind | None = None
        self.refusal: Exception | None = None
        self.complete = False
        self._head = b""
        self._size = 0

    def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, file_name, *args, **kwargs)
        if field_name != FIELD or self.content is not None:
            self.refusal = self.refusal or _misfit("Send one file, in the field `file`")
            raise SkipFile
        self.content = tempfile.TemporaryFile()  # noqa: SIM115  # receive_upload closes it

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        assert self.content is not None
        self._size += len(raw_data)
        if self.kind is None:
            self._head += raw_data[: HEAD - len(self._head)]
        self._judge(whole=False)
        if self.refusal is not None:
            # Read and drop the rest in pieces, so that the client can read the response.
            raise SkipFile
        try:
            self.content.write(raw_data)
        except OSError as error:
            self.refusal = StorageUnavailable(f"no space for the upload: {error.strerror}")
            raise SkipFile from error

    def file_complete(self, file_size: int) -> None:
        self._judge(whole=True)
        self.complete = True

    def _judge(self, *, whole: bool) -> None:
        try:
            if self.kind is None and (whole or len(self._head) == HEAD):
                self.kind = tell_kind(self._head, self.file_name or "")
            if self.kind is not None:
                check_size(self.kind, self._size)
        except UnacceptableFile as problem:
            self.refusal = self.refusal or problem


def expect_upload(request: HttpRequest) -> None:
    """Call before anything reads the body, including the CSRF check."""
    request.upload_handlers = [OneFile(request)]


@contextmanager
def receive_upload(request: HttpRequest) -> Iterator[Upload]:
    """Raises UnacceptableFile, StorageUnavailable, or a Problem for a body that is not exactly one file."""
    [handler] = request.upload_handlers
    assert isinstance(handler, OneFile)
    try:
        yield _received(handler, _read_form(request))
    finally:
        if handler.content is not None:
            with suppress(OSError):  # flushing the buffer can fill the disk again
                handler.content.close()


def _read_form(request: HttpRequest) -> Any:
    try:
        return request.POST
    except MultiPartParserError as error:
        if str(error) == LONG_HEADERS:
            raise _misfit(
                f"The headers of a file, which include its name, may have at most {HEADERS} bytes"
            ) from None
        raise Problem("bad-request", "The multipart body could not be parsed.") from None
    except TooManyFilesSent:
        raise _misfit(ONE_FILE) from None


def _received(handler: OneFile, fields: Any) -> Upload:
    if handler.refusal is not None:
        raise handler.refusal
    if fields or handler.content is None or handler.kind is None or not handler.complete:
        raise _misfit(ONE_FILE)
    return Upload(handler.content, handler.kind, handler.file_name or "")


def _misfit(message: str) -> Problem:
    errors = [{"pointer": f"/{FIELD}", "message": message}]
    return Problem("invalid-request", "The body is invalid for this operation.", errors=errors)
