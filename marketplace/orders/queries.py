"""Orders as their parties may see them, and what the review policy would say."""

from datetime import datetime

from django.db.models import Q, QuerySet

from decisions import Subject, decide
from engine import Decision
from marketplace.accounts.models import User
from marketplace.catalog.queries import access_product
from marketplace.orders.facts import confirmations_between
from marketplace.orders.models import Order
from marketplace.reviews.facts import review_facts


def orders_of(actor: User) -> QuerySet[Order]:
    return Order.objects.filter(Q(buyer=actor) | Q(seller=actor)).order_by("id")


def access_order_as_party(actor: User, order_id: int) -> Order:
    """Raises Order.DoesNotExist, for an order of others too."""
    return orders_of(actor).get(pk=order_id)


def review_eligibility(*, user: User, product_id: int, now: datetime) -> Decision:
    """Explained, not recorded. Raises Product.DoesNotExist."""
    product = access_product(product_id)
    facts = review_facts(
        buyer=user, product=product, confirmations=confirmations_between(buyer=user, product=product)
    )
    subject = Subject(kind="product", id=product.pk, actor_id=user.pk)
    return decide(
        "review_eligibility", facts, now=now, subject=subject, record=False, superset=True, explain=True
    )
