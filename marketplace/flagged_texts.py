"""The texts that queue items are about, read from the apps that keep them: the queue itself knows none of those."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from django.db.models import Manager

from marketplace.assistant.models import Message as AssistantMessage
from marketplace.chats.models import Message
from marketplace.disputes.models import DisputeMessage
from marketplace.moderation.models import Kind, QueueItem
from marketplace.reviews.models import Review

Texts = Manager[Message] | Manager[Review] | Manager[DisputeMessage] | Manager[AssistantMessage]

KEPT_BY: Final[Mapping[str, Texts]] = {
    Kind.ASSISTANT_MESSAGE: AssistantMessage.objects,
    Kind.CHAT_MESSAGE: Message.objects,
    Kind.REVIEW: Review.objects,
    Kind.DISPUTE_MESSAGE: DisputeMessage.objects,
}


@dataclass(frozen=True, slots=True)
class FlaggedText:
    """Without a number where its author has erased it, which only conversations with the assistant allow."""

    subject_id: int | None
    text: str


ERASED: Final = FlaggedText(None, "")


def flagged_texts(items: Collection[QueueItem]) -> dict[int, FlaggedText]:
    """By the number of the item; one query for each kind that is among them."""
    found = {item.pk: ERASED for item in items}
    for kind in sorted({item.kind for item in items}):
        those = [item.pk for item in items if item.kind == kind]
        rows = KEPT_BY[kind].filter(queue_item__in=those).values_list("queue_item_id", "pk", "text")
        found |= {item_id: FlaggedText(pk, text) for item_id, pk, text in rows if item_id is not None}
    return found
