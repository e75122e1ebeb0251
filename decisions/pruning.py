"""Deletes old records from the beginning of the log, as the policy `record_retention` says.

First a signed checkpoint says where the log begins from now on; triggers allow the deletion of nothing after it. A record that
another row still refers to stays, outside of the chain.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from decisions.chain import Position, follow
from decisions.models import DecisionRecord, LogCheckpoint, LogHead, SealedFacts
from decisions.services import foresee
from decisions.signing import sign_head

POLICY: Final = "record_retention"
BATCH: Final = 1_000


class PruneRefused(Exception):
    """Nothing was deleted."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """`head` is None if no whole head may go yet. `kept` counts records that other rows refer to."""

    head: LogHead | None
    covered: int = 0
    deleted: int = 0
    kept: int = 0


def plan_prune(*, now: datetime) -> Pruned:
    """How far the log may be pruned. Raises UnknownPolicy, PolicyNotInForce or PruneRefused."""
    checkpoint = LogCheckpoint.objects.order_by("-number").first()
    start = Position(checkpoint.upto, checkpoint.count, checkpoint.link) if checkpoint else Position()
    position, last = start, None
    heads = LogHead.objects.filter(number__gt=checkpoint.number if checkpoint else 0).order_by("number")
    for head in heads.iterator(BATCH):
        if not all(_may_go(moment, now) for moment in _moments(position.upto, head.upto)):
            break
        position = follow(position, head.upto)
        if (position.upto, position.count, position.link) != (head.upto, head.count, head.link):
            raise PruneRefused(
                f"the records of head {head.number} are not those that it sealed: see `verify-log`"
            )
        last = head
    return Pruned(last, position.count - start.count if last else 0)


def prune_log(*, now: datetime) -> Pruned:
    """Raises what `plan_prune` raises. Can be repeated after it broke off."""
    planned = plan_prune(now=now)
    if planned.head is not None:
        _write_checkpoint(planned.head, now)
    checkpoint = LogCheckpoint.objects.order_by("-number").first()
    if checkpoint is None:
        return planned
    deleted = sum(_delete_batches(checkpoint.upto))
    LogHead.objects.filter(number__lt=checkpoint.number).delete()
    kept = DecisionRecord.objects.filter(pk__lte=checkpoint.upto).count()
    return Pruned(planned.head, planned.covered, deleted, kept)


def _moments(after: int, upto: int) -> Iterator[datetime]:
    records = DecisionRecord.objects.filter(pk__gt=after, pk__lte=upto)
    return records.order_by("pk").values_list("decided_at", flat=True).iterator(BATCH)


def _may_go(decided_at: datetime, now: datetime) -> bool:
    return foresee(POLICY, {"decided_at": decided_at}, now=now).outcome == "delete"


def _write_checkpoint(head: LogHead, now: datetime) -> None:
    checkpoint = LogCheckpoint(
        number=head.number, upto=head.upto, count=head.count, link=head.link, made_at=now
    )
    sign_head(checkpoint)
    checkpoint.save(force_insert=True)


def _delete_batches(upto: int) -> Iterator[int]:
    covered = DecisionRecord.objects.filter(pk__lte=upto)
    for relation in DecisionRecord._meta.related_objects:
        covered = covered.filter(**{f"{relation.name}__isnull": True})
    while ids := list(covered.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            SealedFacts.objects.filter(record_id__in=ids).delete()
            DecisionRecord.objects.filter(pk__in=ids).delete()
        yield len(ids)
