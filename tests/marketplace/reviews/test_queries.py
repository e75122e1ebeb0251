"""The review policy's decision before a review is written."""

from decisions.models import DecisionRecord
from marketplace.orders.services import confirm
from marketplace.reviews import facts
from marketplace.reviews.queries import review_eligibility
from tests.marketplace.factories import NOW, complete, make_order, make_product


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
    with django_assert_num_queries(2):
        review_eligibility(user=bea, product_id=order.product_id, now=NOW)


def test_sale_of_this_product_counts_beyond_the_order_limit(order, bea, sam, monkeypatch):
    complete(order)
    for name in ("Brass lamp", "Reading chair"):
        make_order(bea, make_product(sam, name))
    monkeypatch.setattr(facts, "MAX_ORDERS", 1)
    assert review_eligibility(user=bea, product_id=order.product_id, now=NOW).rule == "pair-complete"
