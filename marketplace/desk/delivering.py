"""Delivers a blocked text after its appeal was granted, where its author wanted it."""

from datetime import datetime

from decisions.sealing import Erased, Unopened
from marketplace.assistant.services import deliver_message as deliver_to_assistant
from marketplace.chats.services import deliver_message as deliver_to_chat
from marketplace.disputes.services import deliver_opening
from marketplace.disputes.threads import deliver_message as deliver_to_dispute
from marketplace.moderation.keeping import Kept, read_kept
from marketplace.moderation.models import BlockedText, Kind, QueueItem
from marketplace.reviews.services import deliver_review


def deliver_kept(blocked: BlockedText, item: QueueItem | None, *, now: datetime) -> bool:
    """False if it cannot be delivered any more: its chat is locked, its dispute closed, its conversation deleted, or its product
    reviewed otherwise. The policy of the place decides again, on record. Call it in a transaction."""
    try:
        kept = read_kept(blocked)
    except (Erased, Unopened):
        return False
    return _deliver(blocked, kept, item, now)


def _deliver(blocked: BlockedText, kept: Kept, item: QueueItem | None, now: datetime) -> bool:
    author, text, place = blocked.author, kept.text, kept.place
    match blocked.kind:
        case Kind.REVIEW:
            rating = place["rating"]
            assert rating is not None
            return deliver_review(
                buyer=author, product_id=blocked.thread_id, rating=rating, text=text, item=item, now=now
            )
        case Kind.DISPUTE_MESSAGE:
            number = place.get("dispute_id")
            if number is None:
                return deliver_opening(
                    actor=author, order_id=blocked.thread_id, text=text, item=item, now=now
                )
            return deliver_to_dispute(author=author, dispute_id=number, text=text, item=item, now=now)
        case Kind.ASSISTANT_MESSAGE:
            return deliver_to_assistant(owner=author, place=place, text=text, item=item, now=now)
        case _:
            return deliver_to_chat(author=author, chat_id=blocked.thread_id, text=text, item=item, now=now)
