"""Whether the media of a dispute is still available. Downloads, lists and reopening all use this, so that they agree between
the retention date and the sweep."""

from datetime import datetime

from decisions import foresee
from engine import Decision
from marketplace.disputes.facts import retention_facts
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
