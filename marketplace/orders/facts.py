"""Facts of the confirmation policy."""

from datetime import datetime
from typing import Literal

from marketplace.accounts.models import User
from marketplace.catalog.models import Product
from marketplace.orders.models import Order

Action = Literal["open", "confirm", "withdraw"]


def opening_facts(*, buyer: User, product: Product, now: datetime) -> dict[str, object]:
    return {
        "action": "open",
        "actor_id": str(buyer.pk),
        "actor_role": str(buyer.role),
        "buyer_id": str(buyer.pk),
        "seller_id": str(product.seller_id),
        "order_status": "new",
        "began_at": now,
        "seller_confirmed_at": None,
        "buyer_confirmed_at": None,
        "sold_to_another": product.single_sale
        and _is_sold_to_another(product_id=product.pk, buyer_id=buyer.pk),
    }


def order_facts(*, action: Action, actor: User, order: Order) -> dict[str, object]:
    """The order before the action."""
    return {
        "action": action,
        "actor_id": str(actor.pk),
        "actor_role": str(actor.role),
        "buyer_id": str(order.buyer_id),
        "seller_id": str(order.seller_id),
        "order_status": str(order.status),
        "began_at": order.created_at,
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
