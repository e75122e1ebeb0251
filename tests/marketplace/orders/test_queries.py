"""Who sees which orders, and what the review policy says before anybody writes."""

import pytest

from decisions.models import DecisionRecord
from marketplace.orders import facts
from marketplace.orders.models import Order
from marketplace.orders.queries import access_order_as_party, orders_of, review_eligibility
from marketplace.orders.services import confirm
from tests.marketplace.factories import NOW, complete, make_order, make_product


def test_parties_see_their_orders_in_one_query(order, bea, sam, ben, django_assert_num_queries):
    second = make_order(bea, make_product(sam, "Brass lamp"))
    with django_assert_num_queries(1):
        assert list(orders_of(bea)) == [order, second]
    assert list(orders_of(sam)) == [order, second]
    assert list(orders_of(ben)) == []


def test_foreign_order_is_as_unknown_as_a_missing_one(order, ben):
    for order_id in (order.pk, order.pk + 1000):
        with pytest.raises(Order.DoesNotExist):
            access_order_as_party(ben, order_id)


def test_eligibility_names_what_is_missing_and_records_nothing(order, bea, sam):
    def rule() -> str:
        return review_eligibility(user=bea, product_id=order.product_id, now=NOW).rule

    assert rule() == "seller-must-confirm"
    confirm(actor=sam, order_id=order.pk, now=NOW)
    assert rule() == "buyer-must-confirm"
    confirm(actor=bea, order_id=order.pk, now=NOW)
    before = DecisionRecord.objects.count()
    assert rule() == "pair-complete"
    assert DecisionRecord.objects.count() == before


def test_eligibility_explains_itself(order, bea):
    assert review_eligibility(user=bea, product_id=order.product_id, now=NOW).explanation is not None


def test_sale_of_another_product_does_not_count(order, bea, sam):
    complete(order)
    other = make_product(sam, "Brass lamp")
    assert review_eligibility(user=bea, product_id=other.pk, now=NOW).rule == "other-product"


def test_eligibility_query_count(order, bea, django_assert_num_queries):
    with django_assert_num_queries(3):
        review_eligibility(user=bea, product_id=order.product_id, now=NOW)


def test_sale_of_this_product_counts_among_more_than_can_be_told(order, bea, sam, monkeypatch):
    complete(order)
    for name in ("Brass lamp", "Reading chair"):
        make_order(bea, make_product(sam, name))
    monkeypatch.setattr(facts, "ORDERS_TOLD", 1)
    assert review_eligibility(user=bea, product_id=order.product_id, now=NOW).rule == "pair-complete"
