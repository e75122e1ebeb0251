"""Reviews as anybody may read them."""

from django.db.models import QuerySet

from marketplace.catalog.models import Product
from marketplace.reviews.models import Review


def reviews_of(product: Product) -> QuerySet[Review]:
    return Review.objects.filter(product=product).order_by("id")
