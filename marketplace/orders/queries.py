"""Orders, visible to their parties."""

from datetime import datetime

from django.db.models import Q, QuerySet

from marketplace.accounts.models import User
from marketplace.chats.queries import open_chats
from marketplace.orders.models import Order


def orders_of(actor: User) -> QuerySet[Order]:
    return Order.objects.filter(Q(buyer=actor) | Q(seller=actor)).order_by("id")


def orders_with_open_chat(actor: User, *, now: datetime) -> QuerySet[Order]:
    """Orders in whose chat the actor may write now."""
    return orders_of(actor).filter(chat__in=open_chats(actor, now=now))


def access_order_as_party(actor: User, order_id: int) -> Order:
    """Raises Order.DoesNotExist, also for other people's orders."""
    return orders_of(actor).get(pk=order_id)
