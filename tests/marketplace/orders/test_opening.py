"""One order per buyer and product; never for one's own product, never for a sold one."""

import pytest

from decisions import Denied
from decisions.models import DecisionRecord
from marketplace.accounts.models import Role
from marketplace.catalog.models import Product
from marketplace.chats.models import Chat
from marketplace.orders.models import Order
from marketplace.orders.services import confirm, open_order
from tests.marketplace.factories import LATER, NOW, complete, make_order, make_product, make_user


def test_open_makes_a_pending_order_with_its_chat(bea, sam, product):
    order, created = open_order(buyer=bea, product_id=product.pk, now=NOW)
    assert created
    assert (order.buyer, order.seller, order.product, order.status) == (bea, sam, product, "pending")
    assert (order.chat.buyer, order.chat.seller, order.chat.product) == (bea, sam, product)
    assert order.single_sale is True


def test_open_again_gives_the_same_order(bea, product):
    first = make_order(bea, product)
    assert open_order(buyer=bea, product_id=product.pk, now=LATER) == (first, False)
    assert (Order.objects.count(), Chat.objects.count(), DecisionRecord.objects.count()) == (1, 1, 1)


def test_open_again_gives_the_completed_order(order):
    complete(order)
    again, created = open_order(buyer=order.buyer, product_id=order.product_id, now=LATER)
    assert (again.pk, again.status, created) == (order.pk, "completed", False)


@pytest.mark.parametrize("role", [Role.SELLER, Role.AGENT, Role.MODERATOR, Role.POLICY_OWNER])
def test_only_buyers_open(product, role):
    with pytest.raises(Denied) as denied:
        open_order(buyer=make_user("eve", role), product_id=product.pk, now=NOW)
    assert denied.value.decision.rule == "buyers-open"


def test_own_product_is_refused_to_a_buyer_who_sells(bea):
    with pytest.raises(Denied) as denied:
        open_order(buyer=bea, product_id=make_product(bea).pk, now=NOW)
    assert denied.value.decision.rule == "own-product"


def test_product_sold_to_another_is_refused(order, ben):
    confirm(actor=order.seller, order_id=order.pk, now=NOW)
    with pytest.raises(Denied) as denied:
        open_order(buyer=ben, product_id=order.product_id, now=NOW)
    assert denied.value.decision.rule == "sold-to-another"


def test_product_that_sells_many_times_is_open_to_another(bea, ben, sam):
    product = make_product(sam, single_sale=False)
    complete(make_order(bea, product))
    assert complete(make_order(ben, product)).status == "completed"


@pytest.mark.django_db(transaction=True)
def test_refusal_commits_its_record_and_nothing_else(bea):
    product = make_product(bea)
    with pytest.raises(Denied):
        open_order(buyer=bea, product_id=product.pk, now=NOW)
    record = DecisionRecord.objects.get()
    assert (record.policy, record.outcome, record.rule) == ("confirmation", "deny", "own-product")
    assert (record.subject_kind, record.subject_id, record.actor_id) == ("product", product.pk, bea.pk)
    assert (Order.objects.count(), Chat.objects.count()) == (0, 0)


def test_unknown_product_is_not_found(bea):
    with pytest.raises(Product.DoesNotExist):
        open_order(buyer=bea, product_id=404, now=NOW)
