"""Shows and applies what a changed retention policy would do to closed disputes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from marketplace.disputes.models import Dispute
from marketplace.disputes.retention.stamping import Stamp, ask_stamp
from marketplace.disputes.states import DisputeStatus


@dataclass(frozen=True, slots=True)
class Restamp:
    dispute_id: int
    before: datetime
    after: datetime

    @property
    def shortens(self) -> bool:
        return self.after < self.before


def find_restamps(*, now: datetime) -> Iterator[Restamp]:
    """Disputes whose stamped date differs from what the policy in force says."""
    closed = Dispute.objects.filter(status=DisputeStatus.CLOSED, purge_started_at=None)
    closed = closed.select_related("order").order_by("pk")
    for dispute in closed.iterator(chunk_size=500):
        if restamp := _compare(dispute, _ask(dispute, now=now, record=False)):
            yield restamp


def apply_restamp(wanted: Restamp, *, now: datetime) -> bool:
    """Whether the dispute now has the date that was shown; false if it changed meanwhile."""
    with transaction.atomic(durable=True):
        closed = Dispute.objects.select_for_update(no_key=True).filter(
            pk=wanted.dispute_id,
            status=DisputeStatus.CLOSED,
            retain_until=wanted.before,
            purge_started_at=None,
        )
        dispute = closed.first()
        if dispute is None:
            return False
        stamp = _ask(dispute, now=now, record=True)
        if stamp.until != wanted.after:
            return False
        return closed.update(**stamp.columns()) == 1


def _ask(dispute: Dispute, *, now: datetime, record: bool) -> Stamp:
    assert dispute.closed_at is not None  # enforced by a constraint
    return ask_stamp(dispute, closed_at=dispute.closed_at, actor=None, now=now, record=record)


def _compare(dispute: Dispute, stamp: Stamp) -> Restamp | None:
    before = dispute.retain_until
    if before is None or stamp.until is None or stamp.until == before:
        return None
    return Restamp(dispute.pk, before, stamp.until)
