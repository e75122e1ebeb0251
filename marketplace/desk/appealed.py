"""An appeal as a moderator judges it: which ones wait, what the text says, and whether this moderator may rule."""

from datetime import datetime

from django.db.models import Q, QuerySet

from decisions import foresee
from engine import Decision
from marketplace.accounts.models import User
from marketplace.desk.appealing import POLICY, ruling_facts
from marketplace.desk.queue import open_text
from marketplace.desk.reading import BLOCKED, ReadText, read_on_record
from marketplace.flagged_texts import flagged_texts
from marketplace.moderation.models import Appeal, AppealVerdict, BlockedText
from marketplace.moderation.queries import appeals


def appeals_for(moderator: User, state: str | None = None) -> QuerySet[Appeal]:
    """Those in which the moderator has no part, the oldest first: nobody learns who reported a text of theirs."""
    found = appeals(state).exclude(Q(author=moderator) | Q(appellant=moderator))
    return found.select_related("ruled_by").defer("decision__facts", "decision__answer")


def access_appeal_of_others(moderator: User, appeal_id: int) -> Appeal:
    """Raises Appeal.DoesNotExist."""
    found = appeals().exclude(Q(author=moderator) | Q(appellant=moderator))
    return found.select_related("ruled_by", "item__resolved_by", "item__claimed_by").get(pk=appeal_id)


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
    facts = ruling_facts(appeal, appeal.item, moderator=moderator, fate="other", verdict=AppealVerdict.UPHOLD)
    return foresee(POLICY, facts, now=now)
