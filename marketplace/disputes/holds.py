"""Legal holds: while a dispute has one, its media is kept; after the last is released, retention continues."""

from datetime import datetime

from django.db.models import F

from decisions import Denied
from marketplace.accounts.models import User
from marketplace.disputes.deciding import decide_about, expect_one, lock_dispute
from marketplace.disputes.models import Dispute, Hold
from marketplace.disputes.queries import access_hold
from marketplace.errors import Refused
from marketplace.transactions import patiently, write


def place_hold(*, actor: User, dispute_id: int, reason: str, now: datetime) -> Hold:
    """Raises Dispute.DoesNotExist, Denied, or Refused once the purge has begun."""
    return patiently(lambda: _place(actor=actor, dispute_id=dispute_id, reason=reason, now=now))


def _place(*, actor: User, dispute_id: int, reason: str, now: datetime) -> Hold:
    with write():
        dispute = lock_dispute(actor, dispute_id)
        decision = decide_about("hold", actor=actor, dispute=dispute, now=now)
        if decision.permits:
            kept = Dispute.objects.filter(pk=dispute.pk, purge_started_at=None)
            expect_one(kept.update(standing_holds=F("standing_holds") + 1))
            return Hold.objects.create(dispute=dispute, placed_by=actor, reason=reason, placed_at=now)
    raise Denied(decision)


def release_hold(*, actor: User, hold_id: int, now: datetime) -> Hold:
    """Raises Hold.DoesNotExist, Denied, or Refused for a hold that was already released."""
    hold = access_hold(actor, hold_id)
    return patiently(lambda: _lift(hold, actor=actor, now=now))


def _lift(hold: Hold, *, actor: User, now: datetime) -> Hold:
    with write():
        dispute = lock_dispute(actor, hold.dispute_id)
        decision = decide_about("release", actor=actor, dispute=dispute, now=now)
        if decision.permits:
            _release(hold, actor=actor, dispute=dispute, now=now)
            return hold
    raise Denied(decision)


def _release(hold: Hold, *, actor: User, dispute: Dispute, now: datetime) -> None:
    standing = Hold.objects.filter(pk=hold.pk, released_at=None)
    if standing.update(released_at=now, released_by=actor) != 1:
        raise Refused("hold-released", "This hold was already released.")
    # A request that waited for the row may have an earlier `now` than the one before it.
    lifted_at = max(filter(None, [now, dispute.hold_released_at]))
    held = Dispute.objects.filter(pk=dispute.pk, standing_holds__gt=0)
    expect_one(held.update(standing_holds=F("standing_holds") - 1, hold_released_at=lifted_at))
    hold.refresh_from_db()
