"""Authentication: bearer tokens, and sessions that need a CSRF token on both surfaces."""

from typing import Any

import pytest

from tests.api.callers import Caller, refusal_of

GOOD = "g" * 32
BAD = "b" * 32

# Writes that return this once admitted: DRF looks up an unknown chat, Ninja decides.
WRITES = {
    "DRF": ("/api/v1/chats/999999/messages", {"text": "Hello"}, 404),
    "Ninja": ("/api/policies/chat/decide", {"facts": {}}, 200),
}
READS = {"DRF": "/api/v1/orders", "Ninja": "/api/policies"}


def make_client(who: str, owner: Caller) -> Caller:
    caller = owner if who == "token" else Caller()
    if who == "session":
        caller.client.force_login(owner.user)
    caller.client.cookies["csrftoken"] = GOOD
    return caller


@pytest.mark.parametrize("surface", WRITES)
@pytest.mark.parametrize("who", ["anonymous", "session", "token"])
@pytest.mark.parametrize("csrf", ["no", "bad", "good"])
def test_only_sessions_need_a_csrf_token_and_they_always_do(
    who: str, surface: str, csrf: str, policy_owner: Caller
) -> None:
    path, body, admitted = WRITES[surface]
    headers = {"no": {}, "bad": {"X-CSRFToken": BAD}, "good": {"X-CSRFToken": GOOD}}[csrf]

    response = make_client(who, policy_owner).post(path, body, **headers)

    expected = {
        "anonymous": {"no": 401, "bad": 401, "good": 401},
        "session": {"no": 403, "bad": 403, "good": admitted},
        "token": {"no": admitted, "bad": admitted, "good": admitted},
    }
    assert response.status_code == expected[who][csrf]
    if response.status_code == 403:
        assert refusal_of(response) == (403, "csrf-failed")


@pytest.mark.parametrize("surface", WRITES)
def test_good_csrf_token_from_a_foreign_origin_is_refused(surface: str, policy_owner: Caller) -> None:
    path, body, _ = WRITES[surface]
    headers = {"X-CSRFToken": GOOD, "Origin": "https://evil.example"}

    response = make_client("session", policy_owner).post(path, body, **headers)

    assert refusal_of(response) == (403, "csrf-failed")


@pytest.mark.parametrize("surface", READS)
def test_session_reads_without_a_csrf_token(surface: str, policy_owner: Caller) -> None:
    assert make_client("session", policy_owner).get(READS[surface]).status_code == 200


@pytest.mark.parametrize("surface", READS)
@pytest.mark.parametrize(
    "written", ["Bearer", "Bearer ", "Bearer unknown", "bearer cmt_unknown", "Bearer a b"]
)
def test_unknown_token_is_refused_even_beside_a_session(
    written: str, surface: str, policy_owner: Caller
) -> None:
    caller = make_client("session", policy_owner)

    response = caller.get(READS[surface], Authorization=written)

    assert refusal_of(response) == (401, "invalid-token")
    assert response["WWW-Authenticate"] == 'Bearer error="invalid_token"'


@pytest.mark.parametrize("surface", READS)
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic YmVhOmJlYQ=="}])
def test_nobody_is_asked_to_sign_in(
    headers: dict[str, str], surface: str, anonymous: Caller, db: None
) -> None:
    response = anonymous.get(READS[surface], **headers)

    assert refusal_of(response) == (401, "unauthenticated")
    assert response["WWW-Authenticate"] == "Bearer"


def test_token_costs_one_query_and_no_credential_none(
    policy_owner: Caller, anonymous: Caller, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        policy_owner.get("/api/policies")
    with django_assert_num_queries(0):
        anonymous.get("/api/policies")


def test_session_of_a_deactivated_user_is_nobody(policy_owner: Caller) -> None:
    caller = make_client("session", policy_owner)
    assert policy_owner.user is not None
    policy_owner.user.is_active = False
    policy_owner.user.save()

    assert refusal_of(caller.get("/api/v1/orders")) == (401, "unauthenticated")


def test_session_outlives_a_key_that_was_replaced_and_is_still_named(buyer: Caller, settings: Any) -> None:
    caller = make_client("session", buyer)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another " * 8, [settings.SECRET_KEY]
    assert caller.get("/api/v1/orders").status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert refusal_of(caller.get("/api/v1/orders")) == (401, "unauthenticated")


def test_session_of_somebody_who_was_deactivated_is_nobodys(buyer: Caller) -> None:
    caller = make_client("session", buyer)
    buyer.user.is_active = False
    buyer.user.save()
    assert refusal_of(caller.get("/api/v1/orders")) == (401, "unauthenticated")
