"""Chats and messages, visible to their parties."""

from datetime import datetime

from django.db.models import Q, QuerySet

from marketplace.accounts.models import User
from marketplace.chats.facts import OPEN_CHATS
from marketplace.chats.models import Chat, Message
from marketplace.moderation.queries import delivered


def chats_of(actor: User) -> QuerySet[Chat]:
    return Chat.objects.filter(Q(buyer=actor) | Q(seller=actor))


def open_chats(actor: User, *, now: datetime) -> QuerySet[Chat]:
    """Chats in which the actor may write now, by the policy `chat`."""
    return OPEN_CHATS.rows(chats_of(actor), now=now, author_id=str(actor.pk))


def access_chat_as_party(actor: User, chat_id: int) -> Chat:
    """Raises Chat.DoesNotExist, also for other people's chats."""
    return chats_of(actor).get(pk=chat_id)


def messages_of(chat: Chat, *, reader: User) -> QuerySet[Message]:
    """Leaves out other people's held or removed messages; `queue_item` is prefetched."""
    seen = Message.objects.filter(Q(author=reader) | delivered(), chat=chat)
    return seen.select_related("queue_item").order_by("seq")
