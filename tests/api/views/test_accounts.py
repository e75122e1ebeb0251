"""Bearer tokens over HTTP: issued for a password, revoked permanently."""

from typing import Any

import pytest

from marketplace.accounts.models import Token
from tests.api.callers import PASSWORD, Caller, problem_of, refusal_of

TOKENS = "/api/auth/tokens"
CURRENT = "/api/auth/tokens/current"


def test_password_gets_a_token_that_works(anonymous: Caller, buyer: Caller) -> None:
    response = anonymous.post(TOKENS, {"username": "bea", "password": PASSWORD})

    body = response.json()
    assert response.status_code == 201
    assert body == {"token": body["token"], "user": {"id": buyer.id, "username": "bea", "role": "buyer"}}
    assert Caller(token=body["token"]).get("/api/v1/orders").status_code == 200


@pytest.mark.parametrize("username", ["bea", "nobody", "BEA"])
def test_wrong_credentials_are_answered_alike(username: str, anonymous: Caller, buyer: Caller) -> None:
    response = anonymous.post(TOKENS, {"username": username, "password": "wrong"})

    assert refusal_of(response) == (401, "invalid-credentials")
    assert response["WWW-Authenticate"] == "Bearer"
    assert problem_of(response)["detail"] == "No account has this username and password."


def test_deactivated_account_gets_no_token_and_its_tokens_stop(anonymous: Caller, buyer: Caller) -> None:
    assert buyer.user is not None
    buyer.user.is_active = False
    buyer.user.save()

    refused = anonymous.post(TOKENS, {"username": "bea", "password": PASSWORD})
    assert refusal_of(refused) == (401, "invalid-credentials")
    assert refusal_of(buyer.get("/api/v1/orders")) == (401, "invalid-token")


def test_token_is_not_kept_in_the_database(anonymous: Caller, buyer: Caller) -> None:
    token = anonymous.post(TOKENS, {"username": "bea", "password": PASSWORD}).json()["token"]

    assert token not in {value for row in Token.objects.values_list() for value in map(str, row)}


def test_revoked_token_is_refused_and_others_go_on(anonymous: Caller, buyer: Caller) -> None:
    second = Caller(token=anonymous.post(TOKENS, {"username": "bea", "password": PASSWORD}).json()["token"])

    revoked = buyer.delete(CURRENT)

    assert (revoked.status_code, revoked.content) == (204, b"")
    assert refusal_of(buyer.get("/api/v1/orders")) == (401, "invalid-token")
    assert refusal_of(buyer.delete(CURRENT)) == (401, "invalid-token")
    assert second.get("/api/v1/orders").status_code == 200


def test_signing_in_works_beside_a_stale_token(buyer: Caller) -> None:
    buyer.delete(CURRENT)

    assert buyer.post(TOKENS, {"username": "bea", "password": PASSWORD}).status_code == 201


def test_revoking_needs_a_token(anonymous: Caller, buyer: Caller) -> None:
    assert refusal_of(anonymous.delete(CURRENT)) == (401, "unauthenticated")

    session = Caller()
    session.client.force_login(buyer.user)
    session.client.cookies["csrftoken"] = "a" * 32
    assert refusal_of(session.delete(CURRENT, **{"X-CSRFToken": "a" * 32})) == (404, "not-found")


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/username", "/password"]),
        ({"username": "bea", "password": ""}, ["/password"]),
        ({"username": "bea", "password": 5}, ["/password"]),
        ({"username": "b" * 151, "password": PASSWORD}, ["/username"]),
        ({"username": "bea", "password": PASSWORD, "role": "policy_owner"}, ["/role"]),
        ({"username": "be\x00a", "password": PASSWORD}, ["/username"]),
    ],
)
def test_unfit_credentials_are_refused(body: Any, pointers: list[str], anonymous: Caller) -> None:
    response = anonymous.post(TOKENS, body)

    assert refusal_of(response) == (422, "invalid-request")
    assert [error["pointer"] for error in problem_of(response)["errors"]] == pointers
