"""Facts of the review policy."""

from collections.abc import Iterator
from typing import TypedDict

from django.db.models import Case, Value, When

from marketplace.accounts.models import User
from marketplace.catalog.models import Product
from marketplace.orders.models import Order
from marketplace.reviews.models import Review

# A list fact holds at most 1,000 entries, and an order gives two.
MAX_ORDERS = 500


class Confirmation(TypedDict):
    """One side's confirmation of one sale; `party` is the side of `by`."""

    party: str
    by: str
    counterparty: str
    product_id: str


def review_facts(*, buyer: User, product: Product) -> dict[str, object]:
    return {
        "buyer_id": str(buyer.pk),
        "seller_id": str(product.seller_id),
        "product_id": str(product.pk),
        "confirmations": _confirmations_between(buyer=buyer, product=product),
        "already_reviewed": Review.objects.filter(product=product, buyer=buyer).exists(),
    }


def _confirmations_between(*, buyer: User, product: Product) -> list[Confirmation]:
    """Confirmations of all sales between the buyer and the product's seller: this product first, then newest first."""
    orders = Order.objects.filter(buyer=buyer, seller_id=product.seller_id)
    this_first = Case(When(product=product, then=Value(0)), default=Value(1))
    return [
        confirmation
        for order in orders.order_by(this_first, "-id")[:MAX_ORDERS]
        for confirmation in _confirmations_of(order)
    ]


def _confirmations_of(order: Order) -> Iterator[Confirmation]:
    buyer, seller, product = str(order.buyer_id), str(order.seller_id), str(order.product_id)
    if order.seller_confirmed_at:
        yield {"party": "seller", "by": seller, "counterparty": buyer, "product_id": product}
    if order.buyer_confirmed_at:
        yield {"party": "buyer", "by": buyer, "counterparty": seller, "product_id": product}
