"""Reviews over HTTP: each unmet requirement is refused by its own rule."""

from typing import Any

import pytest

from engine.compiled import CompiledPolicy
from marketplace.catalog.models import Product
from marketplace.reviews.models import Review
from tests.api.callers import Caller, make_product, problem_of, refusal_of


def write_review(caller: Caller, product_id: int) -> Any:
    return caller.post("/api/v1/reviews", {"product_id": product_id, "rating": 5, "text": "As described."})


def confirm(caller: Caller, order: dict[str, Any]) -> None:
    assert caller.post(f"/api/v1/orders/{order['id']}/confirmations").status_code == 200


def test_confirmed_sale_is_reviewed_by_its_buyer(buyer: Caller, sold: dict[str, Any]) -> None:
    response = write_review(buyer, sold["product_id"])

    assert response.status_code == 201
    assert response.json() == {
        "id": Review.objects.get().pk,
        "product_id": sold["product_id"],
        "buyer_id": buyer.id,
        "rating": 5,
        "text": "As described.",
        "created_at": response.json()["created_at"],
        "moderation": {
            "state": "delivered",
            **dict.fromkeys(("reason", "message", "support", "decision_id")),
        },
    }


def test_each_missing_piece_is_refused_by_its_own_rule_and_message(
    buyer: Caller, seller: Caller, other_buyer: Caller, order: dict[str, Any]
) -> None:
    product_id = order["product_id"]
    lamp = make_product(seller, "Brass lamp")
    refused = {"seller": write_review(buyer, product_id)}
    confirm(seller, order)
    refused["buyer"] = write_review(buyer, product_id)
    confirm(buyer, order)
    refused["product"] = write_review(buyer, lamp.pk)
    refused["somebody else"] = write_review(other_buyer, product_id)
    refused["own"] = write_review(seller, product_id)
    assert write_review(buyer, product_id).status_code == 201
    refused["twice"] = write_review(buyer, product_id)

    assert {piece: refusal_of(response) for piece, response in refused.items()} == {
        "seller": (403, "seller-must-confirm"),
        "buyer": (403, "buyer-must-confirm"),
        "product": (403, "other-product"),
        "somebody else": (403, "seller-must-confirm"),
        "own": (403, "own-product"),
        "twice": (409, "already-reviewed"),
    }
    messages = {problem_of(response)["message"] for response in refused.values()}
    assert len(messages) == 5
    assert Review.objects.count() == 1


def test_buyer_alone_learns_that_the_seller_must_confirm(buyer: Caller, order: dict[str, Any]) -> None:
    confirm(buyer, order)

    assert refusal_of(write_review(buyer, order["product_id"])) == (403, "seller-must-confirm")


def test_unknown_product_cannot_be_reviewed(buyer: Caller) -> None:
    assert refusal_of(write_review(buyer, 999_999)) == (404, "not-found")


def test_unfit_review_names_every_field(buyer: Caller, desk: Product) -> None:
    response = buyer.post("/api/v1/reviews", {"product_id": True, "rating": 6, "buyer_id": 1})

    assert refusal_of(response) == (422, "invalid-request")
    assert problem_of(response)["errors"] == [
        {"pointer": "/product_id", "message": "Input should be a valid integer"},
        {"pointer": "/rating", "message": "Input should be less than or equal to 5"},
        {"pointer": "/text", "message": "Field required"},
        {"pointer": "/buyer_id", "message": "Extra inputs are not permitted"},
    ]


def test_reviews_are_listed_to_anybody_newest_first_in_two_queries(
    anonymous: Caller, buyer: Caller, other_buyer: Caller, seller: Caller, django_assert_num_queries: Any
) -> None:
    book = make_product(seller, "Cookbook", single_sale=False)
    for caller in (buyer, other_buyer):
        order = caller.post("/api/v1/orders", {"product_id": book.pk}).json()
        confirm(seller, order)
        confirm(caller, order)
    written = [write_review(caller, book.pk).json() for caller in (buyer, other_buyer)]

    with django_assert_num_queries(2):
        response = anonymous.get(f"/api/v1/products/{book.pk}/reviews")

    assert response.json() == {"items": written[::-1], "next": None}


def test_review_takes_a_known_number_of_queries(
    buyer: Caller, sold: dict[str, Any], django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(11):
        write_review(buyer, sold["product_id"])


def test_eligibility_names_the_conditions_that_hold(
    buyer: Caller, seller: Caller, order: dict[str, Any]
) -> None:
    path = f"/api/v1/products/{order['product_id']}/review-eligibility"
    before = buyer.get(path).json()
    confirm(seller, order)
    between = buyer.get(path).json()
    confirm(buyer, order)
    after = buyer.get(path).json()

    decided = [(answer["outcome"], answer["rule"]) for answer in (before, between, after)]
    assert decided == [
        ("deny", "seller-must-confirm"),
        ("deny", "buyer-must-confirm"),
        ("allow", "pair-complete"),
    ]
    assert set(after) == {"outcome", "rule", "reason", "message", "conditions"}
    sides = [
        (answer["conditions"]["seller_confirmed"], answer["conditions"]["buyer_confirmed"])
        for answer in (before, between, after)
    ]
    assert sides == [(False, False), (True, False), (True, True)]


def test_eligibility_does_not_search_for_what_would_change_it(
    buyer: Caller, desk: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(CompiledPolicy, "entry_for")
    response = buyer.get(f"/api/v1/products/{desk.pk}/review-eligibility")
    assert (response.status_code, response.json()["outcome"]) == (200, "deny")


def test_eligibility_needs_somebody_signed_in(anonymous: Caller, desk: Product) -> None:
    response = anonymous.get(f"/api/v1/products/{desk.pk}/review-eligibility")

    assert refusal_of(response) == (401, "unauthenticated")
