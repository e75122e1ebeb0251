"""The review queue as a moderator works it: find items, open their texts, read around them, take the next, and rule."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from decisions import Denied
from decisions.models import DecisionRecord
from decisions.search import SEARCHED
from marketplace.accounts.models import User
from marketplace.assistant.models import Author
from marketplace.assistant.models import Message as AssistantMessage
from marketplace.chats.models import Message
from marketplace.desk.reading import BLOCKED, Readable, ReadText, read_text
from marketplace.disputes.models import DisputeMessage
from marketplace.errors import Refused
from marketplace.flagged_texts import FlaggedText
from marketplace.moderation.facts import ReadingFor
from marketplace.moderation.models import Kind, QueueItem, State, Verdict
from marketplace.moderation.queries import in_words, queue, ruling_reasons
from marketplace.moderation.reviewing import claim_item, resolve_item

PAGE: Final = 25
AROUND: Final = 5
"""Messages before a text, and after it."""
TRIED: Final = 20
"""Items that others may claim first before `claim_next` gives up."""
CONFLICT: Final = "conflict"
READ_BROUGHT_UP: Final = "read-allowed"
"""The rule of `moderation_queue` for texts that somebody or something brought before a moderator."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """`category` is one that the text was judged by, or that was found in it. `after` is where the page before ended."""

    state: State = State.OPEN
    category: str = ""
    kind: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    items: list[QueueItem]
    next: str | None


def find_items(moderator: User, wanted: Wanted) -> Page:
    """A page of what others wrote: urgent items first, then the oldest; of resolved ones the newest. One query."""
    items = _matching(moderator, wanted)
    if wanted.after:
        items = items.filter(_behind(wanted))
    found = list(items[: PAGE + 1])
    return Page(found[:PAGE], _place_of(found[PAGE - 1]) if len(found) > PAGE else None)


def held_by(moderator: User) -> QuerySet[QueueItem]:
    """What the moderator has claimed, as much as a page shows."""
    claimed = _for_list(queue(State.CLAIMED))
    return claimed.filter(claimed_by=moderator).order_by("-urgent", "pk")[:PAGE]


def access_item_of_others(moderator: User, item_id: int) -> QueueItem:
    """Nobody sees what was found in their own text. Raises QueueItem.DoesNotExist."""
    items = queue().select_related("author", "claimed_by", "resolved_by").exclude(author=moderator)
    return items.get(pk=item_id)


def _matching(moderator: User, wanted: Wanted) -> QuerySet[QueueItem]:
    items = _for_list(queue(wanted.state)).exclude(author=moderator)
    if wanted.kind:
        items = items.filter(kind=wanted.kind)
    if wanted.category:
        items = items.annotate(found=Cast("signals", TextField())).filter(_about(wanted.category))
    return items.order_by("-pk") if wanted.state == State.RESOLVED else items.order_by("-urgent", "pk")


def _for_list(items: QuerySet[QueueItem]) -> QuerySet[QueueItem]:
    return items.select_related("claimed_by").defer("decision__facts", "decision__answer")


def _about(category: str) -> Q:
    """A rule for each row of the thresholds has the category in its name; of others, what was found counts."""
    found = Q(found__contains=f'"category": "{category}"')
    return Q(decision__rule__endswith=f"/{category}]") | (~Q(decision__rule__contains="/") & found)


def _place_of(item: QueueItem) -> str:
    return f"{'urgent-' if item.urgent else ''}{item.pk}"


def _behind(wanted: Wanted) -> Q:
    first, _, number = wanted.after.rpartition("-")
    if wanted.state == State.RESOLVED:
        return Q(pk__lt=int(number))
    if first:
        return Q(urgent=True, pk__gt=int(number)) | Q(urgent=False)
    return Q(urgent=False, pk__gt=int(number))


def open_text(*, moderator: User, item: QueueItem, flagged: FlaggedText, now: datetime) -> ReadText | None:
    """On record. None if the text is gone. Raises Denied."""
    if flagged.subject_id is None:
        return None
    kind: Readable = BLOCKED if item.blocked else item.kind  # type: ignore[assignment]
    return read_on_record(moderator, kind, flagged.subject_id, "unstated", now)


def read_on_record(
    moderator: User, kind: Readable, text_id: int, reading_for: ReadingFor, now: datetime
) -> ReadText | None:
    """None if it was erased in the meantime."""
    try:
        return read_text(moderator=moderator, kind=kind, text_id=text_id, reading_for=reading_for, now=now)
    except ObjectDoesNotExist:
        return None


def count_opened_today(moderator: User, *, now: datetime) -> int:
    """Different texts that were brought up and that the moderator opened on record since midnight UTC. One query."""
    newest = DecisionRecord.objects.filter(policy="moderation_queue", outcome="allow").order_by("-pk")
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    read = DecisionRecord.objects.filter(
        pk__in=newest.values("pk")[:SEARCHED],
        actor_id=moderator.pk,
        decided_at__gte=midnight,
        rule=READ_BROUGHT_UP,
    )
    return read.values("subject_kind", "subject_id").distinct().count()


@dataclass(frozen=True, slots=True)
class Neighbor:
    """A text around a flagged one, without its words. `item_id` is its own item in the queue, if it has one."""

    kind: Readable
    id: int
    author_id: int
    at: datetime
    item_id: int | None


@dataclass(frozen=True, slots=True)
class Around:
    """What stands before and after a text that was written at `at`, in order."""

    at: datetime
    before: list[Neighbor] = field(default_factory=list)
    after: list[Neighbor] = field(default_factory=list)

    @property
    def neighbors(self) -> list[Neighbor]:
        return [*self.before, *self.after]


def texts_around(item: QueueItem, flagged: FlaggedText) -> Around:
    """Who wrote when. At most three queries."""
    match item.kind:
        case Kind.CHAT_MESSAGE:
            return _around(item, Message.objects.filter(chat_id=item.thread_id), "author_id")
        case Kind.DISPUTE_MESSAGE:
            rows = DisputeMessage.objects.filter(dispute__order_id=item.thread_id)
            return _around(item, rows, "author_id")
        case Kind.ASSISTANT_MESSAGE if flagged.conversation_id is not None:
            said = AssistantMessage.objects.filter(
                conversation_id=flagged.conversation_id, author=Author.USER
            )
            return _around(item, said, "conversation__owner_id")
    return Around(item.created_at)


def _around(
    item: QueueItem,
    texts: QuerySet[Message] | QuerySet[DisputeMessage] | QuerySet[AssistantMessage],
    author: str,
) -> Around:
    """A blocked text has no row, and stands where it was refused; a reported one was written before its item was made."""
    at = texts.filter(queue_item=item).values_list("sent_at", flat=True).first() or item.created_at
    others = texts.exclude(queue_item=item).values_list("pk", author, "sent_at", "queue_item_id")
    before = others.filter(sent_at__lte=at).order_by("-sent_at", "-pk")[:AROUND]
    after = others.filter(sent_at__gt=at).order_by("sent_at", "pk")[:AROUND]
    return Around(at, _neighbors(item, reversed(before)), _neighbors(item, after))


def _neighbors(item: QueueItem, rows: Iterable[Any]) -> list[Neighbor]:
    return [Neighbor(item.kind, *row) for row in rows]  # type: ignore[arg-type]


def read_around(
    *, moderator: User, neighbors: Sequence[Neighbor], reading_for: ReadingFor, now: datetime
) -> dict[int, str]:
    """The words of those that nobody flagged, by id; each is read on record. Raises Denied."""
    wanted = [each for each in neighbors if each.item_id is None and each.author_id != moderator.pk]
    read = [read_on_record(moderator, each.kind, each.id, reading_for, now) for each in wanted]
    return {found.id: found.text for found in read if found is not None}


def claim_next(*, moderator: User, wanted: Wanted, now: datetime) -> QueueItem | None:
    """The first open item that nobody else claims in the same moment. Raises Denied for another reason."""
    for item_id in _candidates(moderator, wanted):
        try:
            return claim_item(moderator=moderator, item_id=item_id, now=now)
        except Refused:
            continue
        except Denied as denied:
            if denied.decision.status != CONFLICT:
                raise
    return None


def _candidates(moderator: User, wanted: Wanted) -> Iterator[int]:
    items = _matching(moderator, wanted).filter(state=State.OPEN)
    yield from items.values_list("pk", flat=True)[:TRIED]


def rule_on(
    *, moderator: User, item_id: int, verdict: Verdict, because: str, note: str, now: datetime
) -> QueueItem:
    """Keeps the words of the listed reason and the note. Raises as `resolve_item` does."""
    reason = in_words(ruling_reasons(now=now), verdict, because, note)
    return resolve_item(
        moderator=moderator, item_id=item_id, verdict=verdict, reason=reason, because=because, now=now
    )
