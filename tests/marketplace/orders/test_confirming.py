"""Both sides confirm; the second confirmation completes the order, locks the chat and grants the review in one commit."""

import pytest
from django.db import IntegrityError

from decisions import Denied, triggers
from decisions.models import DecisionRecord
from decisions.triggers import Trigger
from marketplace.orders.models import Order, ReviewGrant
from marketplace.orders.services import confirm, withdraw_confirmation
from marketplace.outbox.models import OutboxEvent
from tests.marketplace.factories import LATER, NOW, complete, make_order, make_user


def rule_of(denied: pytest.ExceptionInfo[Denied]) -> str:
    return denied.value.decision.rule


def test_first_side_is_noted_and_nothing_else(order, bea):
    confirmed = confirm(actor=bea, order_id=order.pk, now=NOW)
    assert (confirmed.buyer_confirmed_at, confirmed.seller_confirmed_at) == (NOW, None)
    assert (confirmed.status, confirmed.chat.locked_at) == ("pending", None)
    assert (ReviewGrant.objects.count(), OutboxEvent.objects.count()) == (0, 0)


@pytest.mark.parametrize("first", ["buyer", "seller"])
def test_second_side_completes_locks_and_grants(order, first):
    second = {"buyer": "seller", "seller": "buyer"}[first]
    confirm(actor=getattr(order, first), order_id=order.pk, now=NOW)
    done = confirm(actor=getattr(order, second), order_id=order.pk, now=LATER)
    assert (done.status, done.completed_at) == ("completed", LATER)
    assert (getattr(done, f"{first}_confirmed_at"), getattr(done, f"{second}_confirmed_at")) == (NOW, LATER)
    assert (done.chat.locked_at, done.chat.locked_seq) == (LATER, 0)
    grant = ReviewGrant.objects.get()
    assert (grant.product_id, grant.buyer_id, grant.granted_at) == (done.product_id, done.buyer_id, LATER)
    event = OutboxEvent.objects.get()
    assert (event.kind, event.payload, event.sent_at) == ("order.completed", {"order_id": done.pk}, None)


def test_confirming_again_changes_nothing(order, bea):
    confirm(actor=bea, order_id=order.pk, now=NOW)
    before = Order.objects.values().get()
    again = confirm(actor=bea, order_id=order.pk, now=LATER)
    assert Order.objects.values().get() == before
    assert (again.buyer_confirmed_at, again.status) == (NOW, "pending")


def test_completion_is_no_earlier_than_either_confirmation(order, bea, sam):
    confirm(actor=bea, order_id=order.pk, now=LATER)
    done = confirm(actor=sam, order_id=order.pk, now=NOW)
    assert (done.seller_confirmed_at, done.completed_at, done.chat.locked_at) == (NOW, LATER, LATER)


def test_confirming_a_completed_order_again_changes_nothing(order, sam):
    done = complete(order)
    again = confirm(actor=sam, order_id=order.pk, now=LATER)
    assert (again.completed_at, again.seller_confirmed_at) == (done.completed_at, NOW)
    assert (ReviewGrant.objects.count(), OutboxEvent.objects.count()) == (1, 1)


def test_seller_confirms_one_buyer_of_a_single_sale(order, ben, sam):
    other = make_order(ben, order.product)
    confirm(actor=sam, order_id=order.pk, now=NOW)
    with pytest.raises(Denied) as denied:
        confirm(actor=sam, order_id=other.pk, now=NOW)
    assert rule_of(denied) == "sold-to-another"


def test_stranger_finds_no_order(order, ben):
    with pytest.raises(Order.DoesNotExist):
        confirm(actor=ben, order_id=order.pk, now=NOW)


def test_staff_find_no_order_either(order):
    with pytest.raises(Order.DoesNotExist):
        confirm(actor=make_user("max", "moderator"), order_id=order.pk, now=NOW)


def test_own_side_is_withdrawn_while_the_other_is_open(order, sam, ben):
    other = make_order(ben, order.product)
    confirm(actor=sam, order_id=order.pk, now=NOW)
    assert withdraw_confirmation(actor=sam, order_id=order.pk, now=LATER).seller_confirmed_at is None
    assert confirm(actor=sam, order_id=other.pk, now=LATER).seller_confirmed_at == LATER


def test_nothing_to_withdraw(order, sam):
    with pytest.raises(Denied) as denied:
        withdraw_confirmation(actor=sam, order_id=order.pk, now=LATER)
    assert rule_of(denied) == "nothing-to-withdraw"


def test_completed_sale_cannot_be_withdrawn(order, bea):
    complete(order)
    with pytest.raises(Denied) as denied:
        withdraw_confirmation(actor=bea, order_id=order.pk, now=LATER)
    assert rule_of(denied) == "too-late-to-withdraw"
    assert Order.objects.get().status == "completed"


@pytest.mark.django_db(transaction=True)
def test_refused_withdrawal_commits_its_record_and_nothing_else(order, bea):
    before = Order.objects.values().get()
    with pytest.raises(Denied):
        withdraw_confirmation(actor=bea, order_id=order.pk, now=LATER)
    assert Order.objects.values().get() == before
    record = DecisionRecord.objects.latest("id")
    assert (record.outcome, record.rule, record.subject_id) == ("deny", "nothing-to-withdraw", order.pk)


def test_every_write_leaves_one_record(order):
    complete(order)
    rules = list(DecisionRecord.objects.order_by("id").values_list("rule", "outcome"))
    assert rules == [("open-allowed", "allow"), ("first-side", "allow"), ("sale-complete", "allow")]


def test_write_is_refused_when_its_record_cannot_be_written(order, bea):
    records = DecisionRecord._meta.db_table
    triggers.install([Trigger("no_more_records", records, "INSERT", "the disk of records is full")])
    with pytest.raises(IntegrityError, match="the disk of records is full"):
        confirm(actor=bea, order_id=order.pk, now=NOW)
    assert Order.objects.get().buyer_confirmed_at is None


def test_query_counts(order, bea, sam, django_assert_num_queries):
    # savepoint, order, sold to another?, record, own side, order again, release
    with django_assert_num_queries(7):
        confirm(actor=bea, order_id=order.pk, now=NOW)
    # the same, and: completed, chat, grant, outbox
    with django_assert_num_queries(11):
        confirm(actor=sam, order_id=order.pk, now=NOW)
