"""Policies that permit everything: database guards hold, and the caller gets a clean refusal."""

import re
from pathlib import Path

import pytest

from marketplace.chats.models import Chat
from marketplace.chats.services import send_message
from marketplace.errors import Refused
from marketplace.orders.models import Order
from marketplace.orders.services import confirm, open_order, withdraw_confirmation
from marketplace.outbox.models import OutboxEvent
from marketplace.reviews.services import review_product
from tests.editable_policies import copy_policies
from tests.marketplace.factories import LATER, NOW, complete, make_order

CASES = {
    "confirmation": 'actor_id != ""',
    "chat": 'author_id != ""',
    "review_eligibility": 'buyer_id != ""',
}


@pytest.fixture
def loosen(tmp_path: Path, settings):
    """Inserts a permitting rule before all others in one policy."""

    def edit(policy: str, obligations: str = "[]") -> None:
        folder = copy_policies(tmp_path / policy)
        path = folder / f"{policy}.yaml"
        rule = f"  - id: loosened\n    when: {CASES[policy]}\n    then: allow\n    message: Fine.\n"
        rule += f"    obligations: {obligations}\n" if obligations != "[]" else ""
        path.write_text(re.sub(r"(?m)^rules:.*\n", lambda match: match[0] + rule, path.read_text(), count=1))
        settings.COMITY_POLICIES_DIR = folder

    return edit


def refused(act) -> str:
    with pytest.raises(Refused) as refusal:
        act()
    return refusal.value.code


def test_second_buyer_of_a_single_sale(loosen, order, ben, sam):
    other = make_order(ben, order.product)
    confirm(actor=sam, order_id=order.pk, now=NOW)
    loosen("confirmation")
    assert refused(lambda: confirm(actor=sam, order_id=other.pk, now=NOW)) == "sold-to-another"
    assert Order.objects.filter(seller_confirmed_at__isnull=False).count() == 1


def test_completion_by_one_side(loosen, order, bea):
    loosen("confirmation", "[complete_order]")
    assert refused(lambda: confirm(actor=bea, order_id=order.pk, now=NOW)) == "sale-changed"
    assert (Order.objects.get().buyer_confirmed_at, OutboxEvent.objects.count()) == (None, 0)


def test_both_confirmations_lock_the_chat_although_no_rule_says_so(loosen, order, bea, sam):
    loosen("confirmation")
    confirm(actor=sam, order_id=order.pk, now=NOW)
    assert not Chat.objects.filter(locked_at__isnull=False).exists()
    confirmed = confirm(actor=bea, order_id=order.pk, now=LATER)
    assert (confirmed.status, confirmed.chat.locked_at) == ("pending", LATER)


def test_order_of_ones_own_product(loosen, product, sam):
    loosen("confirmation")
    assert refused(lambda: open_order(buyer=sam, product_id=product.pk, now=NOW)) == "own-product"
    assert (Order.objects.count(), Chat.objects.count()) == (0, 0)


def test_withdrawal_from_a_completed_sale(loosen, order, bea):
    complete(order)
    loosen("confirmation")
    assert refused(lambda: withdraw_confirmation(actor=bea, order_id=order.pk, now=LATER)) == "sale-changed"


def test_withdrawal_after_the_other_side_confirmed(loosen, order, bea, sam):
    loosen("confirmation")
    for actor in (bea, sam):
        confirm(actor=actor, order_id=order.pk, now=NOW)
    assert refused(lambda: withdraw_confirmation(actor=bea, order_id=order.pk, now=LATER)) == "sale-changed"


def test_completion_locks_the_chat_although_no_rule_says_so(loosen, order, bea, sam):
    confirm(actor=bea, order_id=order.pk, now=NOW)
    loosen("confirmation", "[complete_order]")
    assert confirm(actor=sam, order_id=order.pk, now=LATER).chat.locked_at == LATER


def test_chat_that_a_rule_locked_early_stays_locked_at_that_moment(loosen, order, bea, sam):
    loosen("confirmation", "[lock_chat]")
    assert confirm(actor=bea, order_id=order.pk, now=NOW).chat.locked_at == NOW
    second = confirm(actor=sam, order_id=order.pk, now=LATER)
    assert (second.status, second.chat.locked_at) == ("pending", NOW)


def test_message_into_a_locked_chat(loosen, order, bea):
    complete(order)
    loosen("chat")
    late = {"author": bea, "chat_id": order.chat_id, "text": "late", "now": LATER}
    assert refused(lambda: send_message(**late)) == "chat-locked"


@pytest.mark.django_db(transaction=True)
def test_review_without_a_sale_and_a_second_one(loosen, order, bea, product):
    loosen("review_eligibility")

    def review() -> None:
        review_product(buyer=bea, product_id=product.pk, rating=5, text="", now=NOW)

    assert refused(review) == "no-grant"
    complete(order)
    review()
    assert refused(review) == "already-reviewed"
