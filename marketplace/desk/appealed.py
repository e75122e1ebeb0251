"""An appeal as a moderator judges it: which ones wait, what the text says, and whether this moderator may rule."""

from datetime import datetime

from django.db.models import Q, QuerySet

from decisions import foresee
from engine import Decision
from marketplace.accounts.models import User
from marketplace.desk.queue import open_text, read_on_record
from marketplace.desk.reading import BLOCKED, ReadText
from marketplace.flagged_texts import flagged_texts
from marketplace.moderation.facts import appeal_facts
from marketplace.moderation.models import Appeal, AppealState, AppealVerdict, BlockedText, State, Verdict
from marketplace.moderation.queries import appeals, ruled_before


def appeals_for(moderator: User, state: AppealState) -> QuerySet[Appeal]:
    """Those in which the moderator has no part, the oldest first."""
    found = appeals(state).exclude(Q(author=moderator) | Q(appellant=moderator))
    return found.select_related("ruled_by").defer("decision__facts", "decision__answer")


def access_appeal_of_others(moderator: User, appeal_id: int) -> Appeal:
    """Raises Appeal.DoesNotExist."""
    found = appeals().exclude(Q(author=moderator) | Q(appellant=moderator))
    return found.select_related("ruled_by", "item__resolved_by", "item__claimed_by").get(pk=appeal_id)


def verdict_on_text(appeal: Appeal, verdict: AppealVerdict) -> Verdict:
    """An author appeals against a text's removal, a reporter against its staying."""
    removes = (verdict == AppealVerdict.OVERTURN) == (appeal.report_id is not None)
    return Verdict.UPHOLD if removes else Verdict.OVERTURN


def open_appealed_text(*, moderator: User, appeal: Appeal, now: datetime) -> ReadText | None:
    """On record. None if the text is gone. Raises Denied."""
    if appeal.item is not None:
        flagged = flagged_texts([appeal.item])[appeal.item.pk]
        return open_text(moderator=moderator, item=appeal.item, flagged=flagged, now=now)
    blocked = BlockedText.objects.filter(decision_id=appeal.decision_id).first()
    if blocked is None:
        return None
    return read_on_record(moderator, BLOCKED, blocked.pk, "unstated", now)


def foresee_appeal_ruling(*, moderator: User, appeal: Appeal, now: datetime) -> Decision:
    """What the policy would say to a ruling by this moderator. It decides again, on record, when they rule."""
    item = appeal.item
    facts = appeal_facts(
        "rule",
        actor=moderator,
        author_id=appeal.author_id,
        reporter_id=appeal.appellant_id if appeal.report_id else None,
        fate="other",
        decided_at=appeal.decided_at,
        ruled=appeal.state != AppealState.OPEN,
        ruled_by=ruled_before(appeal),
        claimed_by=item.claimed_by_id if item and item.state == State.CLAIMED else None,
        verdict=AppealVerdict.UPHOLD,
    )
    return foresee("appeals", facts, now=now)
