"""Whether the media of a dispute is still available. Downloads, lists and reopening all use this, so that they agree between
the retention date and the sweep."""

from datetime import datetime

from django.db.models import Q

from decisions import foresee
from engine import Decision
from marketplace.disputes.facts import MEDIA_DUE, MEDIA_LEFT, retention_facts
from marketplace.disputes.models import Dispute
from marketplace.disputes.retention import clock
from marketplace.disputes.states import DisputeStatus


def keeps_media(dispute: Dispute) -> bool:
    """Uses the same clock as the sweep."""
    if dispute.status != DisputeStatus.CLOSED:
        return True
    now = clock.database_now()
    if not has_come(dispute, now=now):
        return dispute.purge_started_at is None
    return not may_go(dispute, foresee("retention", retention_facts(dispute), now=now), now=now)


def may_go(dispute: Dispute, decision: Decision, *, now: datetime) -> bool:
    """What the sweep follows: the stamped date selects the dispute, and the policy can only veto."""
    if dispute.purge_started_at is not None:
        return True
    return has_come(dispute, now=now) and decision.permits and dispute.standing_holds == 0


def has_come(dispute: Dispute, *, now: datetime) -> bool:
    return dispute.retain_until is not None and dispute.retain_until <= now


def leaves_media(dispute: Dispute, decision: Decision, *, now: datetime) -> bool:
    """Whether the dispute may be reopened: while the stamped date keeps the media, even if a shorter period is in force by now;
    otherwise as the policy says."""
    if decision.permits:
        return not may_go(dispute, decision, now=now)
    return decision.outputs.get("may_reopen") is True


def goes_by(*, now: datetime) -> Q:
    """`may_go`, as a condition on disputes whose media is not being deleted yet."""
    return Q(MEDIA_DUE.condition(now=now), retain_until__lte=now, standing_holds=0)


def media_left(*, now: datetime) -> Q:
    """`leaves_media`, as a condition on disputes."""
    due = MEDIA_DUE.condition(now=now)
    stamped_later = Q(retain_until=None) | Q(retain_until__gt=now) | Q(standing_holds__gt=0)
    return Q(due, stamped_later, purge_started_at=None) | Q(~due, MEDIA_LEFT.condition(now=now))
