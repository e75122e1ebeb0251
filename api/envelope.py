"""Refusals that depend only on a request's headers, before authentication."""

from typing import Final

from django.http import HttpRequest

from api.problems import Problem

JSON: Final = "application/json"
BYTES: Final = "application/octet-stream"
BODY_LIMIT: Final = 64 * 1024
FACTS_BODY_LIMIT: Final = 1024 * 1024

LONGEST_TYPE: Final = 2_000
"""Characters of an Accept or Content-Type header; a longer one is not parsed."""

_BODY_METHODS: Final = {"POST", "PUT", "PATCH"}


def check_envelope(
    request: HttpRequest,
    *,
    body_limit: int = BODY_LIMIT,
    body_type: str = JSON,
    answer_type: str | None = JSON,
) -> None:
    if answer_type and not accepts(request, answer_type):
        raise Problem("not-acceptable", f"Responses are {answer_type}: accept that type, or any.")
    if request.method in _BODY_METHODS:
        _check_body_headers(request, body_limit, body_type)


def accepts(request: HttpRequest, answer_type: str) -> bool:
    """A header that is too long, or whose parameters Django cannot parse, accepts nothing."""
    written = request.META.get("HTTP_ACCEPT", "*/*")
    if written in {"*/*", answer_type}:  # without parsing, for most clients
        return True
    if len(written) > LONGEST_TYPE:
        return False
    try:
        return request.accepts(answer_type)
    except (LookupError, TypeError, ValueError):
        return False


def _check_body_headers(request: HttpRequest, body_limit: int, body_type: str) -> None:
    length = _content_length(request)
    if length > body_limit:
        raise Problem("body-too-large", f"The body may have at most {body_limit} bytes.")
    if length == 0 and "Transfer-Encoding" in request.headers:
        raise Problem("length-required", "Send a Content-Length: chunked bodies are not supported.")
    if length and not is_of_type(request, body_type):
        raise Problem("unsupported-media-type", f"Send the body as {body_type} in UTF-8.")


def _content_length(request: HttpRequest) -> int:
    written = request.META.get("CONTENT_LENGTH") or "0"
    if not (written.isascii() and written.isdigit() and len(written) < 20):
        raise Problem("bad-request", "The Content-Length is not a number.")
    return int(written)


def is_of_type(request: HttpRequest, body_type: str = JSON) -> bool:
    charset = (request.content_params or {}).get("charset", "utf-8")
    return request.content_type == body_type and charset.lower() in {"utf-8", "utf8"}
