"""Reviews, visible to everybody, and whether a user may write one."""

from datetime import datetime

from django.db.models import Q, QuerySet

from decisions import Subject, decide
from engine import Decision
from marketplace.accounts.models import User
from marketplace.catalog.models import Product
from marketplace.catalog.queries import access_product
from marketplace.moderation.queries import delivered
from marketplace.orders.models import Order
from marketplace.reviews.facts import REVIEWABLE, review_facts
from marketplace.reviews.models import Review


def reviews_of(product: Product, *, reader: User | None) -> QuerySet[Review]:
    """Leaves out other people's held or removed reviews; `queue_item` is prefetched."""
    seen = delivered() | Q(buyer=reader) if reader else delivered()
    return Review.objects.filter(seen, product=product).select_related("queue_item").order_by("id")


def reviewable_orders(buyer: User, *, now: datetime) -> QuerySet[Order]:
    """The buyer's orders whose product they may review now, by the policy `review_eligibility`."""
    return REVIEWABLE.rows(Order.objects.filter(buyer=buyer), now=now)


def review_eligibility(*, user: User, product_id: int, now: datetime) -> Decision:
    """Explained, not recorded. Raises Product.DoesNotExist."""
    product = access_product(product_id)
    facts = review_facts(buyer=user, product=product)
    subject = Subject(kind="product", id=product.pk, actor_id=user.pk)
    return decide(
        "review_eligibility", facts, now=now, subject=subject, record=False, superset=True, explain=True
    )
