"""Rate limits: shared by both surfaces, per user or per address that cannot be forged."""

from typing import Any

import pytest
from django.test import RequestFactory

from api import throttle
from api.problems import Problem
from api.throttle import client_address
from tests.api.callers import PASSWORD, Caller, problem_of, refusal_of

RATES = {"login": "100/min", "write": "100/min", "read": "100/min", "anonymous": "100/min"}
PRODUCTS = "/api/v1/products"
TOKENS = "/api/auth/tokens"


class Clock:
    """A minute begins at 600."""

    now = 600.0

    def time(self) -> float:
        return self.now

    monotonic = time


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(throttle, "time", clock)
    return clock


@pytest.fixture
def rates(settings: Any) -> Any:
    def set_rates(**changed: str) -> None:
        settings.COMITY_THROTTLES = {**RATES, **changed}

    return set_rates


def statuses(*responses: Any) -> list[int]:
    return [response.status_code for response in responses]


def test_refusal_says_when_to_come_back_and_then_all_is_well(
    anonymous: Caller, rates: Any, clock: Clock, db: None
) -> None:
    rates(anonymous="2/min")
    clock.now = 619.5
    assert statuses(*(anonymous.get(PRODUCTS) for _ in range(2))) == [200, 200]

    refused = anonymous.get(PRODUCTS)

    assert refusal_of(refused) == (429, "throttled")
    assert refused["Retry-After"] == "41"
    clock.now += 41
    assert statuses(anonymous.get(PRODUCTS)) == [200]


def test_caller_is_not_forgotten_among_thousands(rates: Any) -> None:
    rates(login="1/min")
    throttle.enforce_rate("login", "bea")
    for number in range(2_000):
        throttle.enforce_rate("login", str(number))

    with pytest.raises(Problem):
        throttle.enforce_rate("login", "bea")


def test_both_surfaces_count_together(policy_owner: Caller, rates: Any) -> None:
    rates(read="3/min")
    paths = [PRODUCTS, "/api/policies", PRODUCTS, "/api/policies", PRODUCTS]

    assert statuses(*map(policy_owner.get, paths)) == [200, 200, 200, 429, 429]


def test_reads_and_writes_and_users_are_counted_apart(buyer: Caller, seller: Caller, rates: Any) -> None:
    rates(read="1/min", write="1/min")

    assert statuses(buyer.get(PRODUCTS), buyer.get(PRODUCTS), seller.get(PRODUCTS)) == [200, 429, 200]
    assert statuses(*(buyer.post("/api/v1/orders", {"product_id": 999_999}) for _ in range(2))) == [404, 429]


def test_forwarded_for_does_not_make_a_new_caller(anonymous: Caller, rates: Any, db: None) -> None:
    rates(anonymous="1/min")
    answers = [anonymous.get(PRODUCTS, **{"X-Forwarded-For": f"203.0.113.{number}"}) for number in range(3)]

    assert statuses(*answers) == [200, 429, 429]


def test_wrong_tokens_are_counted_by_address(rates: Any, db: None) -> None:
    rates(anonymous="2/min")
    guesses = [Caller(token=f"cmt_{number}").get(PRODUCTS) for number in range(3)]

    assert statuses(*guesses) == [401, 401, 429]


def test_signing_in_is_counted_by_username_from_any_address(
    anonymous: Caller, buyer: Caller, rates: Any
) -> None:
    rates(login="2/min")
    attempts = [
        anonymous.client.post(
            TOKENS,
            {"username": username, "password": PASSWORD},
            "application/json",
            REMOTE_ADDR=f"203.0.113.{number}",
        )
        for number, username in enumerate(["bea", "BEA", "bea", "sam"])
    ]

    assert statuses(*attempts) == [201, 401, 429, 401]


def test_signing_in_is_counted_by_address_for_any_username(anonymous: Caller, rates: Any, db: None) -> None:
    rates(login="2/min")
    attempts = [
        anonymous.post(TOKENS, {"username": username, "password": "wrong"}) for username in ("a", "b", "c")
    ]

    assert statuses(*attempts) == [401, 401, 429]
    assert problem_of(attempts[2])["detail"] == "Please wait 61 s."


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("made up", "unknown"),
        ("", "unknown"),
    ],
)
def test_client_is_counted_by_its_network(remote: str, address: str) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR=remote, headers={"X-Forwarded-For": "198.51.100.1"})

    assert client_address(request) == address
