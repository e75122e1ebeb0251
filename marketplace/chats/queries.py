"""Chats and messages as their parties may see them."""

from django.db.models import Q, QuerySet

from marketplace.accounts.models import User
from marketplace.chats.models import Chat, Message
from marketplace.moderation.queries import delivered


def chats_of(actor: User) -> QuerySet[Chat]:
    return Chat.objects.filter(Q(buyer=actor) | Q(seller=actor))


def access_chat_as_party(actor: User, chat_id: int) -> Chat:
    """Raises Chat.DoesNotExist, for a chat of others too."""
    return chats_of(actor).get(pk=chat_id)


def messages_of(chat: Chat, *, reader: User) -> QuerySet[Message]:
    """What others wrote and is held back or removed is left out; `queue_item` comes along."""
    seen = Message.objects.filter(Q(author=reader) | delivered(), chat=chat)
    return seen.select_related("queue_item").order_by("seq")
