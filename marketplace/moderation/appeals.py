"""What an appeal changes in the queue and among the blocked texts. `marketplace.desk` opens appeals and rules on them, since it
knows the texts."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from marketplace.accounts.models import User
from marketplace.moderation.models import (
    Appeal,
    AppealState,
    AppealVerdict,
    BlockedText,
    KeptFor,
    QueueItem,
    State,
    Verdict,
)
from marketplace.moderation.strikes import take_back_strike


@dataclass(frozen=True, slots=True)
class Ruling:
    """Whose, why, its recorded decision, and when."""

    moderator: User
    reason: str
    record_id: int
    now: datetime


CLOSED_BY = {AppealVerdict.UPHOLD: AppealState.UPHELD, AppealVerdict.OVERTURN: AppealState.OVERTURNED}


def verdict_on_text(appeal: Appeal, verdict: AppealVerdict) -> Verdict:
    """An author appeals against a text's removal, a reporter against its staying."""
    removes = (verdict == AppealVerdict.OVERTURN) == (appeal.report_id is not None)
    return Verdict.UPHOLD if removes else Verdict.OVERTURN


def close_appeal(appeal: Appeal, ruling: Ruling, *, verdict: AppealVerdict) -> bool:
    """Whether this call closed it: it is still open, and the moderator had no part in it. Checked again by triggers."""
    moderator = ruling.moderator
    ruled_before = Appeal.objects.filter(item=OuterRef("item"), ruled_by=moderator)
    resolved = QueueItem.objects.filter(pk=OuterRef("item"), resolved_by=moderator)
    allowed = (
        Appeal.objects.filter(pk=appeal.pk, state=AppealState.OPEN)
        .exclude(Q(author=moderator) | Q(appellant=moderator))
        .exclude(Exists(ruled_before))
        .exclude(Exists(resolved))
    )
    return _close(allowed, ruling, CLOSED_BY[verdict]) == 1


def _close(appeals: QuerySet[Appeal], ruling: Ruling, state: AppealState) -> int:
    return appeals.update(
        state=state,
        ruled_by=ruling.moderator,
        ruled_at=ruling.now,
        reason=ruling.reason,
        ruling_id=ruling.record_id,
    )


def settle_item(item: QueueItem, ruling: Ruling, *, verdict: Verdict) -> None:
    """Resolves the item if nobody has, or else changes its verdict if the appeal says otherwise."""
    row = QueueItem.objects.filter(pk=item.pk)
    if item.state != State.RESOLVED:
        row.update(
            state=State.RESOLVED,
            claimed_by=ruling.moderator,
            claimed_at=item.claimed_at or ruling.now,
            verdict=verdict,
            reason=ruling.reason,
            resolved_by=ruling.moderator,
            resolved_at=ruling.now,
            ruling_id=ruling.record_id,
        )
    elif item.standing != verdict:
        row.update(final_verdict=verdict, ruling_id=ruling.record_id)


def settle_blocked(blocked: BlockedText, *, granted: bool, now: datetime) -> None:
    """A text that should not have been blocked is a sample from now on, and no strike any more."""
    kept_for = KeptFor.SAMPLE if granted else KeptFor.TIME
    BlockedText.objects.filter(pk=blocked.pk).update(kept_for=kept_for)
    if granted:
        take_back_strike(record_id=blocked.decision_id, now=now)


def grant_open_appeals(item: QueueItem, ruling: Ruling) -> int:
    """For a ruling in the queue that gives an author what their open appeal asks for. Call it before the item is resolved: who
    resolved it may not rule on an appeal."""
    asked = Appeal.objects.filter(item=item, report=None, state=AppealState.OPEN, author=item.author_id)
    return _close(asked.exclude(author=ruling.moderator), ruling, AppealState.OVERTURNED)


def withdraw_appeals(*, user_id: int) -> int:
    """For the erasure of an account: nobody is left to be answered, or nothing to be judged."""
    return _withdraw(Q(appellant_id=user_id) | Q(author_id=user_id))


def withdraw_appeals_about(*, decisions: Collection[int]) -> int:
    """For texts that are deleted."""
    return _withdraw(Q(decision_id__in=decisions))


def _withdraw(about: Q) -> int:
    return Appeal.objects.filter(about, state=AppealState.OPEN).update(state=AppealState.WITHDRAWN)
