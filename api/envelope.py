"""What a request's headers alone can be refused for, before anybody asks who sends it."""

from typing import Final

from django.http import HttpRequest

from api.problems import Problem

BODY_LIMIT: Final = 64 * 1024
FACTS_BODY_LIMIT: Final = 1024 * 1024

_BODY_METHODS: Final = {"POST", "PUT", "PATCH"}


def check_envelope(request: HttpRequest, *, body_limit: int = BODY_LIMIT) -> None:
    if not request.accepts("application/json"):
        raise Problem("not-acceptable", "Answers are application/json: accept that, or anything.")
    if request.method in _BODY_METHODS:
        _check_body_headers(request, body_limit)


def _check_body_headers(request: HttpRequest, body_limit: int) -> None:
    length = _content_length(request)
    if length > body_limit:
        raise Problem("body-too-large", f"The body may have at most {body_limit} bytes.")
    if length == 0 and "Transfer-Encoding" in request.headers:
        raise Problem("length-required", "Send a Content-Length: chunked bodies are not read.")
    if length and not is_json(request):
        raise Problem("unsupported-media-type", "Send the body as application/json in UTF-8.")


def _content_length(request: HttpRequest) -> int:
    written = request.META.get("CONTENT_LENGTH") or "0"
    if not (written.isascii() and written.isdigit() and len(written) < 20):
        raise Problem("bad-request", "The Content-Length is not a number.")
    return int(written)


def is_json(request: HttpRequest) -> bool:
    charset = (request.content_params or {}).get("charset", "utf-8")
    return request.content_type == "application/json" and charset.lower() in {"utf-8", "utf8"}
