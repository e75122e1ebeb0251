"""Django's own failures: problem documents below /api/, Django's pages elsewhere."""

from django.http import HttpRequest, HttpResponse
from django.views import csrf, defaults

from api import problems
from api.middleware import internal_error, is_api
from api.problems import Problem, respond


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_api(request):
        return respond(Problem("bad-request", "The request could not be read."))
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
        return respond(Problem("csrf-failed", "A session needs its CSRF token in the X-CSRFToken header."))
    return csrf.csrf_failure(request, reason=reason)
