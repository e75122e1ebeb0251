"""What the confirmation policy is told, and the confirmations that the review policy is told."""

from collections.abc import Iterator
from typing import Literal

from django.db.models import Case, Value, When

from marketplace.accounts.models import User
from marketplace.catalog.models import Product
from marketplace.orders.models import Order
from marketplace.reviews.facts import Confirmation

Action = Literal["open", "confirm", "withdraw"]

# A list fact holds 1,000 entries at most, and an order gives two.
ORDERS_TOLD = 500


def opening_facts(*, buyer: User, product: Product) -> dict[str, object]:
    return {
        "action": "open",
        "actor_id": str(buyer.pk),
        "actor_role": str(buyer.role),
        "buyer_id": str(buyer.pk),
        "seller_id": str(product.seller_id),
        "order_status": "new",
        "seller_confirmed_at": None,
        "buyer_confirmed_at": None,
        "sold_to_another": product.single_sale
        and _is_sold_to_another(product_id=product.pk, buyer_id=buyer.pk),
    }


def order_facts(*, action: Action, actor: User, order: Order) -> dict[str, object]:
    """The order as it stands before the act."""
    return {
        "action": action,
        "actor_id": str(actor.pk),
        "actor_role": str(actor.role),
        "buyer_id": str(order.buyer_id),
        "seller_id": str(order.seller_id),
        "order_status": str(order.status),
        "seller_confirmed_at": order.seller_confirmed_at,
        "buyer_confirmed_at": order.buyer_confirmed_at,
        "sold_to_another": order.single_sale
        and _is_sold_to_another(product_id=order.product_id, buyer_id=order.buyer_id),
    }


def _is_sold_to_another(*, product_id: int, buyer_id: int) -> bool:
    confirmed = Order.objects.filter(
        product_id=product_id, single_sale=True, seller_confirmed_at__isnull=False
    )
    return confirmed.exclude(buyer_id=buyer_id).exists()


def confirmations_between(*, buyer: User, product: Product) -> list[Confirmation]:
    """Of all sales between this buyer and the product's seller, this product's first, then the newest."""
    orders = Order.objects.filter(buyer=buyer, seller_id=product.seller_id)
    this_first = Case(When(product=product, then=Value(0)), default=Value(1))
    return [told for order in orders.order_by(this_first, "-id")[:ORDERS_TOLD] for told in _told(order)]


def _told(order: Order) -> Iterator[Confirmation]:
    buyer, seller, product = str(order.buyer_id), str(order.seller_id), str(order.product_id)
    if order.seller_confirmed_at:
        yield {"party": "seller", "by": seller, "counterparty": buyer, "product_id": product}
    if order.buyer_confirmed_at:
        yield {"party": "buyer", "by": buyer, "counterparty": seller, "product_id": product}
