"""Forwarded headers are trusted only from configured proxies, however they are written."""

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from api.forwarded import ForwardedMiddleware
from api.throttle import client_address
from tests.api.callers import Caller

PROXY = "10.0.0.2"
NAMED = ["10.0.0.0/8", "2001:db8:ffff::1", "unix"]


def seen(remote: str, forwarded: str = "", **headers: str) -> HttpRequest:
    """The request as views see it."""
    given = {
        "X-Forwarded-For": forwarded,
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    request = RequestFactory().get("/", REMOTE_ADDR=remote, headers={k: v for k, v in given.items() if v})
    ForwardedMiddleware(lambda _: HttpResponse())(request)
    return request


@pytest.fixture
def named(settings: Any) -> None:
    settings.COMITY_TRUSTED_PROXIES = NAMED


@pytest.mark.parametrize(
    ("remote", "forwarded", "address"),
    [
        (PROXY, "198.51.100.1", "198.51.100.1"),
        (PROXY, "198.51.100.1:51234", "198.51.100.1"),
        (PROXY, "198.51.100.1, 10.0.0.9", "198.51.100.1"),
        ("::ffff:10.0.0.2", "198.51.100.1", "198.51.100.1"),
        ("2001:db8:ffff::1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (PROXY, "[2001:db8:1:2:3:4:5:6]:443", "2001:db8:1:2::/64"),
        ("", "198.51.100.1", "198.51.100.1"),
        (PROXY, "", PROXY),
        (PROXY, "10.0.0.8, 10.0.0.9", "10.0.0.8"),
    ],
)
@pytest.mark.usefixtures("named")
def test_named_proxy_tells_who_asks(remote: str, forwarded: str, address: str) -> None:
    assert client_address(seen(remote, forwarded)) == address


@pytest.mark.parametrize(
    ("remote", "forwarded", "address"),
    [
        # # not a proxy, so not trusted
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("203.0.113.7", "10.0.0.2", "203.0.113.7"),
        ("2001:db8:ffff::2", "198.51.100.1", "2001:db8:ffff::/64"),
        ("11.0.0.2", "198.51.100.1", "11.0.0.2"),
        # # the client's own value precedes the proxy's
        (PROXY, "127.0.0.1, 203.0.113.7", "203.0.113.7"),
        (PROXY, "10.0.0.9, 203.0.113.7", "203.0.113.7"),
        (PROXY, "made up, 203.0.113.7", "203.0.113.7"),
        # # unreadable, so the proxy counts
        (PROXY, "made up", PROXY),
        (PROXY, "198.51.100.1, ", PROXY),
        (PROXY, "198.51.100.1, unknown", PROXY),
        (PROXY, "0x7f000001", PROXY),
        (PROXY, ",".join(["198.51.100.1"] * 1_000 + ["203.0.113.7"]), "203.0.113.7"),
    ],
)
@pytest.mark.usefixtures("named")
def test_made_up_address_is_not_believed(remote: str, forwarded: str, address: str) -> None:
    assert client_address(seen(remote, forwarded)) == address


@pytest.mark.parametrize(
    ("remote", "written", "secure"),
    [
        (PROXY, "https", True),
        (PROXY, "HTTPS", True),
        (PROXY, "http", False),
        (PROXY, "http, https", True),
        (PROXY, "https, http", False),  # the client wrote the first
        (PROXY, "wss", False),
        (PROXY, "", False),
        ("203.0.113.7", "https", False),
    ],
)
@pytest.mark.usefixtures("named")
def test_scheme_is_believed_of_a_named_proxy(remote: str, written: str, secure: bool) -> None:
    assert seen(remote, X_Forwarded_Proto=written).is_secure() is secure


@pytest.mark.parametrize("remote", ["127.0.0.1", PROXY, "", "203.0.113.7"])
def test_nobody_is_believed_where_no_proxy_is_named(remote: str, settings: Any) -> None:
    settings.COMITY_TRUSTED_PROXIES = []
    request = seen(remote, "198.51.100.1", X_Forwarded_Proto="https")

    assert (request.META["REMOTE_ADDR"], request.is_secure()) == (remote, False)


@pytest.mark.parametrize(
    "name", ["X_Real_IP", "Forwarded", "X_Client_IP", "True_Client_IP", "CF_Connecting_IP"]
)
@pytest.mark.usefixtures("named")
def test_other_headers_tell_nothing(name: str) -> None:
    request = seen(PROXY, **{name: "for=198.51.100.1;proto=https"})

    assert (request.META["REMOTE_ADDR"], request.is_secure()) == (PROXY, False)


@pytest.mark.usefixtures("named")
def test_host_is_the_one_that_was_asked_for() -> None:
    assert seen(PROXY, X_Forwarded_Host="evil.example", X_Forwarded_Port="1").get_host() == "testserver"


def test_rates_are_counted_by_the_address_that_the_proxy_tells(
    anonymous: Caller, settings: Any, db: None
) -> None:
    settings.COMITY_TRUSTED_PROXIES = [PROXY]
    settings.COMITY_THROTTLES = {**settings.COMITY_THROTTLES, "anonymous": "1/min"}

    def ask(remote: str, forwarded: str) -> int:
        headers = {"X-Forwarded-For": forwarded}
        return anonymous.client.get("/api/v1/products", headers=headers, REMOTE_ADDR=remote).status_code

    assert [ask(PROXY, "198.51.100.1"), ask(PROXY, "198.51.100.2"), ask(PROXY, "198.51.100.1")] == [
        200,
        200,
        429,
    ]
    assert [ask("203.0.113.7", f"198.51.100.{number}") for number in range(3, 6)] == [200, 429, 429]


def test_metrics_are_not_shown_through_a_proxy(anonymous: Caller, settings: Any, db: None) -> None:
    settings.COMITY_TRUSTED_PROXIES = ["127.0.0.1"]
    for forwarded in ("127.0.0.1", "198.51.100.1"):
        response = anonymous.client.get(
            "/metrics", headers={"X-Forwarded-For": forwarded}, REMOTE_ADDR="127.0.0.1"
        )
        assert response.status_code == 404
