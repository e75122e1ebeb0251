"""Requests as the server reads them, whatever stands in their headers."""

from typing import Any, Final

from django.core.exceptions import BadRequest
from django.core.handlers.wsgi import WSGIRequest

from api.incoming import Incoming

UNREADABLE: Final = (BadRequest, LookupError, TypeError, ValueError)
"""What Django's reader of header parameters raises, such as for `charset*=nonsense''x`; from Django 6.1 on a BadRequest."""


class Request(WSGIRequest):
    """A Content-Type that cannot be read is of no type that any operation takes. Django reads it before any middleware
    could answer, so that its caller would get a bare 500. A body is read as api.incoming says."""

    def __init__(self, environ: dict[str, Any]) -> None:
        environ["wsgi.input"] = Incoming(
            environ["wsgi.input"],
            length=_length(environ),
            awaits_word=environ.get("HTTP_EXPECT", "").lower() == "100-continue",
        )
        super().__init__(environ)

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            super()._set_content_type_params(meta)  # type: ignore[misc]
        except UNREADABLE:
            self.content_type, self.content_params = "unreadable", {}


def _length(environ: dict[str, Any]) -> int | None:
    """None for a body in chunks."""
    written = environ.get("CONTENT_LENGTH") or "0"
    if written.isascii() and written.isdigit() and int(written):
        return int(written)
    return None if "HTTP_TRANSFER_ENCODING" in environ else 0
