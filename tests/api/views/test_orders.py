"""Orders and confirmations over HTTP, from the first request to the completed sale."""

from datetime import datetime
from typing import Any

import pytest

from api.contract.fields import render_moment
from decisions.models import DecisionRecord
from marketplace.accounts.models import Role
from marketplace.catalog.models import Product
from marketplace.orders.models import Order
from tests.api.callers import Caller, make_caller, make_product, problem_of, refusal_of


def test_opening_an_order_answers_with_it_and_its_chat(buyer: Caller, seller: Caller, desk: Product) -> None:
    response = buyer.post("/api/v1/orders", {"product_id": desk.pk})

    saved = Order.objects.get()
    assert response.status_code == 201
    assert response.json() == {
        "id": saved.pk,
        "product_id": desk.pk,
        "buyer_id": buyer.id,
        "seller_id": seller.id,
        "chat_id": saved.chat_id,
        "status": "pending",
        "seller_confirmed_at": None,
        "buyer_confirmed_at": None,
        "completed_at": None,
    }


def test_asking_again_gives_the_same_order(buyer: Caller, order: dict[str, Any]) -> None:
    again = buyer.post("/api/v1/orders", {"product_id": order["product_id"]})

    assert (again.status_code, again.json()) == (200, order)


def test_asking_again_after_the_sale_gives_the_completed_order(buyer: Caller, sold: dict[str, Any]) -> None:
    again = buyer.post("/api/v1/orders", {"product_id": sold["product_id"]})

    assert (again.status_code, again.json()) == (200, sold)


def test_own_product_cannot_be_ordered(seller: Caller, desk: Product) -> None:
    assert refusal_of(seller.post("/api/v1/orders", {"product_id": desk.pk})) == (403, "own-product")


def test_only_buyers_open_orders(desk: Product, db: None) -> None:
    agent = make_caller("ada", Role.AGENT)

    assert refusal_of(agent.post("/api/v1/orders", {"product_id": desk.pk})) == (403, "buyers-open")


def test_unknown_product_cannot_be_ordered(buyer: Caller) -> None:
    assert refusal_of(buyer.post("/api/v1/orders", {"product_id": 999_999})) == (404, "not-found")


def test_first_confirmation_leaves_the_order_pending(seller: Caller, order: dict[str, Any]) -> None:
    response = seller.post(f"/api/v1/orders/{order['id']}/confirmations")

    confirmed_at = response.json()["seller_confirmed_at"]
    assert response.status_code == 200
    assert response.json() == {**order, "seller_confirmed_at": confirmed_at}
    assert datetime.fromisoformat(confirmed_at).strftime("%Y-%m-%dT%H:%M:%S.%fZ") == confirmed_at


@pytest.mark.parametrize("first", ["seller", "buyer"])
def test_second_confirmation_completes_the_order(
    first: str, seller: Caller, buyer: Caller, order: dict[str, Any]
) -> None:
    callers = [seller, buyer] if first == "seller" else [buyer, seller]

    answers = [caller.post(f"/api/v1/orders/{order['id']}/confirmations").json() for caller in callers]

    assert [answer["status"] for answer in answers] == ["pending", "completed"]
    assert answers[1][f"{first}_confirmed_at"] == answers[0][f"{first}_confirmed_at"]
    assert answers[1]["completed_at"] is not None
    assert buyer.get(f"/api/v1/orders/{order['id']}").json() == answers[1]


def test_confirming_again_changes_nothing(seller: Caller, buyer: Caller, order: dict[str, Any]) -> None:
    path = f"/api/v1/orders/{order['id']}/confirmations"
    first = seller.post(path)
    assert (seller.post(path).status_code, seller.post(path).json()) == (200, first.json())

    completed = buyer.post(path)
    assert (seller.post(path).json(), buyer.post(path).json()) == (completed.json(), completed.json())


def test_confirming_needs_no_body(seller: Caller, order: dict[str, Any]) -> None:
    form = "application/x-www-form-urlencoded"

    response = seller.send(f"/api/v1/orders/{order['id']}/confirmations", b"", form)

    assert response.status_code == 200


def test_confirming_takes_no_field(seller: Caller, order: dict[str, Any]) -> None:
    response = seller.post(f"/api/v1/orders/{order['id']}/confirmations", {"status": "completed"})

    assert refusal_of(response) == (422, "invalid-request")
    assert problem_of(response)["errors"] == [
        {"pointer": "/status", "message": "Extra inputs are not permitted"}
    ]


def test_second_buyer_of_a_single_product_is_refused(
    seller: Caller, other_buyer: Caller, order: dict[str, Any]
) -> None:
    theirs = other_buyer.post("/api/v1/orders", {"product_id": order["product_id"]}).json()
    seller.post(f"/api/v1/orders/{order['id']}/confirmations")

    refused = seller.post(f"/api/v1/orders/{theirs['id']}/confirmations")

    assert refusal_of(refused) == (409, "sold-to-another")


def test_confirmation_can_be_taken_back_while_it_is_alone(seller: Caller, order: dict[str, Any]) -> None:
    seller.post(f"/api/v1/orders/{order['id']}/confirmations")

    response = seller.delete(f"/api/v1/orders/{order['id']}/confirmations/mine")

    assert (response.status_code, response.json()) == (200, order)


