"""Plans a sweep: which files it would delete by which rule, and which it would keep although their date has passed. The number
of queries does not grow with the disputes, except one per CHUNK."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from decisions import foresee
from engine import Decision
from marketplace.disputes.facts import retention_facts
from marketplace.disputes.media.uploading import UPLOAD_FAILED
from marketplace.disputes.models import Dispute, Media
from marketplace.disputes.retention.keeping import goes_by, may_go
from marketplace.disputes.states import DisputeStatus, MediaState

UPLOAD_ABANDONED = "upload-abandoned"
UNFINISHED_AFTER = timedelta(hours=24)
CHUNK = 1_000
OVERDUE_AFTER = timedelta(hours=25)
"""By then a daily sweep has run, which may take an hour."""
KEPT_STATES = (MediaState.UPLOADING, MediaState.QUARANTINED, MediaState.LIVE)


@dataclass(frozen=True, slots=True)
class Item:
    """One file, and the rule that deletes or keeps it."""

    media_id: int
    dispute_id: int
    size: int
    rule: str

    def __str__(self) -> str:
        return f"media {self.media_id} of dispute {self.dispute_id}, {self.size} bytes, {self.rule}"


@dataclass(frozen=True, slots=True)
class Plan:
    """`deleted` and `kept` are sorted by media; `due` are the disputes whose purge begins."""

    deleted: tuple[Item, ...]
    kept: tuple[Item, ...]
    due: tuple[int, ...]


def make_plan(*, at: datetime) -> Plan:
    """Writes nothing and records no decision."""
    deleted = list(_unfinished(at))
    kept: list[Item] = []
    due: list[int] = []
    media = Prefetch("media", kept_media(), to_attr="kept_media")
    with_media = due_disputes(at).select_related("order").prefetch_related(media)
    for dispute in with_media.order_by("pk").iterator(chunk_size=CHUNK):
        decision = _foresee(dispute, at)
        goes = may_go(dispute, decision, now=at)
        (deleted if goes else kept).extend(_items(dispute.kept_media, decision.rule))
        if goes:
            due.append(dispute.pk)
    return Plan(_sorted(deleted), _sorted(kept), tuple(due))


def count_overdue(now: datetime) -> int:
    """The number of files that should have been deleted more than a day ago: their retention is over, and the policy does not
    keep them."""
    at = now - OVERDUE_AFTER
    due = due_disputes(at).filter(goes_by(now=now))
    begun = Q(dispute__purge_started_at=None) | Q(dispute__purge_started_at__lte=at)
    doomed = Media.objects.filter(begun, state=MediaState.DOOMED, created_at__lte=at - UNFINISHED_AFTER)
    return kept_media().filter(dispute__in=due).count() + doomed.count()


def _foresee(dispute: Dispute, at: datetime) -> Decision:
    return foresee("retention", retention_facts(dispute), now=at)


def due_disputes(at: datetime) -> QuerySet[Dispute]:
    """Disputes past their date that have something to delete, including held ones."""
    kept = Media.objects.filter(dispute=OuterRef("pk"), state__in=KEPT_STATES)
    return Dispute.objects.filter(
        Exists(kept), status=DisputeStatus.CLOSED, retain_until__lte=at, purge_started_at=None
    )


def with_media_due(disputes: QuerySet[Dispute], *, at: datetime) -> QuerySet[Dispute]:
    """Those whose purge a sweep would begin."""
    return disputes.filter(pk__in=due_disputes(at).filter(goes_by(now=at)))


def abandoned_uploads(at: datetime) -> QuerySet[Media]:
    return Media.objects.filter(state=MediaState.UPLOADING, created_at__lte=at - UNFINISHED_AFTER)


def _unfinished(at: datetime) -> Iterator[Item]:
    """Leftovers of an earlier sweep, and failed uploads. A failed upload waits one day, in case a slow storage still writes its
    object."""
    waiting = Q(doom_rule=UPLOAD_FAILED, created_at__gt=at - UNFINISHED_AFTER)
    for media in Media.objects.filter(state=MediaState.DOOMED).exclude(waiting).iterator(chunk_size=CHUNK):
        yield _item(media, media.doom_rule)
    due = due_disputes(at)
    yield from _items(abandoned_uploads(at).exclude(dispute__in=due), UPLOAD_ABANDONED)


def kept_media() -> QuerySet[Media]:
    return Media.objects.filter(state__in=KEPT_STATES)


def _items(media: Iterable[Media], rule: str) -> Iterator[Item]:
    return (_item(each, rule) for each in media)


def _item(media: Media, rule: str) -> Item:
    return Item(media.pk, media.dispute_id, media.size, rule)


def _sorted(items: list[Item]) -> tuple[Item, ...]:
    return tuple(sorted(items, key=lambda item: item.media_id))
