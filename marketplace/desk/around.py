"""What stands around a text: who wrote when in its thread, what was refused there, and for a dispute the chat of the sale."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet

from marketplace.accounts.models import User
from marketplace.assistant.models import Author
from marketplace.assistant.models import Message as AssistantMessage
from marketplace.chats.models import Message
from marketplace.desk.reading import BLOCKED, Readable, read_on_record
from marketplace.disputes.models import DisputeMessage
from marketplace.flagged_texts import FlaggedText
from marketplace.moderation.facts import ReadingFor
from marketplace.moderation.models import Appeal, BlockedText, KeptFor, Kind, QueueItem, Strike
from marketplace.moderation.queries import standing_strikes
from marketplace.orders.models import Order

AROUND: Final = 5
"""Texts before a text, and after it."""
STRIKES: Final = 5
Words = Mapping[tuple[str, int], str]
"""Of texts that were read, by kind and id."""
Texts = QuerySet[Message] | QuerySet[DisputeMessage] | QuerySet[AssistantMessage]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a text stands. `at` is when it was decided about: a blocked text has no row with another moment."""

    kind: str
    thread_kind: str
    thread_id: int
    author_id: int
    decision_id: int
    at: datetime
    item_id: int | None = None
    conversation_id: int | None = None


@dataclass(frozen=True, slots=True)
class Neighbor:
    """A text around another one, without its words. `item_id` is its own item in the queue, if it has one."""

    kind: Readable
    id: int
    author_id: int
    at: datetime
    item_id: int | None

    @property
    def is_sealed(self) -> bool:
        """Whether it was refused, and is kept for a while."""
        return self.kind == BLOCKED

    @property
    def needs_reason(self) -> bool:
        """Whether nobody and nothing has brought it before a moderator."""
        return self.item_id is None and not self.is_sealed


@dataclass(frozen=True, slots=True)
class Around:
    """What stands before and after a text that was written at `at`, in order; `chat` is what was said before it in the chat of
    the sale that a dispute is about."""

    at: datetime
    before: list[Neighbor] = field(default_factory=list)
    after: list[Neighbor] = field(default_factory=list)
    chat: list[Neighbor] = field(default_factory=list)

    @property
    def neighbors(self) -> list[Neighbor]:
        return [*self.before, *self.after, *self.chat]


@dataclass(frozen=True, slots=True)
class KnownStrike:
    """`sealed_id` is the blocked text, as long as it is kept; `item_id` its item in the queue."""

    strike: Strike
    sealed_id: int | None
    item_id: int | None


def spot_of_item(item: QueueItem, flagged: FlaggedText) -> Spot:
    return Spot(
        item.kind, item.thread_kind, item.thread_id, item.author_id, item.decision_id, item.created_at,
        item_id=item.pk, conversation_id=flagged.conversation_id,
    )  # fmt: skip


def spot_of_appeal(appeal: Appeal) -> Spot:
    """Of an appeal against a block that is not in the queue."""
    return Spot(
        appeal.kind, appeal.thread_kind, appeal.thread_id, appeal.author_id, appeal.decision_id, appeal.decision.decided_at
    )  # fmt: skip


def texts_around(spot: Spot, people: Collection[int], *, now: datetime) -> Around:
    """Who wrote when. `people` take part in the thread. At most six queries."""
    rows, author = _texts(spot)
    at, before, after = spot.at, [], []
    if rows is not None:
        own = rows.filter(queue_item=spot.item_id) if spot.item_id is not None else rows.none()
        at = (
            own.values_list("sent_at", flat=True).first() or spot.at
        )  # a reported one was written before its item was made
        others = rows.exclude(queue_item=spot.item_id) if spot.item_id is not None else rows
        found = others.values_list("pk", author, "sent_at", "queue_item_id")
        before = _neighbors(spot.kind, found.filter(sent_at__lte=at).order_by("-sent_at", "-pk")[:AROUND])
        after = _neighbors(spot.kind, found.filter(sent_at__gt=at).order_by("sent_at", "pk")[:AROUND])
    if spot.kind != Kind.ASSISTANT_MESSAGE:
        refused = _refused(spot, people, now)
        before += _neighbors(
            BLOCKED, refused.filter(blocked_at__lte=at).order_by("-blocked_at", "-pk")[:AROUND]
        )
        after += _neighbors(BLOCKED, refused.filter(blocked_at__gt=at).order_by("blocked_at", "pk")[:AROUND])
    return Around(at, _in_order(before)[-AROUND:], _in_order(after)[:AROUND], _chat_of_sale(spot, at))


