"""Reviews as anybody may read them."""

from django.db.models import Q, QuerySet

from marketplace.accounts.models import User
from marketplace.catalog.models import Product
from marketplace.moderation.queries import delivered
from marketplace.reviews.models import Review


def reviews_of(product: Product, *, reader: User | None) -> QuerySet[Review]:
    """What others wrote and is held back or removed is left out; `queue_item` comes along."""
    seen = delivered() | Q(buyer=reader) if reader else delivered()
    return Review.objects.filter(seen, product=product).select_related("queue_item").order_by("id")
