"""Products, visible to everybody."""

from django.db.models import QuerySet

from marketplace.catalog.models import Product


def products() -> QuerySet[Product]:
    """Newest last, so that new products do not shift a reader's position."""
    return Product.objects.order_by("id")


def access_product(product_id: int) -> Product:
    """Raises Product.DoesNotExist."""
    return Product.objects.get(pk=product_id)
