"""What the database refuses when the engine is bypassed."""

import random
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection
from django.db.models import ProtectedError

from marketplace.accounts.models import Role
from marketplace.orders.models import Order
from tests.growth import sqlite_steps
from tests.marketplace.factories import LATER, NOW, complete, make_order, make_product, make_user
from tests.marketplace.many_sales import make_sales

pytestmark = pytest.mark.django_db


def execute(sql: str, *parameters: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


@pytest.mark.parametrize(
    "change",
    [
        {"status": "pending", "completed_at": None},
        {"seller_confirmed_at": None, "status": "pending", "completed_at": None},
        {"seller_confirmed_at": LATER},
        {"buyer_confirmed_at": LATER},
        {"completed_at": LATER},
        {"single_sale": False},
    ],
)
def test_completed_order_never_changes(order, change):
    complete(order)
    with pytest.raises(IntegrityError, match="a completed order never changes"):
        Order.objects.filter(pk=order.pk).update(**change)


def test_completed_order_cannot_change_hands(order, ben):
    complete(order)
    with pytest.raises(IntegrityError, match="a completed order never changes"):
        Order.objects.filter(pk=order.pk).update(buyer=ben)


def test_completed_order_cannot_be_deleted(order):
    complete(order)
    with pytest.raises(IntegrityError, match="a completed order is kept"):
        execute("DELETE FROM orders_order WHERE id = %s", order.pk)


@pytest.mark.parametrize("confirmed", [(None, None), (NOW, None), (None, NOW)])
def test_order_is_not_completed_without_both_sides(order, confirmed):
    seller, buyer = confirmed
    with pytest.raises(IntegrityError, match="completed_order_has_both_confirmations"):
        Order.objects.filter(pk=order.pk).update(
            status="completed", completed_at=NOW, seller_confirmed_at=seller, buyer_confirmed_at=buyer
        )


def test_seller_confirms_one_buyer_only(order, ben):
    other = make_order(ben, order.product)
    Order.objects.filter(pk=order.pk).update(seller_confirmed_at=NOW)
    with pytest.raises(IntegrityError):
        Order.objects.filter(pk=other.pk).update(seller_confirmed_at=NOW + timedelta(hours=1))


def test_one_order_for_a_buyer_and_a_product(order, bea, sam):
    elsewhere = make_order(bea, make_product(sam, "Brass lamp"))
    with pytest.raises(IntegrityError):
        Order.objects.filter(pk=elsewhere.pk).update(product=order.product)


def test_nobody_orders_from_oneself(order, sam):
    with pytest.raises(IntegrityError, match="order_has_two_parties"):
        Order.objects.filter(pk=order.pk).update(buyer=sam)


def test_product_with_orders_cannot_be_deleted(order):
    with pytest.raises(ProtectedError):
        order.product.delete()


@pytest.mark.sqlite
def test_new_order_reads_no_completed_orders_of_others(sam):
    """Steps of the database, in hundreds. There are as few with 200 sales of others as with none."""

    def steps(name):
        product, buyer = make_product(sam), make_user(name, Role.BUYER)
        with sqlite_steps() as counted:
            make_order(buyer, product)
        return counted[0]

    before = steps("buyer-a")
    make_sales(200, random.Random(0))
    assert steps("buyer-b") <= before + 2
