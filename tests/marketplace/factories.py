"""People, products and sales for the marketplace tests, created with the real services."""

from datetime import UTC, datetime, timedelta

from marketplace.accounts.models import Role, User
from marketplace.catalog.models import Product
from marketplace.orders.models import Order
from marketplace.orders.services import confirm, open_order

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)


def make_user(name: str, role: Role) -> User:
    return User.objects.create_user(username=name, role=role)


def make_product(seller: User, name: str = "Walnut desk", *, single_sale: bool = True) -> Product:
    return Product.objects.create(seller=seller, name=name, single_sale=single_sale, created_at=NOW)


def make_order(buyer: User, product: Product) -> Order:
    order, _ = open_order(buyer=buyer, product_id=product.pk, now=NOW)
    return order


def complete(order: Order) -> Order:
    confirm(actor=order.buyer, order_id=order.pk, now=NOW)
    return confirm(actor=order.seller, order_id=order.pk, now=NOW)
