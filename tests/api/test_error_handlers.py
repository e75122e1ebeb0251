"""Errors handled by Django itself: problems below /api/, Django's pages elsewhere."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpResponse
from django.test import Client, RequestFactory
from django.urls import get_resolver

from api.error_handlers import csrf_failure
from tests.api.callers import refusal_of

FAILURES = {
    400: ("bad-request", SuspiciousOperation()),
    403: ("forbidden", PermissionDenied()),
    404: ("not-found", Http404()),
    500: ("internal-error", None),
}


def handle(status: int, path: str) -> HttpResponse:
    handler: Callable[..., HttpResponse] = get_resolver().resolve_error_handler(status)
    error = FAILURES[status][1]
    request = RequestFactory().get(path)
    return handler(request, exception=error) if error else handler(request)


@pytest.mark.parametrize("status", FAILURES)
def test_failure_of_the_api_is_a_problem(status: int) -> None:
    assert refusal_of(handle(status, "/api/anything")) == (status, FAILURES[status][0])


@pytest.mark.parametrize("status", FAILURES)
def test_failure_of_a_page_is_a_page(status: int) -> None:
    response = handle(status, "/admin/anything")

    assert response.status_code == status
    assert response["Content-Type"].startswith("text/html")


def test_csrf_failure_of_the_api_is_a_problem() -> None:
    assert refusal_of(csrf_failure(RequestFactory().post("/api/anything"))) == (403, "csrf-failed")


def test_csrf_failure_of_a_page_is_a_page(db: None) -> None:
    response = Client(enforce_csrf_checks=True).post("/admin/login/")

    assert (response.status_code, response["Content-Type"]) == (403, "text/html; charset=utf-8")


HOSTS = ["evil.example", "comity.example:80:80", "comity.example/", "", "e" * 3_000, "ünïcödé.example", "a b"]
PATHS = ["/api/v1/products", "/api/policies", "/assistant/session", "/healthz", "/api/v1/nothing"]


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize("host", HOSTS)
def test_unknown_host_is_a_problem_and_one_line(
    host: str, debug: bool, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    settings.DEBUG = debug
    settings.ALLOWED_HOSTS = ["comity.example"]
    for path in PATHS:
        caplog.clear()
        response = Client().get(path, headers={"Host": host})

        assert refusal_of(response) == (400, "bad-request")
        assert len(response.content) < 500
        [line] = caplog.records
        assert (line.levelname, line.exc_info) == ("INFO", None)
        assert isinstance(line.msg, dict)
        assert line.msg["refused_host"] == host[:100]


@pytest.mark.parametrize("debug", [True, False])
def test_unknown_host_of_a_page_is_a_short_page(debug: bool, settings: Any) -> None:
    settings.DEBUG = debug
    settings.ALLOWED_HOSTS = ["comity.example"]
    response = Client().get("/console/sign-in", headers={"Host": "evil.example"})

    assert (response.status_code, len(response.content) < 500) == (400, True)
