"""WSGI request parsing that survives malformed headers."""

from typing import Any, Final

from django.core.exceptions import BadRequest
from django.core.handlers.wsgi import WSGIRequest

from api.envelope import LONGEST_TYPE
from api.incoming import Incoming

LONGEST_COOKIES: Final = 8_000
"""Characters of a Cookie header, about as many as proxies allow. A longer one is ignored: older versions of Python take seconds
to parse it."""
UNREADABLE: Final = (BadRequest, LookupError, TypeError, ValueError)
"""What Django's header parser raises, for example for `charset*=nonsense''x`; from Django 6.1 on a BadRequest."""


class Request(WSGIRequest):
    """A Content-Type that is long or cannot be parsed counts as unsupported. Django parses it before any middleware could
    respond, so the client would get a bare 500. Bodies are read by api.incoming."""

    def __init__(self, environ: dict[str, Any]) -> None:
        environ["wsgi.input"] = Incoming(
            environ["wsgi.input"],
            length=_length(environ),
            awaits_word=environ.get("HTTP_EXPECT", "").lower() == "100-continue",
        )
        if len(environ.get("HTTP_COOKIE", "")) > LONGEST_COOKIES:
            del environ["HTTP_COOKIE"]
        super().__init__(environ)

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        if len(meta.get("CONTENT_TYPE", "")) > LONGEST_TYPE:
            meta = {"CONTENT_TYPE": "unreadable"}
        try:
            super()._set_content_type_params(meta)  # type: ignore[misc]
        except UNREADABLE:
            self.content_type, self.content_params = "unreadable", {}


def _length(environ: dict[str, Any]) -> int | None:
    """None for a chunked body."""
    written = environ.get("CONTENT_LENGTH") or "0"
    if written.isascii() and written.isdigit() and int(written):
        return int(written)
    return None if "HTTP_TRANSFER_ENCODING" in environ else 0
