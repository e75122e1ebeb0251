"""A review needs both confirmations of the same product; there is one per buyer and product."""

import pytest
from django.db import IntegrityError

from decisions import Denied
from decisions.models import DecisionRecord
from marketplace.orders.models import ReviewGrant
from marketplace.orders.services import confirm
from marketplace.reviews.models import Review
from marketplace.reviews.queries import reviews_of
from marketplace.reviews.services import review_product
from tests.marketplace.factories import LATER, NOW, complete, make_product


def review(buyer, product_id, rating=5):
    return review_product(buyer=buyer, product_id=product_id, rating=rating, text="As described.", now=NOW)


def refusal(buyer, product_id) -> str:
    with pytest.raises(Denied) as denied:
        review(buyer, product_id)
    return denied.value.decision.rule


def test_confirm_confirm_review(order, bea, product, django_assert_num_queries):
    complete(order)
    written = review(bea, product.pk)
    with django_assert_num_queries(1):
        assert list(reviews_of(product, reader=bea)) == [written]
    assert (written.product, written.buyer, written.rating, written.grant.buyer) == (product, bea, 5, bea)


def test_refused_before_the_seller_confirms(order, bea, product):
    confirm(actor=bea, order_id=order.pk, now=NOW)
    assert refusal(bea, product.pk) == "seller-must-confirm"


def test_refused_before_the_buyer_confirms(order, bea, sam, product):
    confirm(actor=sam, order_id=order.pk, now=NOW)
    assert refusal(bea, product.pk) == "buyer-must-confirm"


def test_refused_for_another_product(order, bea, sam):
    complete(order)
    assert refusal(bea, make_product(sam, "Brass lamp").pk) == "other-product"


def test_refused_to_another_buyer(order, ben, product):
    complete(order)
    assert refusal(ben, product.pk) == "seller-must-confirm"


def test_refused_to_the_seller(order, sam, product):
    complete(order)
    assert refusal(sam, product.pk) == "own-product"


@pytest.mark.django_db(transaction=True)
def test_refused_twice_with_a_record_and_nothing_else(order, bea, product):
    complete(order)
    review(bea, product.pk)
    assert refusal(bea, product.pk) == "already-reviewed"
    assert Review.objects.count() == 1
    assert DecisionRecord.objects.latest("id").rule == "already-reviewed"


def test_review_query_count(order, bea, product, django_assert_num_queries):
    complete(order)
    # product, savepoint, facts, record, grant, the author's past, record of the moderation, review, release
    with django_assert_num_queries(9):
        review(bea, product.pk)


def test_database_grants_no_review_without_a_completed_order(order, bea, product):
    with pytest.raises(IntegrityError, match="a review grant needs a completed order"):
        ReviewGrant.objects.create(product=product, buyer=bea, granted_at=NOW)


def test_database_ties_a_review_to_its_grant(order, bea, sam):
    complete(order)
    other = make_product(sam, "Brass lamp")
    with pytest.raises(IntegrityError, match="the product and by the buyer of its grant"):
        Review.objects.create(
            grant=ReviewGrant.objects.get(), product=other, buyer=bea, rating=5, text="", created_at=NOW
        )


def test_database_takes_one_review_for_a_grant(order, bea, product):
    complete(order)
    grant = review(bea, product.pk).grant
    with pytest.raises(IntegrityError):
        Review.objects.create(grant=grant, product=product, buyer=bea, rating=1, text="", created_at=LATER)


@pytest.mark.parametrize("rating", [0, 6])
def test_database_keeps_ratings_between_one_and_five(order, bea, product, rating):
    complete(order)
    with pytest.raises(IntegrityError, match="rating"):
        review(bea, product.pk, rating=rating)
