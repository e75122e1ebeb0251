"""Request id, log line and metrics around every request, and problem documents closest to the views."""

import re
import time
import uuid
from collections.abc import Callable
from typing import Final

import structlog
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.defaults import ERROR_PAGE_TEMPLATE

from api.error_mapping import problem_of
from api.incoming import Incoming
from api.metrics import observe_request
from api.outgoing import limit_reading
from api.problems import CONTENT_TYPE, Problem, method_not_allowed, respond
from api.throttle import client_address
from marketplace.waiting import serving

log = structlog.get_logger(__name__)

PROBES: Final = frozenset({"healthz", "readyz", "metrics"})
UNFORESEEN: Final = "internal-error"

GetResponse = Callable[[HttpRequest], HttpResponse]

# Keep a caller's own id only if it is safe in a log line and fits the decision record's column.
_ACCEPTED_ID: Final = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)


class RequestLogMiddleware:
    """Logs the route instead of the path, and never a query, a body or a credential."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        request_id = _request_id(request)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        response = self.get_response(request)
        response.headers["X-Request-ID"] = request_id
        _report(request, response, time.perf_counter() - started)
        return response


class ConnectionMiddleware:
    """Drains or closes the connection, so that no unread body is mistaken for the next request, and limits slow readers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        incoming = request.META.get("wsgi.input")
        if not isinstance(incoming, Incoming):
            return self.get_response(request)
        incoming.sender = client_address(request)
        with serving():
            response = limit_reading(self.get_response(request), sender=incoming.sender)
        if incoming.refusal is not None:
            response = respond(incoming.refusal)
            response.headers["Cache-Control"] = "no-store"
        if not incoming.finish():
            response.headers["Connection"] = "close"
        return response


class ProblemMiddleware:
    """Converts exceptions of API views, and Ninja's plain 405, to problem documents. Pages are 503 while a service is down."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not is_api(request):
            return response
        if response.status_code == 405 and response.headers.get("Content-Type") != CONTENT_TYPE:
            response = respond(method_not_allowed(response.headers["Allow"].split(", ")))
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        problem = problem_of(error) or internal_error()
        if not is_api(request) and problem.status != 503:
            return None
        response = respond(problem) if is_api(request) else _unavailable_page(problem)
        if problem.status >= 500:
            _report_failure(problem, error)
            response._has_been_logged = True  # type: ignore[attr-defined]  # or Django logs it again
        return response


def is_api(request: HttpRequest) -> bool:
    """Everything for programs, which is all below /assistant except the demo page."""
    root, _, rest = request.path.removeprefix("/").partition("/")
    return root in {"api", *PROBES} or (root == "assistant" and rest != "demo")


def _unavailable_page(problem: Problem) -> HttpResponse:
    page = ERROR_PAGE_TEMPLATE % {"title": problem.title, "details": problem.detail}
    return HttpResponse(page, status=503, headers={**problem.headers, "Cache-Control": "no-store"})


def internal_error() -> Problem:
    return Problem(UNFORESEEN, "This was logged under the X-Request-ID of this response.")


def _request_id(request: HttpRequest) -> str:
    offered = request.headers.get("X-Request-ID", "")
    return offered if _ACCEPTED_ID.fullmatch(offered) else uuid.uuid4().hex


def _report_failure(problem: Problem, error: Exception) -> None:
    """In one line where something is away, since everybody who asks meanwhile gets the same."""
    if problem.code == UNFORESEEN:
        log.error("request_failed", code=problem.code, exc_info=error)
    else:
        reason = f"{type(error).__name__}: {error}".partition("\n")[0]
        log.error("request_failed", code=problem.code, error=reason)


def _report(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    method = request.method or ""
    route = request.resolver_match.route if request.resolver_match else "(none)"
    log.info(
        "request_finished",
        method=method,
        route=route,
        status=response.status_code,
        duration_ms=round(seconds * 1000, 2),
    )
    observe_request(method=method, route=route, status=response.status_code, seconds=seconds)
