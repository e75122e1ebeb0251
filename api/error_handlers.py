"""Django's error handlers: problem documents below /api/, Django's own pages elsewhere."""

from collections.abc import Callable

import structlog
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.views import csrf, defaults

from api import problems
from api.middleware import internal_error, is_api
from api.problems import Problem, respond


class HostMiddleware:
    """Refuse a request for an unknown host before anything else reads the host. Django would log a stack trace, and show it
    under DEBUG."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            request.get_host()
        except DisallowedHost as error:
            structlog.contextvars.bind_contextvars(refused_host=request.META.get("HTTP_HOST", "")[:100])
            return _refuse_host(request, error)
        return self.get_response(request)


def _refuse_host(request: HttpRequest, error: DisallowedHost) -> HttpResponse:
    if not is_api(request):
        return defaults.bad_request(request, error)
    response = respond(Problem("bad-request", "This server does not serve the requested host."))
    response.headers["Cache-Control"] = "no-store"
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_api(request):
        return respond(Problem("bad-request", "The request could not be parsed."))
    return defaults.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_api(request):
        return respond(Problem("forbidden", "You may not do this."))
    return defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return respond(problems.not_found()) if is_api(request) else defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    return respond(internal_error()) if is_api(request) else defaults.server_error(request)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    if is_api(request):
        return respond(
            Problem("csrf-failed", "A session must send its CSRF token in the X-CSRFToken header.")
        )
    return csrf.csrf_failure(request, reason=reason)
