"""A sale with everything that can happen in it, so that every policy that is recorded decides."""

from contextlib import suppress

from decisions import Denied
from decisions.models import DecisionRecord
from marketplace.accounts.models import Role, User
from marketplace.assistant.services import start_conversation
from marketplace.chats.services import send_message
from marketplace.desk.appealing import appeal_decision, rule_on_appeal
from marketplace.disputes.services import close_dispute, open_dispute, reopen_dispute
from marketplace.moderation.models import AppealVerdict, Ground, Verdict
from marketplace.moderation.reviewing import claim_item, resolve_item
from marketplace.orders.services import open_order, withdraw_confirmation
from marketplace.reviews.services import review_product
from tests.marketplace.factories import LATER, NOW, complete, make_order, make_product, make_user


class Staff:
    def __init__(self) -> None:
        self.sam = make_user("sam", Role.SELLER)
        self.ada = make_user("ada", Role.AGENT)
        self.max = make_user("max", Role.MODERATOR)


def live(staff: Staff, number: int, *, words: str) -> User:
    """Everything a buyer does with one sale. `words` are in a private fact of theirs."""
    buyer = make_user(f"buyer{number}", Role.BUYER)
    product = make_product(staff.sam)
    order = make_order(buyer, product)
    item = send_message(author=buyer, chat_id=order.chat_id, text="spam:0.6", now=NOW).queue_item
    claim_item(moderator=staff.max, item_id=item.pk, now=NOW)
    resolve_item(moderator=staff.max, item_id=item.pk, verdict=Verdict.OVERTURN, reason="Fine.", now=NOW)
    with suppress(Denied):
        send_message(author=buyer, chat_id=order.chat_id, text="threat:0.99", now=NOW)
    blocked = DecisionRecord.objects.filter(actor_id=buyer.pk, outcome="block").get()
    appeal = appeal_decision(appellant=buyer, decision_id=blocked.pk, because=Ground.QUOTATION, now=NOW)
    rule_on_appeal(
        moderator=staff.max, appeal_id=appeal.pk, verdict=AppealVerdict.UPHOLD, reason="No.", now=NOW
    )
    with suppress(Denied):
        withdraw_confirmation(actor=buyer, order_id=order.pk, now=NOW)
    complete(order)
    with suppress(Denied):
        open_order(buyer=staff.sam, product_id=product.pk, now=NOW)
    review_product(buyer=buyer, product_id=product.pk, rating=4, text="It is fine.", now=NOW)
    dispute = open_dispute(actor=buyer, order_id=order.pk, text="It broke.", now=NOW)
    close_dispute(actor=staff.ada, dispute_id=dispute.pk, reason="Paid.", now=NOW)
    reopen_dispute(actor=buyer, dispute_id=dispute.pk, reason="Still broken.", now=LATER)
    close_dispute(actor=staff.ada, dispute_id=dispute.pk, reason="Paid again.", now=LATER)
    start_conversation(owner=buyer, text=f"{words} where is it?", product_id=product.pk, now=NOW)
    return buyer