def _texts(spot: Spot) -> tuple[Texts | None, str]:
    match spot.kind:
        case Kind.CHAT_MESSAGE:
            return Message.objects.filter(chat_id=spot.thread_id), "author_id"
        case Kind.DISPUTE_MESSAGE:
            return DisputeMessage.objects.filter(dispute__order_id=spot.thread_id), "author_id"
        case Kind.ASSISTANT_MESSAGE if spot.conversation_id is not None:
            said = AssistantMessage.objects.filter(conversation_id=spot.conversation_id, author=Author.USER)
            return said, "conversation__owner_id"
    return None, ""


def _refused(spot: Spot, people: Collection[int], now: datetime) -> Any:
    """A sample was delivered after all."""
    kept = BlockedText.objects.kept(now).exclude(kept_for=KeptFor.SAMPLE).exclude(decision=spot.decision_id)
    there = kept.filter(
        author__in={spot.author_id, *people}, thread_kind=spot.thread_kind, thread_id=spot.thread_id
    )
    return there.values_list("pk", "author_id", "blocked_at", "decision__queue_item")


def _chat_of_sale(spot: Spot, at: datetime) -> list[Neighbor]:
    if spot.kind != Kind.DISPUTE_MESSAGE:
        return []
    chat = Order.objects.filter(pk=spot.thread_id).values("chat")
    said = Message.objects.filter(chat__in=chat, sent_at__lte=at).order_by("-sent_at", "-pk")
    return _in_order(
        _neighbors(
            Kind.CHAT_MESSAGE, said.values_list("pk", "author_id", "sent_at", "queue_item_id")[:AROUND]
        )
    )


def _neighbors(kind: str, rows: Iterable[Any]) -> list[Neighbor]:
    return [Neighbor(kind, *row) for row in rows]  # type: ignore[arg-type]


def _in_order(neighbors: list[Neighbor]) -> list[Neighbor]:
    return sorted(neighbors, key=lambda each: (each.at, each.id))


def read_around(
    *, moderator: User, neighbors: Sequence[Neighbor], reading_for: ReadingFor, now: datetime
) -> Words:
    """The words of those that nobody flagged; each is read on record. Raises Denied."""
    wanted = [each for each in neighbors if each.needs_reason and each.author_id != moderator.pk]
    read = [read_on_record(moderator, each.kind, each.id, reading_for, now) for each in wanted]
    return {(found.kind, found.id): found.text for found in read if found is not None}


def read_sealed(*, moderator: User, text_id: int, now: datetime) -> Words:
    """The words of a text that was refused, read on record; nothing if it is no longer kept. Raises Denied."""
    found = read_on_record(moderator, BLOCKED, text_id, "unstated", now)
    return {} if found is None else {(found.kind, found.id): found.text}


def strikes_of(author_id: int, *, now: datetime) -> list[KnownStrike]:
    """The newest that stand. Three queries."""
    strikes = list(standing_strikes(author_id)[:STRIKES])
    records = [strike.record_id for strike in strikes]
    kept = BlockedText.objects.kept(now).filter(decision__in=records)
    sealed = dict(kept.values_list("decision_id", "pk"))
    items = dict(QueueItem.objects.filter(decision__in=records).values_list("decision_id", "pk"))
    return [
        KnownStrike(strike, sealed.get(strike.record_id), items.get(strike.record_id)) for strike in strikes
    ]
