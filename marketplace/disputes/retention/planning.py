"""What a sweep at some moment would delete, file by file and by which rule, and what it would keep although the
time stamped on it has come."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from marketplace.disputes.facts import retention_facts
from marketplace.disputes.media.uploading import UPLOAD_FAILED
from marketplace.disputes.models import Dispute, Media
from marketplace.disputes.retention.stamping import ask_retention
from marketplace.disputes.states import DisputeStatus, MediaState

UPLOAD_ABANDONED = "upload-abandoned"
UNFINISHED_AFTER = timedelta(hours=24)
KEPT_STATES = (MediaState.UPLOADING, MediaState.QUARANTINED, MediaState.LIVE)


@dataclass(frozen=True, slots=True)
class Item:
    """One file and the rule by which it goes or stays."""

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
    """Nothing is written, and no decision recorded."""
    deleted = list(_unfinished(at))
    kept: list[Item] = []
    due: list[int] = []
    for dispute in due_disputes(at).order_by("pk").iterator(chunk_size=500):
        decision = ask_retention(dispute, retention_facts(dispute), actor=None, now=at, record=False)
        goes = decision.permits and dispute.standing_holds == 0
        (deleted if goes else kept).extend(_items(_media_of(dispute), decision.rule))
        if goes:
            due.append(dispute.pk)
    return Plan(_sorted(deleted), _sorted(kept), tuple(due))


def due_disputes(at: datetime) -> QuerySet[Dispute]:
    """Those whose stamped time has come and that have something to delete, held ones too."""
    kept = Media.objects.filter(dispute=OuterRef("pk"), state__in=KEPT_STATES)
    return Dispute.objects.filter(
        Exists(kept), status=DisputeStatus.CLOSED, retain_until__lte=at, purge_started_at=None
    )


def abandoned_uploads(at: datetime) -> QuerySet[Media]:
    return Media.objects.filter(state=MediaState.UPLOADING, created_at__lte=at - UNFINISHED_AFTER)


def _unfinished(at: datetime) -> Iterator[Item]:
    """What an earlier sweep has not come to, and uploads that never became anything. A failed upload waits a
    day, for an object that a slow storage may still write."""
    waiting = Q(doom_rule=UPLOAD_FAILED, created_at__gt=at - UNFINISHED_AFTER)
    for media in Media.objects.filter(state=MediaState.DOOMED).exclude(waiting).iterator(chunk_size=500):
        yield _item(media, media.doom_rule)
    due = due_disputes(at)
    yield from _items(abandoned_uploads(at).exclude(dispute__in=due), UPLOAD_ABANDONED)


def _media_of(dispute: Dispute) -> QuerySet[Media]:
    return Media.objects.filter(dispute=dispute, state__in=KEPT_STATES)


def _items(media: QuerySet[Media], rule: str) -> Iterator[Item]:
    return (_item(each, rule) for each in media)


def _item(media: Media, rule: str) -> Item:
    return Item(media.pk, media.dispute_id, media.size, rule)


def _sorted(items: list[Item]) -> tuple[Item, ...]:
    return tuple(sorted(items, key=lambda item: item.media_id))
