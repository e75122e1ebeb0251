"""Middleware around every request: the request id, the log line, and problems for exceptions."""

from typing import Any

import pytest
from django.db import InterfaceError, OperationalError
from django.test import Client

from decisions.models import DecisionRecord
from tests.api.callers import PASSWORD, Caller, problem_of, refusal_of

READS = {"DRF": "/api/v1/products", "Ninja": "/api/policies"}
UNKNOWN = [
    "/api",
    "/api/",
    "/api/v1",
    "/api/v1/product",
    "/api/v1/products/",
    "/api/v1/products/x",
    "/api/v2",
]


def request_lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    entries = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    return [entry for entry in entries if entry["event"] == "request_finished"]


@pytest.mark.parametrize("offered", ["12345678", "a-request.of_OURS", "x" * 64])
def test_well_formed_request_id_is_kept(offered: str, anonymous: Caller) -> None:
    assert anonymous.get("/healthz", **{"X-Request-ID": offered})["X-Request-ID"] == offered


@pytest.mark.parametrize(
    "offered", ["", "short", "x" * 65, "with space", "line\nbreak", "ünïcödé-id", '"quoted"']
)
def test_other_request_id_is_replaced(offered: str, anonymous: Caller) -> None:
    answers = [anonymous.get("/healthz", **{"X-Request-ID": offered})["X-Request-ID"] for _ in range(2)]

    assert [len(answer) for answer in answers] == [32, 32]
    assert len({offered, *answers}) == 3


def test_decision_record_and_answer_have_the_same_request_id(buyer: Caller, order: Any) -> None:
    response = buyer.post(f"/api/v1/orders/{order['id']}/confirmations")

    assert DecisionRecord.objects.latest("pk").request_id == response["X-Request-ID"]


def test_request_is_logged_in_one_line_without_what_it_said(
    anonymous: Caller, buyer: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    token = anonymous.post(
        "/api/auth/tokens?secret=in-the-query", {"username": "bea", "password": PASSWORD}
    ).json()["token"]
    Caller(token=token).get("/api/v1/orders/17?cursor=in-the-query", **{"X-Request-ID": "of-this-test"})

    signed_in, read = request_lines(caplog)
    assert (signed_in["method"], signed_in["route"], signed_in["status"]) == ("POST", "api/auth/tokens", 201)
    assert read == {
        "event": "request_finished",
        "request_id": "of-this-test",
        "user_id": buyer.id,
        "method": "GET",
        "route": "api/v1/orders/<int:order_id>",
        "status": 404,
        "duration_ms": read["duration_ms"],
        "level": "info",
        "logger": "api.middleware",
        "timestamp": read["timestamp"],
    }
    assert [canary for canary in (PASSWORD, token, "in-the-query") if canary in caplog.text] == []


def test_next_request_does_not_inherit_the_user(
    anonymous: Caller, buyer: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    buyer.get("/api/v1/orders")
    anonymous.get("/healthz")

    assert ["user_id" in line for line in request_lines(caplog)] == [True, False]


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("path", UNKNOWN)
def test_unknown_path_is_not_found(
    path: str, method: str, debug: bool, anonymous: Caller, settings: Any
) -> None:
    settings.DEBUG = debug

    assert refusal_of(getattr(anonymous, method)(path)) == (404, "not-found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/api/v1/products", {"GET", "HEAD"}),
        ("OPTIONS", "/api/v1/products", {"GET", "HEAD"}),
        ("GET", "/api/auth/tokens", {"POST"}),
        ("DELETE", "/api/v1/orders", {"GET", "HEAD", "POST"}),
        ("BREW", "/api/v1/orders", {"GET", "HEAD", "POST"}),
        ("POST", "/api/policies", {"GET", "HEAD"}),
        ("GET", "/api/policies/chat/decide", {"POST"}),
        ("GET", "/api/policies/decide-batch", {"POST"}),
    ],
)
def test_other_method_gets_the_allowed_ones(method: str, path: str, allowed: set[str]) -> None:
    response = Client().generic(method, path)

    assert refusal_of(response) == (405, "method-not-allowed")
    assert set(response["Allow"].split(", ")) == allowed


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize("surface", READS)
def test_failure_nobody_foresaw_is_a_problem_that_tells_nothing(
    surface: str,
    debug: bool,
    policy_owner: Caller,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings.DEBUG = debug
    break_both(monkeypatch, RuntimeError("a secret of ours"))

    response = policy_owner.get(READS[surface])

    assert refusal_of(response) == (500, "internal-error")
    assert b"secret" not in response.content
    failures = [record.msg for record in caplog.records if record.levelname == "ERROR"]
    assert [failure["request_id"] for failure in failures] == [response["X-Request-ID"]]
    assert "a secret of ours" in failures[0]["exception"]


@pytest.mark.parametrize("surface", READS)
@pytest.mark.parametrize(
    "error", [OperationalError("gone\n\tIs the server running?"), InterfaceError("closed")]
)
def test_lost_database_is_unavailable_for_a_moment(
    error: Exception,
    surface: str,
    policy_owner: Caller,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    break_both(monkeypatch, error)

    response = policy_owner.get(READS[surface])

    assert refusal_of(response) == (503, "unavailable")
    assert response["Retry-After"] == "2"
    [failure] = [record.msg for record in caplog.records if record.levelname == "ERROR"]
    assert failure["error"] == f"{type(error).__name__}: {str(error).splitlines()[0]}"
    assert "exception" not in failure


@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("/console/sign-in", "marketplace.accounts.models.User.check_password"),
        ("/admin/login/", "marketplace.accounts.models.User.check_password"),
    ],
)
def test_page_is_unavailable_for_a_moment(
    page: str,
    query: str,
    policy_owner: Caller,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(query, fail)

    response = Client().post(page, {"username": "pia", "password": PASSWORD})

    assert (response.status_code, response["Retry-After"]) == (503, "2")
    assert response["Content-Type"].startswith("text/html")
    assert "Please try again in a moment." in response.content.decode()
    [failure] = [record.msg for record in caplog.records if record.levelname == "ERROR"]
    assert failure["error"] == "OperationalError: gone"


def break_both(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr("api.views.catalog.products", fail)
    monkeypatch.setattr("api.routers.policies.bundles.current", fail)


def test_answers_are_not_kept_by_caches(anonymous: Caller, db: None) -> None:
    for path in ("/api/v1/products", "/api/v1/products/999999"):
        assert anonymous.get(path)["Cache-Control"] == "no-store"


def test_problem_has_the_members_of_rfc_9457_and_a_code(anonymous: Caller) -> None:
    assert problem_of(anonymous.get("/api/nothing")) == {
        "type": "/problems/not-found",
        "title": "Not found",
        "status": 404,
        "detail": "The object does not exist, or you may not see it.",
        "code": "not-found",
    }
