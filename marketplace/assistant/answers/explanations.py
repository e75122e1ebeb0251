"""Explains decisions about the caller's own orders, chats and disputes. Nothing is recorded."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from decisions import Subject, decide
from engine import Decision
from marketplace.accounts.models import User
from marketplace.assistant.answers.matching import words_of
from marketplace.assistant.answers.reply import Context
from marketplace.catalog.models import Product
from marketplace.chats.facts import chat_facts
from marketplace.disputes import facts as dispute_facts
from marketplace.disputes.models import Dispute
from marketplace.orders.facts import Action, opening_facts, order_facts
from marketplace.orders.models import Order, Status
from marketplace.orders.queries import orders_of
from marketplace.reviews.queries import review_eligibility

LOOKED_AT: Final = 50
"""Only the newest orders of a user are considered."""


@dataclass(frozen=True, slots=True)
class Explained:
    """A decision, and the name of what it is about."""

    decision: Decision
    what: str = ""


T = TypeVar("T")
Explain = Callable[[Context, User], Explained | None]


def explain_review(context: Context, user: User) -> Explained | None:
    product = _product(context) or _first(order.product for order in _orders(context, user, buyer=True))
    if product is None:
        return None
    decision = review_eligibility(user=user, product_id=product.pk, now=context.now)
    return Explained(decision, product.name)


def explain_chat(context: Context, user: User) -> Explained | None:
    order = _first(_orders(context, user))
    if order is None:
        return None
    subject = Subject(kind="chat", id=order.chat_id, actor_id=user.pk)
    return _ask("chat", chat_facts(author=user, chat=order.chat), subject, context, order.product.name)


def explain_confirmation(context: Context, user: User) -> Explained | None:
    return _explain_order("confirm", context, user)


def explain_withdrawal(context: Context, user: User) -> Explained | None:
    return _explain_order("withdraw", context, user)


def explain_purchase(context: Context, user: User) -> Explained | None:
    """About the product of the conversation. If the caller has already ordered it, explain confirming instead."""
    product = _product(context)
    if product is None:
        return None
    if _orders(context, user):
        return _explain_order("confirm", context, user)
    subject = Subject(kind="product", id=product.pk, actor_id=user.pk)
    facts = opening_facts(buyer=user, product=product, now=context.now)
    return _ask("confirmation", facts, subject, context, product.name)


def explain_media(context: Context, user: User) -> Explained | None:
    """About the newest dispute over the caller's sales. Legal holds are confidential, so the answer ignores them. The date is
    the one stamped at closure, even if the policy has changed since."""
    dispute = _dispute(context, user)
    if dispute is None:
        return None
    facts = {**dispute_facts.retention_facts(dispute), "legal_hold": False, "hold_released_at": None}
    subject = Subject(kind="dispute", id=dispute.pk, actor_id=user.pk)
    explained = _ask("retention", facts, subject, context, dispute.order.product.name)
    outputs = {**explained.decision.outputs, "delete_after": dispute.retain_until}
    return replace(explained, decision=explained.decision._replace(outputs=outputs))


def explain_dispute(context: Context, user: User) -> Explained | None:
    """About the newest completed sale, since only those can be disputed; otherwise about the newest order."""
    orders = _orders(context, user)
    order = _first(order for order in orders if order.status == Status.COMPLETED) or _first(orders)
    if order is None:
        return None
    subject = Subject(kind="order", id=order.pk, actor_id=user.pk)
    facts = dispute_facts.opening_facts(actor=user, order=order)
    return _ask("disputes", facts, subject, context, order.product.name)


def explain_reopening(context: Context, user: User) -> Explained | None:
    dispute = _dispute(context, user)
    if dispute is None:
        return None
    subject = Subject(kind="dispute", id=dispute.pk, actor_id=user.pk)
    kept = _ask("retention", dispute_facts.retention_facts(dispute), subject, context)
    may_reopen = kept.decision.outputs.get("may_reopen") is True
    facts = dispute_facts.dispute_facts("reopen", actor=user, dispute=dispute, may_reopen=may_reopen)
    return _ask("disputes", facts, subject, context, dispute.order.product.name)


def explain_session(context: Context, user: User) -> Explained:
    facts = {"action": "look", "logged_in": True, "started_at": None, "last_spoke_at": None}
    return _ask("assistant_session", facts, Subject("session", None, user.pk), context)


def _explain_order(action: Action, context: Context, user: User) -> Explained | None:
    order = _first(_orders(context, user))
    if order is None:
        return None
    subject = Subject(kind="order", id=order.pk, actor_id=user.pk)
    facts = order_facts(action=action, actor=user, order=order)
    return _ask("confirmation", facts, subject, context, order.product.name)


def _ask(
    policy: str, facts: Mapping[str, object], subject: Subject, context: Context, what: str = ""
) -> Explained:
    decision = decide(policy, facts, now=context.now, subject=subject, record=False, superset=True)
    return Explained(decision, what)


def _product(context: Context) -> Product | None:
    return Product.objects.filter(pk=context.product_id).first() if context.product_id else None


def _orders(context: Context, user: User, *, buyer: bool = False) -> list[Order]:
    """Orders of the conversation's product; otherwise those whose product the question names; otherwise all. Newest first."""
    orders = orders_of(user).select_related("product", "chat").order_by("-pk")
    if buyer:
        orders = orders.filter(buyer=user)
    if context.product_id is not None:
        return list(orders.filter(product_id=context.product_id)[:LOOKED_AT])
    newest = list(orders[:LOOKED_AT])
    words = words_of(context.text)
    return [order for order in newest if words_of(order.product.name) <= words] or newest


def _dispute(context: Context, user: User) -> Dispute | None:
    """The newest dispute over the caller's sales."""
    about = Dispute.objects.filter(order__in=_orders(context, user))
    return about.select_related("order__product").order_by("-pk").first()


def _first(items: Iterable[T]) -> T | None:
    return next(iter(items), None)


EXPLAINERS: Final[Mapping[str, Explain]] = {
    "review": explain_review,
    "chat": explain_chat,
    "confirm": explain_confirmation,
    "withdraw": explain_withdrawal,
    "buy": explain_purchase,
    "dispute": explain_dispute,
    "reopen": explain_reopening,
    "media": explain_media,
    "session": explain_session,
}
"""Has the keys of `policies.POLICIES`."""
