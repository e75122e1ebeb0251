"""The review queue as a moderator works it: find items, open their texts, take the next, and rule."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast

from decisions import Denied
from decisions.models import DecisionRecord
from decisions.search import SEARCHED
from marketplace.accounts.models import User
from marketplace.desk.reading import BLOCKED, Readable, ReadText, find_blocked, read_on_record
from marketplace.errors import Refused
from marketplace.flagged_texts import FlaggedText
from marketplace.moderation.models import BlockedText, QueueItem, State, Verdict
from marketplace.moderation.queries import in_words, queue, ruling_reasons
from marketplace.moderation.reviewing import claim_item, resolve_item

PAGE: Final = 25
TRIED: Final = 20
"""Items that others may claim first before `claim_next` gives up."""
CONFLICT: Final = "conflict"
READ_BROUGHT_UP: Final = "read-allowed"
"""The rule of `moderation_queue` for texts that somebody or something brought before a moderator."""
GAVE_BACK: Final = "release-allowed"
"""Its rule for whoever gives back what they have claimed."""


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


def words_of_own_claim(
    *, moderator: User, item: QueueItem, flagged: FlaggedText, now: datetime
) -> str | None:
    """Whoever has claimed an item and opened its text, on record, sees the text until they have ruled. None for others, and if
    the text is gone."""
    is_own = item.state == State.CLAIMED and item.claimed_by_id == moderator.pk
    if not is_own or flagged.subject_id is None:
        return None
    opened = DecisionRecord.objects.filter(
        subject_id=flagged.subject_id,
        subject_kind=BLOCKED if item.blocked else item.kind,
        actor_id=moderator.pk,
        rule=READ_BROUGHT_UP,
    )
    if not opened.exists():
        return None
    try:
        return find_blocked(flagged.subject_id, now).text if item.blocked else flagged.text
    except BlockedText.DoesNotExist:
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


def claim_next(*, moderator: User, wanted: Wanted, now: datetime) -> QueueItem | None:
    """The first open item that nobody else claims in the same moment, and that the moderator has not given back before. Raises
    Denied for another reason."""
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
    given_back = DecisionRecord.objects.filter(
        subject_id=OuterRef("pk"), subject_kind="queue_item", actor_id=moderator.pk, rule=GAVE_BACK
    )
    items = _matching(moderator, wanted).filter(~Exists(given_back), state=State.OPEN)
    yield from items.values_list("pk", flat=True)[:TRIED]


def rule_on(
    *, moderator: User, item_id: int, verdict: Verdict, because: str, note: str, now: datetime
) -> QueueItem:
    """Keeps the words of the listed reason and the note. Raises as `resolve_item` does."""
    reason = in_words(ruling_reasons(now=now), verdict, because, note)
    return resolve_item(
        moderator=moderator, item_id=item_id, verdict=verdict, reason=reason, because=because, now=now
    )
