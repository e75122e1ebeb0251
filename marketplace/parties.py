"""Whom a recorded decision concerns besides the person who asked for it, and which of its facts the parties may see.

docs/operations.md has the same table for people. A text that moderation refused or held back concerns its author only: nobody
else is to learn that it was written.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from django.db.models import Q, QuerySet

from decisions.models import DecisionRecord
from marketplace.accounts.models import User
from marketplace.catalog.models import Product
from marketplace.chats.models import Chat
from marketplace.disputes.models import Dispute
from marketplace.moderation.models import Appeal, QueueItem
from marketplace.orders.models import Order

Others = Callable[[int], set[int]]


def both_of_chat(chat_id: int) -> set[int]:
    return _flat(Chat.objects.filter(pk=chat_id).values_list("buyer_id", "seller_id"))


def both_of_order(order_id: int) -> set[int]:
    return _flat(Order.objects.filter(pk=order_id).values_list("buyer_id", "seller_id"))


def both_of_dispute(dispute_id: int) -> set[int]:
    return _flat(Dispute.objects.filter(pk=dispute_id).values_list("order__buyer_id", "order__seller_id"))


def seller_of_product(product_id: int) -> set[int]:
    return _flat(Product.objects.filter(pk=product_id).values_list("seller_id"))


def author_of_item(item_id: int) -> set[int]:
    return _flat(QueueItem.objects.filter(pk=item_id).values_list("author_id"))


def appellant_of_appeal(appeal_id: int) -> set[int]:
    return _flat(Appeal.objects.filter(pk=appeal_id).values_list("appellant_id"))


@dataclass(frozen=True, slots=True)
class Concern:
    """`facts` lists what every party may see. `others` finds the parties besides whoever asked, by the kind of the subject."""

    facts: frozenset[str]
    others: Mapping[str, Others] = field(default_factory=dict)


CONCERNS: Final[Mapping[str, Concern]] = {
    "appeals": Concern(frozenset({"action", "fate", "decided_at", "verdict"}), {"appeal": appellant_of_appeal}),
    "assistant_session": Concern(frozenset({"action", "logged_in", "started_at", "last_spoke_at"})),
    "chat": Concern(
        frozenset({"author_id", "buyer_id", "seller_id", "locked_at"}),
        {"chat": both_of_chat},
    ),
    "confirmation": Concern(
        frozenset({
            "action", "actor_id", "actor_role", "buyer_id", "seller_id", "order_status", "began_at",
            "seller_confirmed_at", "buyer_confirmed_at",
        }),
        {"product": seller_of_product, "order": both_of_order},
    ),
    "disputes": Concern(
        frozenset({
            "action", "actor_id", "actor_role", "buyer_id", "seller_id", "order_status", "status", "other_open",
            "may_reopen", "purge_started", "files", "bytes",
        }),
        {"order": both_of_order, "dispute": both_of_dispute},
    ),
    "inbox_title": Concern(frozenset({"graphemes", "has_product"})),
    "moderation_profiles": Concern(frozenset({"mode", "language"})),
    "moderation_queue": Concern(frozenset({"action", "author_id", "state"}), {"queue_item": author_of_item}),
    "strikes": Concern(frozenset({"strikes"})),
    "policy_change": Concern(
        frozenset({
            "action", "actor_id", "actor_role", "may_approve", "change", "approvals", "not_proven", "state",
            "report_is_current",
        }),
    ),
    "retention": Concern(
        frozenset({"status", "closed_at", "legal_hold", "hold_released_at", "purge_started", "began_at"}),
        {"dispute": both_of_dispute},
    ),
    "review_eligibility": Concern(
        frozenset({"buyer_id", "seller_id", "product_id", "confirmations", "already_reviewed"}),
        {"product": seller_of_product},
    ),
}  # fmt: skip
NOBODY_ELSE: Final = Concern(frozenset())
"""For a policy without a row: only whoever asked, and only the facts that the policy marks `show`."""


def access_decision(reader: User, decision_id: int) -> DecisionRecord:
    """A decision that concerns the reader. Raises DecisionRecord.DoesNotExist."""
    record = DecisionRecord.objects.get(pk=decision_id)
    if record.actor_id != reader.pk and reader.pk not in _others(record):
        raise DecisionRecord.DoesNotExist
    return record


def decisions_about_sale(reader: User, order: Order) -> QuerySet[DecisionRecord]:
    """About the order, its chat, review and disputes, as far as they concern the reader, who is its buyer or seller."""
    disputes = Dispute.objects.filter(order=order).values("pk")
    by_buyer = Q(subject_kind="product", subject_id=order.product_id, actor_id=order.buyer_id)
    about = (
        Q(subject_kind="order", subject_id=order.pk)
        | Q(subject_kind="chat", subject_id=order.chat_id)
        | Q(subject_kind="dispute", subject_id__in=disputes)
        | by_buyer
    )
    of_both = [policy for policy, concern in CONCERNS.items() if concern.others]
    return DecisionRecord.objects.filter(about, Q(policy__in=of_both) | Q(actor_id=reader.pk))


def facts_for_parties(record: DecisionRecord) -> frozenset[str]:
    return CONCERNS.get(record.policy, NOBODY_ELSE).facts


NAMES_REPORTER: Final = Q(policy="appeals") & ~Q(subject_kind="appeal")
"""Records of reports and of appeals, whose actor may be the reporter; rulings have the moderator's."""


def hidden_facts(record: DecisionRecord, *, reader: User) -> frozenset[str]:
    """The facts that say who reported a text: whoever reads all decisions does not see them, except in their own reports. With
    `actor_id` among them, the record's actor is hidden too."""
    if record.policy != "appeals":
        return frozenset()
    if record.subject_kind == "appeal":
        return frozenset({"reporter_id"})
    own = record.actor_id == reader.pk
    return frozenset() if own else frozenset({"actor_id", "actor_role", "reporter_id"})


def _others(record: DecisionRecord) -> set[int]:
    find = CONCERNS.get(record.policy, NOBODY_ELSE).others.get(record.subject_kind)
    return set() if find is None or record.subject_id is None else find(record.subject_id)


def _flat(rows: object) -> set[int]:
    return {number for row in rows for number in row}  # type: ignore[attr-defined]
