"""Who can see which orders."""

import pytest

from marketplace.orders.models import Order
from marketplace.orders.queries import access_order_as_party, orders_of
from tests.marketplace.factories import make_order, make_product


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
