"""A sale keeps the confirmation rules under which it began, also when others are in force by now."""

from datetime import timedelta

import pytest

from decisions import Denied
from decisions.models import DecisionRecord
from marketplace.accounts.models import Role
from marketplace.orders.models import Order
from marketplace.orders.services import confirm, open_order
from tests.editable_policies import add_version, copy_policies
from tests.marketplace.factories import LATER, NOW, make_product, make_user

TIGHTENED = NOW + timedelta(minutes=3)
RULE = """
rules:
  - id: no-more-sales
    when: confirming
    then: deny
    message: Sales have ended.
"""


@pytest.fixture
def tightened(tmp_path, settings):
    """From TIGHTENED on, version 2 lets nobody confirm."""
    folder = copy_policies(tmp_path / "policies")
    add_version(folder / "confirmation.yaml", "2026-11-01T12:03:00Z", "\nrules:\n", RULE)
    settings.COMITY_POLICIES_DIR = folder


def test_order_that_began_before_is_confirmed_by_its_own_rules(order, bea, tightened):
    confirmed = confirm(actor=bea, order_id=order.pk, now=LATER)
    assert confirmed.buyer_confirmed_at == LATER
    record = DecisionRecord.objects.latest("pk")
    assert (record.version, record.revision, record.rule) == (1, 0, "first-side")
    assert (record.decided_at, record.in_force_at) == (LATER, order.created_at)


def test_order_that_begins_after_it_follows_the_new_rules(product, bea, tightened):
    order, is_new = open_order(buyer=bea, product_id=product.pk, now=TIGHTENED)
    with pytest.raises(Denied) as denied:
        confirm(actor=bea, order_id=order.pk, now=LATER)
    assert is_new
    assert denied.value.decision.rule == "no-more-sales"
    record = DecisionRecord.objects.latest("pk")
    assert (record.version, record.decided_at, record.in_force_at) == (2, LATER, TIGHTENED)


def test_opening_is_decided_by_the_version_in_force(product, bea, tightened):
    open_order(buyer=bea, product_id=product.pk, now=TIGHTENED - timedelta(microseconds=1))
    open_order(buyer=make_user("eve", Role.BUYER), product_id=make_product(product.seller).pk, now=TIGHTENED)
    assert list(DecisionRecord.objects.order_by("pk").values_list("version", flat=True)) == [1, 2]


def test_order_that_began_before_the_first_version_is_denied(order, bea):
    Order.objects.update(created_at=NOW - timedelta(days=400))
    with pytest.raises(Denied) as denied:
        confirm(actor=bea, order_id=order.pk, now=LATER)
    assert denied.value.decision.reason == "not-in-force-fact:began_at"
