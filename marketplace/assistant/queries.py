"""Conversations, visible only to their owner."""

from django.db.models import Count, F, Q, QuerySet, Sum

from marketplace.accounts.models import User
from marketplace.assistant.models import Author, Conversation, Message

UNREAD = Q(messages__author=Author.ASSISTANT, messages__seq__gt=F("read_seq"))


def conversations_of(owner: User) -> QuerySet[Conversation]:
    """Annotated with `unread`, the number of unread answers."""
    return Conversation.objects.filter(owner=owner).annotate(unread=Count("messages", filter=UNREAD))


def access_conversation(owner: User, conversation_id: int) -> Conversation:
    """Raises Conversation.DoesNotExist, also for other people's conversations."""
    return conversations_of(owner).get(pk=conversation_id)


def messages_of(conversation: Conversation) -> QuerySet[Message]:
    """In order, with `queue_item` prefetched."""
    return Message.objects.filter(conversation=conversation).select_related("queue_item").order_by("seq")


def count_unread(owner: User) -> int:
    return conversations_of(owner).aggregate(total=Sum("unread"))["total"] or 0
