"""Reading somebody else's text as a moderator: decided and recorded, and for a reason unless the text was brought up."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from django.core.exceptions import ObjectDoesNotExist

from decisions import Denied, Subject, decide
from decisions.sealing import Erased, Unopened
from marketplace.accounts.models import User
from marketplace.assistant.models import Author
from marketplace.assistant.models import Message as AssistantMessage
from marketplace.chats.models import Message
from marketplace.disputes.models import DisputeMessage
from marketplace.moderation.facts import Cause, ReadingFor, reading_facts
from marketplace.moderation.keeping import read_kept
from marketplace.moderation.models import REPORTED, BlockedText, Kind
from marketplace.reviews.models import Review
from marketplace.transactions import patiently, write

Readable = Literal["chat_message", "review", "dispute_message", "assistant_message", "blocked_text"]
BLOCKED: Final = "blocked_text"


@dataclass(frozen=True, slots=True)
class ReadText:
    kind: Readable
    id: int
    author_id: int
    text: str = field(repr=False)
    cause: Cause
    written_at: datetime


def read_text(
    *, moderator: User, kind: Readable, text_id: int, reading_for: ReadingFor, now: datetime
) -> ReadText:
    """Raises DoesNotExist of the text's model, or Denied after the record of the refusal is committed."""
    return patiently(lambda: _read(moderator, kind, text_id, reading_for, now))


def read_on_record(
    moderator: User, kind: Readable, text_id: int, reading_for: ReadingFor, now: datetime
) -> ReadText | None:
    """None if it was erased in the meantime. Raises Denied."""
    try:
        return read_text(moderator=moderator, kind=kind, text_id=text_id, reading_for=reading_for, now=now)
    except ObjectDoesNotExist:
        return None


def _read(moderator: User, kind: Readable, text_id: int, reading_for: ReadingFor, now: datetime) -> ReadText:
    with write():
        found = find_blocked(text_id, now) if kind == BLOCKED else _stored(kind, text_id)
        facts = reading_facts(
            moderator=moderator, author_id=found.author_id, cause=found.cause, reading_for=reading_for
        )
        subject = Subject(kind=kind, id=text_id, actor_id=moderator.pk)
        decision = decide("moderation_queue", facts, now=now, subject=subject, record=True, superset=True)
        if decision.permits:
            return found
    raise Denied(decision)


def _stored(kind: str, text_id: int) -> ReadText:
    match kind:
        case Kind.REVIEW:
            review = Review.objects.get(pk=text_id)
            return _of(kind, review, review.buyer_id, review.created_at)
        case Kind.ASSISTANT_MESSAGE:
            spoken = AssistantMessage.objects.select_related("conversation")
            said = spoken.get(pk=text_id, author=Author.USER)
            return _of(kind, said, said.conversation.owner_id, said.sent_at)
        case Kind.DISPUTE_MESSAGE:
            sent = DisputeMessage.objects.get(pk=text_id)
            return _of(kind, sent, sent.author_id, sent.sent_at)
        case _:
            message = Message.objects.get(pk=text_id)
            return _of(kind, message, message.author_id, message.sent_at)


def _of(
    kind: str,
    row: Message | Review | DisputeMessage | AssistantMessage,
    author_id: int,
    written_at: datetime,
) -> ReadText:
    cause: Cause = "nothing" if row.queue_item is None else "flagged"
    if row.queue_item is not None and row.queue_item.flagged_for == REPORTED:
        cause = "reported"
    return ReadText(kind, row.pk, author_id, row.text, cause, written_at)  # type: ignore[arg-type]


def find_blocked(text_id: int, now: datetime) -> ReadText:
    """Not on record. One whose time is up cannot be read, even before it is deleted. Raises BlockedText.DoesNotExist."""
    blocked = BlockedText.objects.kept(now).get(pk=text_id)
    try:
        text = read_kept(blocked).text
    except (Erased, Unopened):
        raise BlockedText.DoesNotExist from None
    return ReadText(BLOCKED, blocked.pk, blocked.author_id, text, "blocked", blocked.blocked_at)
