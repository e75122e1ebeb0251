"""Responses of the assistant, byte-identical on both surfaces, and the cookie of anonymous callers."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse

from api.contract.base import AnswerBody
from marketplace.accounts.models import User


def cookie_name() -> str:
    """Browsers accept a `__Host-` cookie only over HTTPS and only from this exact host."""
    return "__Host-asst" if settings.SESSION_COOKIE_SECURE else "asst"


def read_cookie(request: HttpRequest) -> str:
    return request.COOKIES.get(cookie_name(), "")


def answer(
    request: HttpRequest, user: User | None, body: AnswerBody | Mapping[str, Any] | None, *, status: int = 200
) -> HttpResponse:
    """Remove the anonymous cookie when the caller is signed in."""
    response = HttpResponse(_written(body), status=status, content_type="application/json")
    if body is None:
        del response.headers["Content-Type"]
    if user is not None:
        forget_cookie(request, response)
    return response


def _written(body: AnswerBody | Mapping[str, Any] | None) -> bytes:
    if body is None:
        return b""
    shown = body.model_dump(mode="json") if isinstance(body, AnswerBody) else body
    encoder = DjangoJSONEncoder(ensure_ascii=False, separators=(",", ":"))
    return encoder.encode(shown).encode("utf-8", "replace")


def set_cookie(response: HttpResponse, value: str) -> None:
    """Set a session cookie, without a max age. The conversation behind it expires within hours anyway."""
    secure = bool(settings.SESSION_COOKIE_SECURE)
    response.set_cookie(cookie_name(), value, path="/", secure=secure, httponly=True, samesite="Lax")


def forget_cookie(request: HttpRequest, response: HttpResponse) -> None:
    if cookie_name() in request.COOKIES:
        response.delete_cookie(cookie_name(), path="/", samesite="Lax")
        response.cookies[cookie_name()]["secure"] = bool(settings.SESSION_COOKIE_SECURE)
        response.cookies[cookie_name()]["httponly"] = True
