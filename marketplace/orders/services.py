"""Creating an order, confirming it, and withdrawing a confirmation.

Each function is one transaction: facts from the locked row, the decision and its record, then the decision's guards again as
conditional UPDATEs. Lock order: order, chat, outbox.
"""

from datetime import datetime

from django.db.models import F
from django.db.models.functions import Coalesce

from decisions import Denied, Subject, decide
from engine import Decision
from marketplace.accounts.models import User
from marketplace.catalog.models import Product
from marketplace.catalog.queries import access_product
from marketplace.chats.services import lock_chat, open_chat
from marketplace.errors import Refused
from marketplace.guards import Guard
from marketplace.orders.apps import KEPT
from marketplace.orders.facts import Action, opening_facts, order_facts
from marketplace.orders.models import Order, ReviewGrant, Status
from marketplace.orders.queries import orders_of
from marketplace.outbox.services import add_event
from marketplace.transactions import patiently, write

ONE_CONFIRMED_BUYER = Guard(
    constraints=frozenset({"one_confirmed_buyer_per_product"}),
    columns=frozenset({"orders_order.product_id", KEPT}),
    code="sold-to-another",
    message="The seller has confirmed this product to another buyer.",
)
ONE_ORDER = Guard(
    constraints=frozenset({"one_order_per_product_and_buyer", "orders_order_chat_id_key"}),
    columns=frozenset({"orders_order.product_id, orders_order.buyer_id", "orders_order.chat_id"}),
    code="sale-changed",
    message="This order was created at the same time; send the request again.",
)
SALE_CHANGED = "The state of this sale no longer allows this."


def open_order(*, buyer: User, product_id: int, now: datetime) -> tuple[Order, bool]:
    """The buyer's order for the product, and whether it is new. Returns an existing order in any state. Raises
    Product.DoesNotExist or Denied."""
    product = access_product(product_id)
    return patiently(lambda: _open(buyer=buyer, product=product, now=now), guard=ONE_ORDER, repeatable=True)


def _open(*, buyer: User, product: Product, now: datetime) -> tuple[Order, bool]:
    with write():
        if existing := Order.objects.filter(product=product, buyer=buyer).first():
            return existing, False
        subject = Subject(kind="product", id=product.pk, actor_id=buyer.pk)
        facts = opening_facts(buyer=buyer, product=product, now=now)
        decision = decide("confirmation", facts, now=now, subject=subject, record=True, superset=True)
        if decision.permits:
            return _create(buyer=buyer, product=product, now=now), True
    raise Denied(decision)


def _create(*, buyer: User, product: Product, now: datetime) -> Order:
    if product.seller_id == buyer.pk:  # constraints enforce it too, but without a readable message
        raise Refused("own-product", "You cannot buy your own product.")
    return Order.objects.create(
        product=product,
        buyer=buyer,
        seller_id=product.seller_id,
        chat=open_chat(product=product, buyer=buyer),
        single_sale=product.single_sale,
        created_at=now,
    )


def confirm(*, actor: User, order_id: int, now: datetime) -> Order:
    """Confirms for the caller. The second confirmation also completes the order, locks the chat and grants the review, in the
    same commit. Idempotent. Raises Order.DoesNotExist, Denied or Refused."""
    return patiently(
        lambda: _confirm(actor=actor, order_id=order_id, now=now), guard=ONE_CONFIRMED_BUYER, repeatable=True
    )


def _confirm(*, actor: User, order_id: int, now: datetime) -> Order:
    with write():
        order, decision = _decide("confirm", actor=actor, order_id=order_id, now=now)
        if decision.permits:
            if order.status == Status.PENDING:
                _write_confirmation(order, actor=actor, decision=decision, now=now)
            return order
    raise Denied(decision)


def _write_confirmation(order: Order, *, actor: User, decision: Decision, now: datetime) -> None:
    """INVARIANT: once both have confirmed, the chat is locked, whatever the policy's obligations say."""
    side = _side(order, actor)
    own, others = f"{side}_confirmed_at", f"{_other(side)}_confirmed_at"
    pending = Order.objects.filter(pk=order.pk, status=Status.PENDING, **{side: actor})
    _expect_one(pending.update(**{own: Coalesce(F(own), now)}))
    # A request that waited for the row may have an earlier `now` than the one before it.
    moment = max(filter(None, [now, order.seller_confirmed_at, order.buyer_confirmed_at]))
    if "complete_order" in decision.obligations:
        _complete(order, now=moment)
    elif "lock_chat" in decision.obligations or getattr(order, others):
        lock_chat(chat_id=order.chat_id, now=moment)
    order.refresh_from_db()


def _complete(order: Order, *, now: datetime) -> None:
    both = Order.objects.filter(
        pk=order.pk,
        status=Status.PENDING,
        seller_confirmed_at__isnull=False,
        buyer_confirmed_at__isnull=False,
    )
    _expect_one(both.update(status=Status.COMPLETED, completed_at=now))
    lock_chat(chat_id=order.chat_id, now=now)
    ReviewGrant.objects.create(product_id=order.product_id, buyer_id=order.buyer_id, granted_at=now)
    add_event(kind="order.completed", subject_id=order.pk, payload={"order_id": order.pk}, now=now)


def withdraw_confirmation(*, actor: User, order_id: int, now: datetime) -> Order:
    """Withdraws the caller's own confirmation. Raises Order.DoesNotExist, Denied or Refused."""
    return patiently(lambda: _withdraw(actor=actor, order_id=order_id, now=now))


def _withdraw(*, actor: User, order_id: int, now: datetime) -> Order:
    with write():
        order, decision = _decide("withdraw", actor=actor, order_id=order_id, now=now)
        if decision.permits:
            _write_withdrawal(order, side=_side(order, actor))
            return order
    raise Denied(decision)


def _write_withdrawal(order: Order, *, side: str) -> None:
    own, others = f"{side}_confirmed_at", f"{_other(side)}_confirmed_at"
    alone = Order.objects.filter(
        pk=order.pk, status=Status.PENDING, **{others: None, f"{own}__isnull": False}
    )
    _expect_one(alone.update(**{own: None}))
    order.refresh_from_db()


def _decide(action: Action, *, actor: User, order_id: int, now: datetime) -> tuple[Order, Decision]:
    order = orders_of(actor).select_for_update(no_key=True).get(pk=order_id)
    facts = order_facts(action=action, actor=actor, order=order)
    subject = Subject(kind="order", id=order.pk, actor_id=actor.pk)
    return order, decide("confirmation", facts, now=now, subject=subject, record=True, superset=True)


def _side(order: Order, actor: User) -> str:
    return "seller" if order.seller_id == actor.pk else "buyer"


def _other(side: str) -> str:
    return "buyer" if side == "seller" else "seller"


def _expect_one(rows: int) -> None:
    if rows != 1:
        raise Refused("sale-changed", SALE_CHANGED)
