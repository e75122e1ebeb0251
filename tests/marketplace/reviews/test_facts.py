"""The facts of the review policy, read with one statement, are those of the rows."""

import random

from django.db.models import Case, Value, When

from marketplace.accounts.models import Role, User
from marketplace.catalog.models import Product
from marketplace.orders.models import Order
from marketplace.orders.services import confirm
from marketplace.reviews import facts
from marketplace.reviews.facts import review_facts
from marketplace.reviews.models import Review
from tests.marketplace.factories import NOW, make_order, make_product, make_user
from tests.marketplace.reviews.test_services import review


def facts_by_rows(buyer: User, product: Product, most: int) -> dict[str, object]:
    """The same, read with the ORM."""
    this_first = Case(When(product=product, then=Value(0)), default=Value(1))
    orders = Order.objects.filter(buyer=buyer, seller=product.seller_id).order_by(this_first, "-id")[:most]
    confirmations = []
    for order in orders:
        parties = {"seller": order.seller_id, "buyer": order.buyer_id}
        moments = {"seller": order.seller_confirmed_at, "buyer": order.buyer_confirmed_at}
        for side, other in (("seller", "buyer"), ("buyer", "seller")):
            if moments[side] is not None:
                ids = {"by": str(parties[side]), "counterparty": str(parties[other])}
                confirmations.append({"party": side, **ids, "product_id": str(order.product_id)})
    return {
        "buyer_id": str(buyer.pk),
        "seller_id": str(product.seller_id),
        "product_id": str(product.pk),
        "confirmations": confirmations,
        "already_reviewed": Review.objects.filter(product=product, buyer=buyer).exists(),
    }


def test_facts_are_those_of_the_rows(bea, sam, monkeypatch):
    chance = random.Random(19)
    buyers = [bea, make_user("ben", Role.BUYER)]
    sellers = [sam, make_user("sue", Role.SELLER)]
    products = [make_product(chance.choice(sellers), f"Lamp {n}", single_sale=False) for n in range(9)]
    for buyer in buyers:
        for product in products[1:]:
            if chance.random() < 0.8:
                order = make_order(buyer, product)
                sides = [side for side in (buyer, product.seller) if chance.random() < 0.8]
                for side in sides:
                    confirm(actor=side, order_id=order.pk, now=NOW)
                if len(sides) == 2 and chance.random() < 0.7:
                    review(buyer, product.pk)
    found = []
    for most in (500, 2):
        monkeypatch.setattr(facts, "MAX_ORDERS", most)
        for buyer in [*buyers, *sellers]:
            for product in products:
                found.append(review_facts(buyer=buyer, product=product))
                assert found[-1] == facts_by_rows(buyer, product, most)
    assert {one["already_reviewed"] for one in found} == {True, False}
    assert len({len(one["confirmations"]) for one in found}) > 3
