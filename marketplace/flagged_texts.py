"""The texts behind queue items, read from the apps that store them. The queue does not depend on those apps."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from django.db.models import Manager

from marketplace.assistant.models import Message as AssistantMessage
from marketplace.catalog.models import Product
from marketplace.chats.models import Chat, Message
from marketplace.disputes.models import DisputeMessage
from marketplace.moderation.models import Appeal, BlockedText, Kind, QueueItem
from marketplace.orders.models import Order
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
    """The id is None if the text is gone: erased with its assistant conversation, or blocked and no longer kept."""

    subject_id: int | None
    text: str
    conversation_id: int | None = None


ERASED: Final = FlaggedText(None, "")


def roles_around(item: QueueItem | Appeal) -> dict[int, str]:
    """Who is the buyer and who the seller in the thread. Nobody is, in a conversation with the assistant."""
    pairs: Iterable[tuple[int, int]]
    match item.thread_kind:
        case "chat":
            pairs = Chat.objects.filter(pk=item.thread_id).values_list("buyer_id", "seller_id")
        case "order":
            pairs = Order.objects.filter(pk=item.thread_id).values_list("buyer_id", "seller_id")
        case "product":
            sellers = Product.objects.filter(pk=item.thread_id).values_list("seller_id", flat=True)
            return {item.author_id: "buyer", **dict.fromkeys(sellers, "seller")}
        case _:
            return {}
    return {number: role for pair in pairs for number, role in zip(pair, ("buyer", "seller"), strict=True)}


def people_around(item: QueueItem | Appeal) -> set[int]:
    """People whom the reason of a ruling may quote: the author and the other participants of the thread."""
    return {item.author_id, *roles_around(item)}


def flagged_texts(items: Collection[QueueItem]) -> dict[int, FlaggedText]:
    """Keyed by item id, with one query per kind."""
    texts = {item.pk: ERASED for item in items}
    texts |= _blocked_texts([item for item in items if item.blocked])
    for kind in sorted({item.kind for item in items}):
        those = [item.pk for item in items if item.kind == kind]
        for row in KEPT_BY[kind].filter(queue_item__in=those):
            assert row.queue_item_id is not None
            texts[row.queue_item_id] = FlaggedText(row.pk, row.text, getattr(row, "conversation_id", None))
    return texts


def _blocked_texts(items: Collection[QueueItem]) -> dict[int, FlaggedText]:
    """The id of the sealed text as long as it is kept. Its text is read on record only: answers with it would be stored."""
    if not items:
        return {}
    kept = BlockedText.objects.in_bulk([item.decision_id for item in items], field_name="decision_id")
    return {item.pk: FlaggedText(kept[item.decision_id].pk, "") for item in items if item.decision_id in kept}
