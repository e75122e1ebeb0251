"""What the review policy is told."""

from collections.abc import Sequence
from typing import TypedDict

from marketplace.accounts.models import User
from marketplace.catalog.models import Product
from marketplace.reviews.models import Review


class Confirmation(TypedDict):
    """One side's confirmation of one sale; `party` is the side that `by` is on."""

    party: str
    by: str
    counterparty: str
    product_id: str


def review_facts(
    *, buyer: User, product: Product, confirmations: Sequence[Confirmation]
) -> dict[str, object]:
    return {
        "buyer_id": str(buyer.pk),
        "seller_id": str(product.seller_id),
        "product_id": str(product.pk),
        "confirmations": list(confirmations),
        "already_reviewed": Review.objects.filter(product=product, buyer=buyer).exists(),
    }
