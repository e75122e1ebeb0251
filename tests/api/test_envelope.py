"""Headers for which both surfaces refuse a request, whoever sends it."""

import io
from typing import NoReturn

import pytest
from django.http import HttpRequest

from api.envelope import LONGEST_TYPE
from config.requests import LONGEST_COOKIES, Request
from tests.api.callers import Caller, refusal_of

READS = {"DRF": "/api/v1/orders", "Ninja": "/api/policies"}
UNREADABLE = [
    "application/json; charset*=nonsense''x",
    "application/json; a*=idna''%ff",
    "application/json; a*=x; a*1*=utf-8''y; a*0=z",
]
WRITES = {"DRF": "/api/v1/reviews", "Ninja": "/api/policies/chat/decide"}


@pytest.mark.parametrize("surface", READS)
@pytest.mark.parametrize(
    "accept", ["text/html", "application/xml", "application/json;q=0", "nonsense", *UNREADABLE]
)
def test_caller_who_takes_no_json_is_refused(accept: str, surface: str, policy_owner: Caller) -> None:
    assert refusal_of(policy_owner.get(READS[surface], Accept=accept)) == (406, "not-acceptable")


@pytest.mark.parametrize("surface", READS)
@pytest.mark.parametrize(
    "accept", ["*/*", "application/*", "application/json", "text/html, */*;q=0.1", "application/json;q=0.5"]
)
def test_caller_who_takes_json_is_answered(accept: str, surface: str, policy_owner: Caller) -> None:
    response = policy_owner.get(READS[surface], Accept=accept)

    assert (response.status_code, response["Content-Type"].split(";")[0]) == (200, "application/json")


@pytest.mark.parametrize("surface", WRITES)
@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "application/json; charset=utf-16",
        "application/problem+json",
    ],
)
def test_body_that_is_not_json_is_refused(content_type: str, surface: str, policy_owner: Caller) -> None:
    response = policy_owner.send(WRITES[surface], b'{"facts": {}}', content_type)

    assert refusal_of(response) == (415, "unsupported-media-type")


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=UTF-8", 'application/json; charset="utf-8"']
)
def test_json_may_name_its_charset(content_type: str, policy_owner: Caller) -> None:
    assert policy_owner.send(WRITES["Ninja"], b'{"facts": {}}', content_type).status_code == 200


@pytest.mark.parametrize("surface", WRITES)
def test_chunked_body_is_asked_for_its_length(surface: str, policy_owner: Caller) -> None:
    response = policy_owner.send(WRITES[surface], b"", **{"Transfer-Encoding": "chunked"})

    assert refusal_of(response) == (411, "length-required")


@pytest.mark.parametrize("surface", WRITES)
@pytest.mark.parametrize("length", ["-1", "many", "1e3", "9" * 50])
def test_length_that_is_no_number_is_refused(length: str, surface: str, policy_owner: Caller) -> None:
    response = policy_owner.send(WRITES[surface], b"{}", **{"Content-Length": length})

    assert refusal_of(response) == (400, "bad-request")


@pytest.mark.parametrize("surface", WRITES)
def test_empty_body_reads_as_an_empty_object(surface: str, policy_owner: Caller) -> None:
    empty, braces = (policy_owner.send(WRITES[surface], content) for content in (b"", b"{}"))

    assert refusal_of(empty) == (422, "invalid-request")
    assert empty.content == braces.content


def test_long_accept_header_is_refused_unparsed(
    policy_owner: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parsing takes longer than a request may, and comes before the rate limit."""
    monkeypatch.setattr(HttpRequest, "accepted_types", property(parsed_in_vain))
    accept = "application/json, " * LONGEST_TYPE
    for path in READS.values():
        assert refusal_of(policy_owner.get(path, Accept=accept)) == (406, "not-acceptable")


def test_long_content_type_is_refused_unparsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.http.request.parse_header_parameters", lambda written: (written, {}))
    long = "application/json" + "; charset=utf-8" * LONGEST_TYPE
    asked = {"REQUEST_METHOD": "POST", "CONTENT_TYPE": long, "wsgi.input": io.BytesIO()}
    assert Request(asked).content_type == "unreadable"


@pytest.mark.parametrize(("times", "cookies"), [(100, {"a": "b"}), (LONGEST_COOKIES, {})])
def test_long_cookie_header_is_ignored(times: int, cookies: dict[str, str]) -> None:
    asked = {"REQUEST_METHOD": "GET", "HTTP_COOKIE": "a=b; " * times, "wsgi.input": io.BytesIO()}
    assert cookies == Request(asked).COOKIES


def parsed_in_vain(_: HttpRequest) -> NoReturn:
    raise AssertionError
