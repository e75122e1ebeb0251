"""Working the review queue: claim an item, release it, and rule on it.

Each function is one transaction: facts from the locked row, the decision of `moderation_queue` and its record, then the
decision's guards again as a conditional UPDATE.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from decisions import Denied, Subject, decide_on_record
from decisions.models import DecisionRecord
from engine import Decision
from marketplace.accounts.models import User
from marketplace.errors import Refused
from marketplace.moderation.appeals import Ruling, grant_open_appeals
from marketplace.moderation.facts import Action, queue_facts
from marketplace.moderation.models import QueueItem, State, Verdict
from marketplace.moderation.queries import access_item
from marketplace.moderation.strikes import take_back_strike
from marketplace.transactions import patiently, write

POLICY: Final = "moderation_queue"
CHANGED: Final = "The state of this item no longer allows this."

Write = Callable[[QuerySet[QueueItem], DecisionRecord], int]


def claim_item(*, moderator: User, item_id: int, now: datetime) -> QueueItem:
    """Of several concurrent claims, one succeeds. Idempotent for the owner of the claim. Raises QueueItem.DoesNotExist, Denied
    or Refused."""

    def claim(items: QuerySet[QueueItem], record: DecisionRecord) -> int:
        if items.filter(state=State.CLAIMED, claimed_by=moderator).exists():
            return 1
        others = items.filter(state=State.OPEN).exclude(author=moderator)
        return others.update(state=State.CLAIMED, claimed_by=moderator, claimed_at=now)

    return patiently(lambda: _act("claim", claim, moderator, item_id, now), repeatable=True)


def release_item(*, moderator: User, item_id: int, now: datetime) -> QueueItem:
    """Returns the item to the queue, for anybody to claim. Raises QueueItem.DoesNotExist, Denied or Refused."""

    def release(items: QuerySet[QueueItem], record: DecisionRecord) -> int:
        claimed = items.filter(state=State.CLAIMED).exclude(author=moderator)
        return claimed.update(state=State.OPEN, claimed_by=None, claimed_at=None)

    return patiently(lambda: _act("release", release, moderator, item_id, now))


def resolve_item(
    *, moderator: User, item_id: int, verdict: Verdict, reason: str, now: datetime, because: str = ""
) -> QueueItem:
    """Only by the owner of the claim, and only once. `because` is the code of a reason that the policy lists for this verdict;
    empty if `reason` has only words of the moderator's own. An overturned block is no strike any more, and an open appeal of the
    author is granted, unless there is a blocked text to deliver. Raises QueueItem.DoesNotExist, Denied or Refused."""

    def resolve(items: QuerySet[QueueItem], record: DecisionRecord) -> int:
        claimed = items.filter(state=State.CLAIMED, claimed_by=moderator).first()
        if claimed is None:
            return 0
        if verdict == Verdict.OVERTURN:
            take_back_strike(record_id=claimed.decision_id, now=now)
            if not claimed.blocked:
                grant_open_appeals(claimed, Ruling(moderator, reason, record.pk, now))
        return items.filter(state=State.CLAIMED, claimed_by=moderator).update(
            state=State.RESOLVED,
            verdict=verdict,
            reason=reason,
            resolved_by=moderator,
            resolved_at=now,
            ruling_id=record.pk,
        )

    ruling = {"verdict": str(verdict), "because": because}
    return patiently(lambda: _act("resolve", resolve, moderator, item_id, now, **ruling))


def _act(
    action: Action, change: Write, moderator: User, item_id: int, now: datetime, **ruling: str
) -> QueueItem:
    with write():
        decision, record = _decide(action, moderator, item_id, now, **ruling)
        if decision.permits:
            if change(QueueItem.objects.filter(pk=item_id), record) != 1:
                raise Refused("item-changed", CHANGED)
            return access_item(item_id)
    raise Denied(decision)


def _decide(
    action: Action, moderator: User, item_id: int, now: datetime, **ruling: str
) -> tuple[Decision, DecisionRecord]:
    item = QueueItem.objects.select_for_update(no_key=True).get(pk=item_id)
    facts = queue_facts(action, moderator=moderator, item=item, **ruling)
    subject = Subject(kind="queue_item", id=item.pk, actor_id=moderator.pk)
    return decide_on_record(POLICY, facts, now=now, subject=subject)