def test_nothing_confirmed_cannot_be_taken_back(buyer: Caller, order: dict[str, Any]) -> None:
    response = buyer.delete(f"/api/v1/orders/{order['id']}/confirmations/mine")

    assert refusal_of(response) == (409, "nothing-to-withdraw")


def test_completed_sale_cannot_be_taken_back(buyer: Caller, sold: dict[str, Any]) -> None:
    response = buyer.delete(f"/api/v1/orders/{sold['id']}/confirmations/mine")

    assert refusal_of(response) == (409, "too-late-to-withdraw")
    assert buyer.get(f"/api/v1/orders/{sold['id']}").json() == sold


def test_denial_says_which_policy_and_rule_denied_and_leaves_its_record(
    buyer: Caller, order: dict[str, Any]
) -> None:
    before = DecisionRecord.objects.count()

    response = buyer.delete(
        f"/api/v1/orders/{order['id']}/confirmations/mine", **{"X-Request-ID": "a-request-of-ours"}
    )

    record = DecisionRecord.objects.latest("pk")
    document = problem_of(response)
    assert set(document) == {
        *("type", "title", "status", "detail", "code"),
        *("policy", "version", "revision", "in_force_at", "outcome", "rule", "reason", "message"),
    }
    assert (document["policy"], document["version"], document["rule"]) == (
        *(record.policy, record.version, record.rule),
    )
    assert (document["revision"], document["in_force_at"]) == (0, render_moment(record.in_force_at))
    assert document["reason"] == document["rule"] == "nothing-to-withdraw"
    assert document["detail"] == document["message"] != ""
    assert DecisionRecord.objects.count() == before + 1
    assert (record.outcome, record.request_id) == ("deny", "a-request-of-ours")


def test_orders_are_listed_for_their_parties_newest_first_in_two_queries(
    buyer: Caller, seller: Caller, other_buyer: Caller, django_assert_num_queries: Any
) -> None:
    products = [make_product(seller, name) for name in ("Desk", "Lamp")]
    opened = [buyer.post("/api/v1/orders", {"product_id": product.pk}).json() for product in products]

    with django_assert_num_queries(2):
        response = buyer.get("/api/v1/orders")

    assert response.json() == {"items": opened[::-1], "next": None}
    assert seller.get("/api/v1/orders").json() == response.json()
    assert other_buyer.get("/api/v1/orders").json() == {"items": [], "next": None}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/api/v1/orders/{id}"),
        ("post", "/api/v1/orders/{id}/confirmations"),
        ("delete", "/api/v1/orders/{id}/confirmations/mine"),
    ],
)
def test_foreign_order_is_answered_as_an_unknown_one(
    method: str, path: str, other_buyer: Caller, order: dict[str, Any]
) -> None:
    foreign, unknown = (getattr(other_buyer, method)(path.format(id=id)) for id in (order["id"], 999_999))

    assert refusal_of(foreign) == (404, "not-found")
    assert foreign.content == unknown.content
    assert set(foreign.headers) == set(unknown.headers)


def test_main_writes_take_a_known_number_of_queries(
    buyer: Caller, seller: Caller, desk: Product, django_assert_num_queries: Any
) -> None:
    # the first decision of a process looks for the text of its policies, and stores two kinds of rows
    with django_assert_num_queries(13 + 3):
        order = buyer.post("/api/v1/orders", {"product_id": desk.pk}).json()
    with django_assert_num_queries(9):
        seller.post(f"/api/v1/orders/{order['id']}/confirmations")
    with django_assert_num_queries(13):
        buyer.post(f"/api/v1/orders/{order['id']}/confirmations")


def ids(response: Any) -> list[int]:
    assert response.status_code == 200, response.content
    return [item["id"] for item in response.json()["items"]]


def test_list_can_hold_only_orders_that_the_caller_may_review(
    buyer: Caller, seller: Caller, sold: dict[str, Any]
) -> None:
    lamp = make_product(seller)
    buyer.post("/api/v1/orders", {"product_id": lamp.pk})
    assert ids(buyer.get("/api/v1/orders?may=review")) == [sold["id"]]
    assert ids(seller.get("/api/v1/orders?may=review")) == []
    buyer.post("/api/v1/reviews", {"product_id": sold["product_id"], "rating": 5, "text": "Fine."})
    assert ids(buyer.get("/api/v1/orders?may=review")) == []


def test_list_can_hold_only_orders_in_whose_chat_the_caller_may_write(
    buyer: Caller, seller: Caller, sold: dict[str, Any]
) -> None:
    lamp = make_product(seller)
    order = buyer.post("/api/v1/orders", {"product_id": lamp.pk}).json()
    for party in (buyer, seller):
        assert ids(party.get("/api/v1/orders?may=write")) == [order["id"]]


def test_list_of_what_the_caller_may_do_has_pages(buyer: Caller, seller: Caller) -> None:
    orders = [
        buyer.post("/api/v1/orders", {"product_id": make_product(seller).pk}).json()["id"] for _ in range(3)
    ]
    first = buyer.get("/api/v1/orders?may=write&limit=2")
    rest = buyer.get(f"/api/v1/orders?may=write&limit=2&cursor={first.json()['next']}")
    assert (ids(first), ids(rest), rest.json()["next"]) == (orders[:0:-1], orders[:1], None)


def test_unknown_permission_is_refused(buyer: Caller) -> None:
    assert refusal_of(buyer.get("/api/v1/orders?may=fly")) == (422, "invalid-request")
